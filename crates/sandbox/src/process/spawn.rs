//! The child: its folders, its environment, its limits.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, setsid};
use tempfile::TempDir;

use crate::check::{check_hidden, check_name, checked_inputs, existing_dir, resolve};
use crate::error::SandboxError;
use crate::job::{Job, Limits};
use crate::variables::variables;

/// The variable by which a run's processes are found again.
pub(super) const MARK: &str = "MLEDOJO_RUN";
/// Files that one run may hold open at once.
const OPEN_FILES: u64 = 4096;

/// The private folders of one run, removed with it.
pub(super) struct Scratch {
    folder: TempDir,
    work_dir: PathBuf,
    mark: String,
}

impl Scratch {
    pub(super) fn new(job: &Job) -> Result<Self, SandboxError> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        check_name(&job.script_name, "script")?;
        let hidden: Vec<PathBuf> = job.hidden.iter().map(|path| resolve(path)).collect();
        let work_dir = existing_dir(&job.work_dir, "the working folder")?;
        check_hidden(&work_dir, &hidden)?;
        let folder = tempfile::Builder::new().prefix("mledojo-run-").tempdir().map_err(|source| SandboxError::Io {
            action: "create a folder in",
            path: std::env::temp_dir(),
            source,
        })?;
        let mark = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let scratch = Self { folder, work_dir, mark };
        for name in ["src", "tmp", "input"] {
            let path = scratch.path(name);
            std::fs::create_dir(&path).map_err(io_error("create", &path))?;
        }
        let script = scratch.script(job);
        std::fs::write(&script, &job.script).map_err(io_error("write", &script))?;
        for (name, host) in checked_inputs(job, &hidden)? {
            let link = scratch.path("input").join(name);
            std::os::unix::fs::symlink(&host, &link).map_err(io_error("create", &link))?;
        }
        Ok(scratch)
    }

    pub(super) fn command(&self, python: &Path, job: &Job) -> Result<Command, SandboxError> {
        let mut command = Command::new(python);
        command
            .arg(self.script(job))
            .args(&job.args)
            .current_dir(&self.work_dir)
            .env_clear()
            .envs(variables(python, job, &self.tmp())?)
            .env("MLEDOJO_INPUT_DIR", self.path("input"))
            .env("MLEDOJO_WORK_DIR", &self.work_dir)
            .env(MARK, &self.mark)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// The value of [`MARK`].
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn work_dir(&self) -> &Path {
        &self.work_dir
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.path("tmp")
    }

    fn script(&self, job: &Job) -> PathBuf {
        self.path("src").join(&job.script_name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Starts the command as the leader of a session of its own, within its limits.
pub(super) fn spawn(mut command: Command, limits: &Limits) -> io::Result<Child> {
    let mut list = vec![
        (Resource::Fsize, limit(Resource::Fsize, limits.file_size, limits.file_size)),
        (Resource::Core, limit(Resource::Core, 0, 0)),
        (Resource::Nofile, limit(Resource::Nofile, OPEN_FILES, OPEN_FILES)),
    ];
    if let Some(cpu) = limits.cpu {
        // Whole seconds, rounded up. SIGXCPU comes at the soft limit, SIGKILL at the hard one.
        let seconds = (cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0)).max(1);
        list.push((Resource::Cpu, limit(Resource::Cpu, seconds, seconds + 1)));
    }
    // SAFETY: the closure makes system calls and nothing else; it neither allocates nor locks.
    unsafe {
        command.pre_exec(move || {
            setsid()?;
            for (resource, limit) in &list {
                setrlimit(*resource, *limit)?;
            }
            Ok(())
        });
    }
    command.spawn()
}

/// A limit can't be raised above this program's own.
fn limit(resource: Resource, soft: u64, hard: u64) -> Rlimit {
    let own = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    Rlimit { current: Some(soft.min(own)), maximum: Some(hard.min(own)) }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::Io { action, path, source }
}
