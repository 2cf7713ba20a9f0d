//! The `container` sandbox: each run is a container of a Docker or Podman engine.
//!
//! [`engine`] is the API, over [`http`]; [`spec`] is what a container is asked to be; [`run`] watches one, whose output
//! [`frames`] takes apart; [`leftovers`] removes what a killed supervisor left.

mod engine;
mod frames;
mod http;
mod leftovers;
mod run;
mod spec;

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use serde::Deserialize;
use tempfile::TempDir;

use self::engine::{Engine, text};
use self::run::{Ended, Stop};
use self::spec::{Bind, Spec, User, input_target};
use crate::access;
use crate::check::{check_hidden, check_name, check_no_grants, checked_inputs, existing_dir, resolve};
use crate::ending::{self, Clues};
use crate::error::SandboxError;
use crate::host_paths::{HostPath, host_paths};
use crate::job::{Capture, Job, Limits};
use crate::network::{Network, NetworkLog};
use crate::report::{Outcome, Report};
use crate::sandbox::{Cancel, OwnPython, Sandbox};
use crate::variables::variables;

/// Runs each job in a new container: a read-only root, no network, no capabilities, no new privileges, an ordinary
/// user, and nothing of the host but the inputs, the script and the working folder.
///
/// The image is the user's, and brings its own Python: the interpreter of this host plays no part. The engine must
/// see this host's files by the same paths. Memory, processes and CPUs are limited by the engine's control groups.
///
/// What is weaker than with the other reports: CPU time, memory and the number of processes are looked at once a
/// second, so what comes between two looks is not seen; a code's exit codes 129 to 159 are taken for signals, as they
/// are what the container's init makes of signals.
#[derive(Debug)]
pub struct ContainerSandbox {
    engine: Engine,
    /// The image's digest.
    image: String,
    user: User,
    python: OwnPython,
    /// For each list of masked paths, what must be covered in the image.
    covers: Mutex<HashMap<Vec<String>, Vec<Cover>>>,
}

/// A path of the image that the code must find empty.
#[derive(Debug, Clone, Deserialize)]
struct Cover(String, bool);

/// What the probe says of an image.
#[derive(Deserialize)]
struct Probed {
    executable: PathBuf,
    versions: BTreeMap<String, String>,
    covers: Vec<Cover>,
}

/// One line for people on the engine that would be used, and on the image if one is named.
pub(crate) fn describe(image: Option<&str>) -> Result<String, SandboxError> {
    let engine = Engine::connect(None)?;
    let mut text = engine.describe()?;
    match image {
        Some(image) => text.push_str(&format!("; image `{image}` is {}", engine.image(image)?)),
        None => text.push_str("; no image is chosen"),
    }
    Ok(text)
}

const PROBE: &str = include_str!("probe.py");

impl ContainerSandbox {
    /// Finds the engine and the image, removes containers that killed supervisors left, and asks the image's Python
    /// once what it has.
    ///
    /// `engine` is `unix:///path` or `tcp://host:port`; `None`: `DOCKER_HOST`, or else the usual sockets of Docker and
    /// Podman.
    ///
    /// # Errors
    /// No engine, no such image, or one without a Python that starts.
    pub fn connect(image: &str, engine: Option<&str>) -> Result<Self, SandboxError> {
        let engine = Engine::connect(engine)?;
        leftovers::remove(&engine)?;
        let kind = engine.kind()?;
        let image_id = engine.image(image)?;
        let user = User::new(kind, rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        // Found by the image's PATH until it says where it is.
        let python = OwnPython { executable: "python3".into(), versions: BTreeMap::new() };
        let mut sandbox = Self { engine, image: image_id, user, python, covers: Mutex::default() };
        let probed = sandbox.probe(&[])?;
        sandbox.python = OwnPython { executable: probed.executable, versions: probed.versions };
        Ok(sandbox)
    }

    /// Asks the image's Python what it has, and which of these paths below its packages there are.
    fn probe(&self, masked: &[String]) -> Result<Probed, SandboxError> {
        let work = TempDir::new().map_err(io_error("create a folder in", &std::env::temp_dir()))?;
        let limits = Limits {
            wall: Duration::from_secs(120),
            capture: Capture { head: 8 << 20, tail: 8 << 10 },
            ..Limits::default()
        };
        let job = Job {
            script: PROBE.into(),
            script_name: "probe.py".into(),
            args: masked.to_vec(),
            work_dir: work.path().to_owned(),
            inputs: Vec::new(),
            host_paths: false,
            masked: Vec::new(),
            hidden: Vec::new(),
            env: Vec::new(),
            network: Network::None,
            limits,
        };
        let report = self.run_covered(&job, &[], &Cancel::default())?;
        let probed = report.outcome.is_ok().then(|| serde_json::from_slice(&report.stdout.head).ok()).flatten();
        probed.ok_or_else(|| SandboxError::Runtime {
            reason: format!(
                "the image `{}` has no Python that starts: {:?}\n{}",
                self.image,
                report.outcome,
                report.stderr.text_within(2000)
            ),
            hint: "the image needs `python3` (3.11 or newer) on its PATH; see the project's `docker/Dockerfile`".into(),
        })
    }

    fn covers(&self, masked: &[String]) -> Result<Vec<Cover>, SandboxError> {
        if masked.is_empty() {
            return Ok(Vec::new());
        }
        for name in masked {
            let mut parts = Path::new(name).components();
            if name.is_empty() || !parts.all(|part| matches!(part, Component::Normal(_))) {
                return Err(SandboxError::InvalidJob(format!(
                    "masked path `{name}`: expected a path below `site-packages`, without `..`"
                )));
            }
        }
        let known =
            |covers: &Mutex<HashMap<_, _>>| covers.lock().unwrap_or_else(PoisonError::into_inner).get(masked).cloned();
        if let Some(covers) = known(&self.covers) {
            return Ok(covers);
        }
        let covers = self.probe(masked)?.covers;
        self.covers.lock().unwrap_or_else(PoisonError::into_inner).insert(masked.to_vec(), covers.clone());
        Ok(covers)
    }

    fn run_covered(&self, job: &Job, covers: &[Cover], cancel: &Cancel) -> Result<Report, SandboxError> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        check_name(&job.script_name, "script")?;
        let hidden: Vec<PathBuf> = job.hidden.iter().map(|path| resolve(path)).collect();
        let work_dir = existing_dir(&job.work_dir, "the working folder")?;
        check_hidden(&work_dir, &hidden)?;
        let scratch = Scratch::new(&work_dir, job)?;
        let mut binds = Vec::new();
        let inputs = checked_inputs(job, &hidden)?;
        for HostPath { path, host, writable, .. } in host_paths(job, &work_dir, &inputs)? {
            binds.push(Bind { host, target: text(&path)?.to_owned(), writable });
        }
        for (name, host) in inputs {
            if self.user.owner.is_some() {
                access::check_readable(&host)?;
            }
            binds.push(Bind { host, target: input_target(name), writable: false });
        }
        for Cover(path, is_dir) in covers {
            let host = if *is_dir { scratch.empty_dir() } else { scratch.empty_file() };
            binds.push(Bind { host, target: path.clone(), writable: false });
        }
        if let Some(owner) = self.user.owner {
            access::give_to(&work_dir, owner)?;
        }
        let spec = Spec {
            image: &self.image,
            python: &self.python.executable,
            script_name: &job.script_name,
            args: &job.args,
            variables: &variables(&self.python.executable, job, Path::new("/tmp"))?,
            user: &self.user,
            source: &scratch.source(),
            work_dir: &work_dir,
            binds: &binds,
            limits: &job.limits,
            labels: &leftovers::labels(job.limits.wall),
        };
        let name = format!("mledojo-{}-{}", scratch.unique(), RUNS.fetch_add(1, Ordering::Relaxed));
        let ended = run::run(&self.engine, &name, &spec.to_json()?, &job.limits, cancel)?;
        Ok(report(job, work_dir, ended))
    }
}

impl Sandbox for ContainerSandbox {
    fn name(&self) -> &'static str {
        "container"
    }

    fn image(&self) -> Option<&str> {
        Some(&self.image)
    }

    fn own_python(&self) -> Option<&OwnPython> {
        Some(&self.python)
    }

    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        check_no_grants(job, self.name())?;
        self.run_covered(job, &self.covers(&job.masked)?, cancel)
    }
}

fn report(job: &Job, work_dir: PathBuf, ended: Ended) -> Report {
    let outcome = match (&ended.not_started, ended.stop, ended.end) {
        (Some(reason), ..) => Outcome::StartFailure { message: format!("start the container: {reason}") },
        _ if ended.out_of_memory => Outcome::Memory,
        (_, Some(Stop::Output), _) => Outcome::Output,
        (_, Some(Stop::Cancelled), _) => Outcome::Cancelled,
        (_, Some(Stop::Timeout), _) | (_, None, None) => Outcome::Timeout,
        (_, None, Some(end)) => {
            // The container's init is a task too.
            let out_of_processes = ended.used.tasks > u64::from(job.limits.processes.max(1));
            let clues = Clues { cpu: ended.used.cpu, out_of_processes, folders: [work_dir], began: ended.began };
            ending::outcome(end, &job.limits, clues)
        }
    };
    Report {
        outcome,
        stdout: ended.stdout,
        stderr: ended.stderr,
        wall: ended.wall,
        cpu: ended.used.cpu,
        system_cpu: ended.used.system_cpu,
        peak_memory: (ended.used.memory > 0).then_some(ended.used.memory),
        disk: None,
        network: NetworkLog::default(),
        gpu: None,
        warm: false,
    }
}

/// The files that a run shows to its container, beside the working folder: what the engine sees of one it surely sees
/// of the other.
struct Scratch(TempDir);

impl Scratch {
    fn new(work_dir: &Path, job: &Job) -> Result<Self, SandboxError> {
        let parent = work_dir.parent().unwrap_or(work_dir);
        let folder = tempfile::Builder::new().prefix(".mledojo-run-").tempdir_in(parent);
        let scratch = Self(folder.map_err(io_error("create a folder in", parent))?);
        for folder in [scratch.source(), scratch.empty_dir()] {
            fs::create_dir(&folder).and_then(|()| open_to_all(&folder, 0o755)).map_err(io_error("create", &folder))?;
        }
        for (file, bytes) in
            [(scratch.source().join(&job.script_name), job.script.as_slice()), (scratch.empty_file(), &[])]
        {
            fs::write(&file, bytes).and_then(|()| open_to_all(&file, 0o644)).map_err(io_error("write", &file))?;
        }
        Ok(scratch)
    }

    fn source(&self) -> PathBuf {
        self.0.path().join("src")
    }

    fn empty_dir(&self) -> PathBuf {
        self.0.path().join("empty")
    }

    fn empty_file(&self) -> PathBuf {
        self.0.path().join("empty-file")
    }

    /// A text that no other run of this host has.
    fn unique(&self) -> String {
        let name = self.0.path().file_name().unwrap_or_default().to_string_lossy();
        format!("{}-{}", std::process::id(), name.trim_start_matches(".mledojo-run-"))
    }
}

/// Whatever the umask: the code is another user.
fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::Io { action, path, source }
}
