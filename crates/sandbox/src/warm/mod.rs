//! Warm interpreters: a run is a fork of a Python that has its packages imported, in a jail made ahead.
//!
//! [`zygote`] is that Python, seen from outside; `zygote.py` is the script in it. [`stock`] keeps such interpreters, and
//! jails that their forks have entered. The jail is the one of [`NamespaceSandbox`], built by the same code; only who
//! starts the script in it differs.

mod preload;
mod stock;
mod zygote;

use std::sync::Arc;

pub use self::preload::Preload;
use self::stock::{Key, Plan, Shared, Variables};
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::job::Job;
use crate::namespace::{LARGEST_SCRIPT, NamespaceSandbox};
use crate::network::Network;
use crate::report::{Outcome, Report};
use crate::sandbox::{Cancel, Sandbox};

/// The `namespace` sandbox with warm interpreters.
///
/// The first job starts an interpreter, imports what is to be preloaded, and waits for that; each job then runs in a
/// fork of it, in a jail of its own, and such jails are kept ready for the next jobs. Scripts that import no packages
/// run in forks of a second interpreter, which has none imported and so costs less. A job that no warm interpreter fits
/// (see [`cold_reason`](Self::cold_reason)), or whose interpreter can't be started, runs in a new one, and its report
/// says so by `warm`.
///
/// Packages are imported outside of any jail, by the supervisor's user: an interpreter must be one that is trusted.
pub struct WarmSandbox {
    shared: Arc<Shared>,
    /// Whether jobs run in new interpreters while a warm one is still starting.
    in_background: bool,
}

/// Forks of one interpreter before a new one takes its place.
const FORKS: u64 = 10_000;
/// Jails kept ready, where the host has that many cores.
const MOST_SPARES: usize = 8;
/// Jails that a job may find dead before it gets a new interpreter.
const ATTEMPTS: usize = 2;
/// Variables that begin so are read by scripts alone.
const SCRIPTS_OWN: &str = "MLEDOJO_";

impl WarmSandbox {
    /// Prepares to run this interpreter. It is started by the first job.
    ///
    /// # Errors
    /// Those of [`NamespaceSandbox::new`].
    pub fn new(interpreter: Interpreter, preload: Preload) -> Result<Self, SandboxError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let plan = Plan { spares: cores.min(MOST_SPARES), forks: FORKS };
        let cold = NamespaceSandbox::new(interpreter.clone())?;
        let executable = cold.sealed_executable()?;
        let shared = Arc::new(Shared::new(cold, interpreter, preload, executable, plan));
        Ok(Self { shared, in_background: false })
    }

    /// Lets no job wait for the imports: until they are done, jobs run in new interpreters.
    #[must_use]
    pub fn in_background(mut self) -> Self {
        self.in_background = true;
        self
    }

    /// Sets how many jails are kept ready for each interpreter (by default one for each core, up to eight), and after
    /// how many forks an interpreter is replaced (10,000). Without spares each job waits until its jail is made.
    #[must_use]
    pub fn keeping(mut self, spares: usize, forks: u64) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.plan = Plan { spares, forks: forks.max(1) };
        }
        self
    }

    /// As whom the code runs, and what limits memory and processes.
    #[must_use]
    pub fn describe(&self) -> String {
        self.shared.cold.describe()
    }

    /// Why the last job that ran in a new interpreter did so; `None` when none has.
    #[must_use]
    pub fn cold_reason(&self) -> Option<String> {
        self.shared.cold_reason()
    }

    /// What was not preloaded, and why: `module: reason`.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        self.shared.notes()
    }

    /// The process numbers of the interpreters that wait for jobs.
    #[must_use]
    pub fn interpreters(&self) -> Vec<u32> {
        self.shared.interpreters()
    }

    /// The process numbers of the first processes of the jails that wait for jobs. The fork that will run the job is
    /// the child of such a process.
    #[must_use]
    pub fn jails(&self) -> Vec<u32> {
        self.shared.jails()
    }

    /// Starts the interpreter that this job needs, so that the job won't wait for it.
    ///
    /// # Errors
    /// Why the job will run in a new one.
    pub fn prepare(&self, job: &Job) -> Result<(), String> {
        self.shared.zygote(&self.key(job)?, false).map(drop)
    }

    /// Which interpreter a job needs.
    ///
    /// # Errors
    /// Why none fits.
    fn key(&self, job: &Job) -> Result<Key, String> {
        if !self.shared.is_owner() {
            return Err("this process is a fork of the one that made the sandbox".into());
        }
        let mut variables: Variables = self.shared.cold.variables(job).map_err(|error| error.to_string())?;
        variables.retain(|name, _| !name.starts_with(SCRIPTS_OWN));
        if let Some(name) = variables.keys().find(|name| decides_start(name)) {
            return Err(format!("the job sets `{name}`, by which Python itself starts differently"));
        }
        if let Some(masked) = job.masked.iter().find(|masked| self.masks_code(masked)) {
            return Err(format!("the job masks `{masked}`, which holds code that may be imported already"));
        }
        if job.network != Network::None {
            return Err("the job may use the network, through a proxy that its jail is made for".into());
        }
        if !job.limits.gpus.is_empty() {
            return Err("the job uses GPUs, which its jail is made for".into());
        }
        if job.script.len() > LARGEST_SCRIPT {
            return Err(format!("the script is larger than {LARGEST_SCRIPT} bytes"));
        }
        Ok((self.shared.preload.level(&job.script), variables))
    }

    /// Whether a masked path is, or may hold, a module.
    fn masks_code(&self, masked: &str) -> bool {
        let Some(packages) = &self.shared.interpreter.site_packages else { return false };
        let path = packages.join(masked);
        let is_code = |path: &std::path::Path| {
            path.extension().is_some_and(|extension| extension == "py" || extension == "so" || extension == "pyc")
        };
        // Tests are packages too, but none that a library imports.
        let is_test = std::path::Path::new(masked).iter().any(|part| part == "tests");
        is_code(&path) || (!is_test && path.join("__init__.py").exists())
    }

    fn run_cold(&self, job: &Job, cancel: &Cancel, reason: String) -> Result<Report, SandboxError> {
        self.shared.set_cold_reason(reason);
        self.shared.cold.run(job, cancel)
    }
}

impl std::fmt::Debug for WarmSandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WarmSandbox").field("preload", &self.shared.preload).finish_non_exhaustive()
    }
}

impl Drop for WarmSandbox {
    fn drop(&mut self) {
        if self.shared.is_owner() { self.shared.end() } else { self.shared.forget() }
    }
}

/// Variables that Python or the dynamic linker obeys before any script runs.
fn decides_start(name: &str) -> bool {
    const HARMLESS: [&str; 2] = ["PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"];
    (name.starts_with("PYTHON") && !HARMLESS.contains(&name)) || name.starts_with("LD_") || name == "GLIBC_TUNABLES"
}

impl Sandbox for WarmSandbox {
    fn name(&self) -> &'static str {
        "warm"
    }

    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            match self.key(job).and_then(|key| self.shared.blank(&key, self.in_background)) {
                Ok(Some(blank)) => {
                    let report = self.shared.cold.run_in(blank, job, cancel)?;
                    match report.outcome {
                        // The script has not been started, so nothing is done twice.
                        Outcome::StartFailure { message } => reason = message,
                        _ => return Ok(report),
                    }
                }
                Ok(None) => {
                    return self.run_cold(job, cancel, "the warm interpreter is still importing its packages".into());
                }
                Err(message) => return self.run_cold(job, cancel, message),
            }
        }
        self.run_cold(job, cancel, reason)
    }
}
