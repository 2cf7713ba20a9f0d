//! Which parts of the host the code sees, and what is made for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::mounts::{Builder, DEVICE, EMPTY, PRIVATE, READ_ONLY, Step, StepView, View, c};
use super::order;
use super::raw::{NODEV, NOEXEC, NOSUID};
use crate::check::{check_hidden, check_name, checked_inputs, existing_dir, resolve};
use crate::error::SandboxError;
use crate::host_paths::{HostPath, host_paths};
use crate::interpreter::Interpreter;
use crate::job::{INPUT_DIR, Job, SOURCE_DIR, WORK_DIR};

/// What every jail of one interpreter has.
#[derive(Debug)]
pub(super) struct Skeleton {
    pub(super) steps: Vec<Step>,
    /// The same, for processes that must not allocate.
    pub(super) encoded: Vec<u8>,
    /// Prefixes of the interpreter below `/tmp` or `/dev/shm`, shown on top of the private ones.
    over_private: Vec<Step>,
    views: Vec<View>,
    /// All `site-packages` and `dist-packages` that can be seen: a mask holds in each.
    package_roots: Vec<PathBuf>,
    /// What masks came to, and when.
    masks: Mutex<BTreeMap<Vec<String>, Found>>,
}

/// When masked files were looked up, and what covers them.
type Found = (Instant, Vec<Step>);

/// How long what is found of masked files holds: to look them all up takes as long as the rest of a job's order.
const MASKS_HOLD: Duration = Duration::from_secs(1);

const ETC: [&str; 10] = [
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "timezone",
    "ssl/certs",
    "fonts",
    "mime.types",
    "alternatives",
    "OpenCL",
];
/// Of `/sys` only the processors: numeric libraries and joblib ask how many cores and how much cache there are.
const PROCESSORS: &str = "/sys/devices/system/cpu";
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

impl Skeleton {
    pub(super) fn new(interpreter: &Interpreter) -> Result<Self, SandboxError> {
        let mut builder = Builder::default();
        builder.bind(Path::new("/usr"), "/usr", READ_ONLY)?;
        for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            let path = Path::new("/").join(name);
            match fs::read_link(&path) {
                Ok(target) => builder.link(&target, &path)?,
                Err(_) if path.is_dir() => builder.bind(&path, &path, READ_ONLY)?,
                Err(_) => {}
            }
        }
        etc(&mut builder)?;
        devices(&mut builder)?;
        let processors = Path::new(PROCESSORS);
        if processors.is_dir() {
            builder.bind(processors, processors, READ_ONLY | NOEXEC)?;
        }
        builder.dir("/proc");
        builder.steps.push(Step::Proc);
        for dir in [WORK_DIR, INPUT_DIR, SOURCE_DIR] {
            builder.dir(dir);
        }
        builder.dir("/tmp");
        let before_private_tmp = builder.steps.len();
        prefixes(&mut builder, interpreter)?;
        let prefixes = builder.steps.split_off(before_private_tmp);
        let package_roots = package_roots(interpreter, &builder.views);
        let (steps, views, masks) = (builder.steps, builder.views, Mutex::default());
        let (over_private, encoded) = (Vec::new(), Vec::new());
        let mut skeleton = Self { steps, encoded, over_private, views, package_roots, masks };
        let private =
            |step: &Step| ["/tmp", "/dev/shm"].iter().any(|folder| Path::new(step.path()).starts_with(folder));
        let (over_private, plain) = prefixes.into_iter().partition(private);
        skeleton.steps.extend::<Vec<_>>(plain);
        skeleton.over_private = over_private;
        skeleton.encoded = order::encode(&skeleton.steps);
        Ok(skeleton)
    }

    /// What one job adds; `devices` are the steps for devices that it is given.
    pub(super) fn for_job(&self, job: &Job, devices: Vec<Step>) -> Result<Vec<Step>, SandboxError> {
        let hidden: Vec<PathBuf> = job.hidden.iter().map(|path| resolve(path)).collect();
        for view in &self.views {
            check_hidden(&view.host, &hidden)?;
        }
        let mut builder = Builder::default();
        let size = job.limits.tmp_size;
        let options = c(format!("size={size},nr_inodes={},mode=1777", (size / 4096).clamp(1024, 1 << 20)))?;
        for target in ["/tmp", "/dev/shm"] {
            builder.steps.push(Step::Tmpfs { target: c(target)?, options: options.clone(), attributes: PRIVATE });
        }
        builder.steps.extend_from_slice(&self.over_private);
        let work = existing_dir(&job.work_dir, "the working folder")?;
        check_hidden(&work, &hidden)?;
        builder.bind_exactly(&work, WORK_DIR, NOSUID | NODEV)?;
        let inputs = checked_inputs(job, &hidden)?;
        for (name, host) in &inputs {
            let target = Path::new(INPUT_DIR).join(name);
            builder.dir(&target);
            builder.bind_exactly(host, &target, READ_ONLY)?;
            builder.own_inodes(host, &target)?;
        }
        for HostPath { path, leads_to, .. } in host_paths(job, &work, &inputs)? {
            self.check_free(&path)?;
            builder.link(&leads_to, &path)?;
        }
        check_name(&job.script_name, "script")?;
        let script = Path::new(SOURCE_DIR).join(&job.script_name);
        builder.steps.push(Step::File { path: c(script)?, bytes: job.script.clone() });
        builder.steps.extend(self.mask(&job.masked)?);
        builder.steps.extend(devices);
        builder.steps.push(Step::Seal { path: c("/dev")?, attributes: DEVICE });
        Ok(builder.steps)
    }

    /// Refuses a path at which every jail has something already.
    fn check_free(&self, path: &Path) -> Result<(), SandboxError> {
        let own = [WORK_DIR, INPUT_DIR, SOURCE_DIR, "/tmp", "/dev/shm", "/proc", "/dev", "/etc"].map(Path::new);
        let shown = self.views.iter().map(|view| view.shown.as_path());
        let below = shown.clone().chain(["/proc", "/sys"].map(Path::new)).find(|shown| path.starts_with(shown));
        match below.or_else(|| shown.chain(own).find(|shown| shown.starts_with(path))) {
            Some(shown) => Err(SandboxError::InvalidJob(format!(
                "code cannot be shown `{}` at this path, as every sandbox has its own `{}`; use another folder",
                path.display(),
                shown.display()
            ))),
            None => Ok(()),
        }
    }

    fn mask(&self, masked: &[String]) -> Result<Vec<Step>, SandboxError> {
        if masked.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (found, _)| found.elapsed() < MASKS_HOLD);
        if let Some((_, steps)) = known.get(masked) {
            return Ok(steps.clone());
        }
        let steps = self.find_masked(masked)?;
        known.insert(masked.to_vec(), (Instant::now(), steps.clone()));
        Ok(steps)
    }

    fn find_masked(&self, masked: &[String]) -> Result<Vec<Step>, SandboxError> {
        let mut steps = vec![Step::File { path: EMPTY.into(), bytes: Vec::new() }];
        let mut empty_folder: Option<PathBuf> = None;
        let mut covered = BTreeSet::new();
        for name in masked {
            let relative = Path::new(name);
            let plain = !name.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
            if !plain {
                return Err(SandboxError::InvalidJob(format!(
                    "masked path `{name}`: expected a path below `site-packages`, without `..`"
                )));
            }
            for root in &self.package_roots {
                // Links are resolved, as a mount covers what the link leads to.
                let Ok(path) = fs::canonicalize(root.join(relative)) else { continue };
                if !covered.insert(path.clone()) {
                    continue;
                }
                for view in &self.views {
                    let Ok(rest) = path.strip_prefix(&view.host) else { continue };
                    let target = view.shown.join(rest);
                    match &empty_folder {
                        _ if !path.is_dir() => steps.extend(cover(&target, false)?),
                        // The kernel makes a file system for the first folder alone.
                        Some(source) => steps.push(bind(source, &target)?),
                        None => {
                            steps.extend(cover(&target, true)?);
                            empty_folder = Some(target);
                        }
                    }
                }
            }
        }
        Ok(steps)
    }

    /// What completes a jail without a job, in which the interpreter can be found.
    pub(super) fn over_private(&self) -> impl Iterator<Item = StepView<'_>> {
        self.over_private.iter().map(Step::view)
    }

    /// Whether the code can see this path of the host.
    pub(super) fn shows(&self, path: &Path) -> bool {
        self.views.iter().any(|view| path.starts_with(&view.host))
    }
}

/// Puts an empty folder or an empty file over a path of the jail.
pub(super) fn cover(path: &Path, is_dir: bool) -> Result<Vec<Step>, SandboxError> {
    let target = c(path)?;
    if is_dir {
        let options = c("size=4k,nr_inodes=2,mode=555")?;
        let empty = Step::Tmpfs { target: target.clone(), options, attributes: PRIVATE };
        return Ok(vec![empty, Step::Seal { path: target, attributes: READ_ONLY }]);
    }
    Ok(vec![bind(Path::new(OsStr::from_bytes(EMPTY.to_bytes())), path)?])
}

/// Shows one path of the jail, read-only, at another.
fn bind(source: &Path, target: &Path) -> Result<Step, SandboxError> {
    Ok(Step::Bind { source: c(source)?, target: c(target)?, attributes: READ_ONLY, same: None })
}

fn etc(builder: &mut Builder) -> Result<(), SandboxError> {
    builder.dir("/etc");
    for name in ETC {
        let path = Path::new("/etc").join(name);
        match fs::read_link(&path) {
            // A link into what is shown anyway stays a link.
            Ok(target) if target.starts_with("/usr") => builder.link(&target, &path)?,
            Ok(_) => {}
            Err(_) if path.exists() => builder.bind(&path, &path, READ_ONLY)?,
            Err(_) => {}
        }
    }
    builder.file(
        "/etc/passwd",
        b"root:x:0:0:root:/:/bin/sh\nagent:x:1000:1000:agent:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    )?;
    builder.file("/etc/group", b"root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n")?;
    builder.file("/etc/hosts", b"127.0.0.1 localhost\n::1 localhost\n127.0.0.1 sandbox\n")?;
    builder.file("/etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files\n")
}

fn devices(builder: &mut Builder) -> Result<(), SandboxError> {
    builder.dir("/dev");
    let options = c("size=64k,nr_inodes=64,mode=755")?;
    builder.steps.push(Step::Tmpfs { target: c("/dev")?, options, attributes: NOSUID });
    for name in DEVICES {
        builder.device(&Path::new("/dev").join(name))?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        builder.link(Path::new(target), &Path::new("/dev").join(name))?;
    }
    builder.dir("/dev/shm");
    Ok(())
}

fn prefixes(builder: &mut Builder, interpreter: &Interpreter) -> Result<(), SandboxError> {
    let mut prefixes = BTreeSet::new();
    for path in &interpreter.read_only {
        let resolved = fs::canonicalize(path).map_err(|source| SandboxError::Io {
            action: "resolve the interpreter's folder",
            path: path.clone(),
            source,
        })?;
        for path in [path, &resolved] {
            check_prefix(path)?;
            prefixes.insert(path.clone());
        }
    }
    // In this order a folder comes before what it holds.
    for path in prefixes {
        if !builder.views.iter().any(|view| path.starts_with(&view.shown)) {
            builder.bind(&path, &path, READ_ONLY)?;
        }
    }
    Ok(())
}

/// A prefix must be the interpreter's own, not a folder that holds the host's other business.
fn check_prefix(path: &Path) -> Result<(), SandboxError> {
    let too_wide = ["/proc", "/dev", "/tmp", "/etc", "/home", "/root", "/var", "/run", "/sys", WORK_DIR, "/mnt"];
    let plain = path.is_absolute() && path.components().skip(1).all(|part| matches!(part, Component::Normal(_)));
    if !plain || too_wide.iter().any(|wide| Path::new(wide).starts_with(path)) {
        return Err(SandboxError::Runtime {
            reason: format!(
                "the interpreter's folder `{}` cannot be shown to code: expected the absolute path of a folder of its own",
                path.display()
            ),
            hint: "use a Python that is installed under a folder of its own, such as a virtual environment".into(),
        });
    }
    Ok(())
}

fn package_roots(interpreter: &Interpreter, views: &[View]) -> Vec<PathBuf> {
    let mut roots: BTreeSet<PathBuf> = interpreter.site_packages.iter().cloned().collect();
    let prefixes =
        views.iter().map(|view| view.host.clone()).chain([PathBuf::from("/usr/local"), PathBuf::from("/usr")]);
    for prefix in prefixes {
        for lib in ["lib", "lib64"] {
            let Ok(entries) = fs::read_dir(prefix.join(lib)) else { continue };
            let pythons = entries.flatten().filter(|entry| entry.file_name().as_bytes().starts_with(b"python"));
            for python in pythons {
                roots.extend(["site-packages", "dist-packages"].map(|name| python.path().join(name)));
            }
        }
    }
    roots.into_iter().filter(|root| root.is_dir()).collect()
}
