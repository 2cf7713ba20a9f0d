//! Warm interpreters: a run is a fork of a Python that has its packages imported.
//!
//! [`zygote`] is that Python, seen from outside; `zygote.py` is the script in it. The jail is the one of
//! [`NamespaceSandbox`], built by the same code; only who starts the script in it differs.

mod packet;
mod zygote;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::zygote::Zygote;
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::job::Job;
use crate::namespace::{NamespaceSandbox, SealedExecutable};
use crate::report::{Outcome, Report};
use crate::sandbox::{Cancel, Sandbox};

/// What a warm interpreter has imported before it gets any code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preload {
    /// Names of modules, as after `import`. One that isn't there, or leaves threads behind, is passed over.
    pub modules: Vec<String>,
}

impl Default for Preload {
    /// What nearly every script of this field imports.
    fn default() -> Self {
        let modules = [
            "numpy",
            "pandas",
            "scipy.stats",
            "scipy.sparse",
            "scipy.optimize",
            "scipy.signal",
            "scipy.interpolate",
            "sklearn.cluster",
            "sklearn.compose",
            "sklearn.decomposition",
            "sklearn.ensemble",
            "sklearn.feature_extraction.text",
            "sklearn.feature_selection",
            "sklearn.gaussian_process",
            "sklearn.impute",
            "sklearn.inspection",
            "sklearn.kernel_ridge",
            "sklearn.linear_model",
            "sklearn.metrics",
            "sklearn.model_selection",
            "sklearn.naive_bayes",
            "sklearn.neighbors",
            "sklearn.neural_network",
            "sklearn.pipeline",
            "sklearn.preprocessing",
            "sklearn.svm",
            "sklearn.tree",
            "lightgbm",
            "statsmodels.api",
            "PIL.Image",
        ];
        Self { modules: modules.map(str::to_owned).into() }
    }
}

impl Preload {
    /// Nothing but Python itself.
    #[must_use]
    pub fn none() -> Self {
        Self { modules: Vec::new() }
    }
}

/// The `namespace` sandbox with warm interpreters.
///
/// The first job starts an interpreter, imports what is to be preloaded, and waits for that; each job then runs in a
/// fork of it, in a jail of its own. A job that no warm interpreter fits (see [`cold_reason`](Self::cold_reason)), or
/// whose interpreter can't be started, runs in a new one, and its report says so by `warm`.
///
/// Packages are imported outside of any jail, by the supervisor's user: an interpreter must be one that is trusted.
#[derive(Debug)]
pub struct WarmSandbox {
    cold: NamespaceSandbox,
    /// Whether jobs run in new interpreters while a warm one is still starting.
    in_background: bool,
    shared: Arc<Shared>,
}

/// What a thread needs that starts an interpreter.
#[derive(Debug)]
struct Shared {
    interpreter: Interpreter,
    preload: Preload,
    executable: SealedExecutable,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// An interpreter is being started in the background.
    starting: bool,
    zygotes: Vec<(Key, Arc<Zygote>)>,
    notes: Vec<String>,
    /// Why none could be started; not tried again.
    broken: Option<String>,
    cold_reason: Option<String>,
}

/// Variables by which interpreters differ from their start on.
type Key = BTreeMap<String, String>;

/// Interpreters kept at once, as jobs ask for different variables.
const KEPT: usize = 2;
/// Forks of one interpreter before a new one takes its place.
const FORKS: u64 = 10_000;
/// Variables that begin so are read by scripts alone.
const SCRIPTS_OWN: &str = "MLEDOJO_";

impl WarmSandbox {
    /// Prepares to run this interpreter. It is started by the first job.
    ///
    /// # Errors
    /// Those of [`NamespaceSandbox::new`].
    pub fn new(interpreter: Interpreter, preload: Preload) -> Result<Self, SandboxError> {
        let cold = NamespaceSandbox::new(interpreter.clone())?;
        let executable = cold.sealed_executable()?;
        let shared = Shared { interpreter, preload, executable, state: Mutex::default() };
        Ok(Self { cold, in_background: false, shared: Arc::new(shared) })
    }

    /// Lets no job wait for the imports: until they are done, jobs run in new interpreters.
    #[must_use]
    pub fn in_background(mut self) -> Self {
        self.in_background = true;
        self
    }

    /// As whom the code runs, and what limits memory and processes.
    #[must_use]
    pub fn describe(&self) -> String {
        self.cold.describe()
    }

    /// Why the last job that ran in a new interpreter did so; `None` when none has.
    #[must_use]
    pub fn cold_reason(&self) -> Option<String> {
        self.state().cold_reason.clone()
    }

    /// What was not preloaded, and why: `module: reason`.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        self.state().notes.clone()
    }

    /// The process numbers of the interpreters that wait for jobs.
    #[must_use]
    pub fn interpreters(&self) -> Vec<u32> {
        self.state().zygotes.iter().filter(|(_, zygote)| zygote.is_alive()).map(|(_, zygote)| zygote.pid()).collect()
    }

    /// Starts the interpreter that this job needs, so that the job won't wait for it.
    ///
    /// # Errors
    /// Why the job will run in a new one.
    pub fn prepare(&self, job: &Job) -> Result<(), String> {
        self.zygote(job, false).map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// The interpreter for a job, started if there is none.
    fn zygote(&self, job: &Job, in_background: bool) -> Result<Arc<Zygote>, String> {
        let mut variables = self.cold.variables(job).map_err(|error| error.to_string())?;
        variables.retain(|name, _| !name.starts_with(SCRIPTS_OWN));
        if let Some(name) = variables.keys().find(|name| decides_start(name)) {
            return Err(format!("the job sets `{name}`, by which Python itself starts differently"));
        }
        if let Some(masked) = job.masked.iter().find(|masked| self.masks_code(masked)) {
            return Err(format!("the job masks `{masked}`, which holds code that may be imported already"));
        }
        let mut state = self.state();
        state.zygotes.retain(|(_, zygote)| zygote.is_alive() && zygote.forks() < FORKS);
        if let Some((_, zygote)) = state.zygotes.iter().find(|(key, _)| *key == variables) {
            return Ok(Arc::clone(zygote));
        }
        if let Some(reason) = &state.broken {
            return Err(reason.clone());
        }
        if state.zygotes.len() >= KEPT {
            return Err("the job's variables differ from those of the interpreters that are kept".into());
        }
        if !in_background {
            // Under the lock: whoever comes meanwhile needs the same interpreter.
            return self.shared.start(&mut state, variables);
        }
        if !state.starting {
            let shared = Arc::clone(&self.shared);
            let starter = std::thread::Builder::new().name("warm start".into()).spawn(move || {
                let started = shared.launch(&variables);
                let mut state = shared.state();
                state.starting = false;
                let _ = Shared::keep(&mut state, variables, started);
            });
            state.starting = starter.is_ok();
        }
        Err("the warm interpreter is still importing its packages".into())
    }

    /// Whether a masked path is, or may hold, a module.
    fn masks_code(&self, masked: &str) -> bool {
        let Some(packages) = &self.cold.interpreter().site_packages else { return false };
        let path = packages.join(masked);
        let is_code = |path: &std::path::Path| {
            path.extension().is_some_and(|extension| extension == "py" || extension == "so" || extension == "pyc")
        };
        // Tests are packages too, but none that a library imports.
        let is_test = std::path::Path::new(masked).iter().any(|part| part == "tests");
        is_code(&path) || (!is_test && path.join("__init__.py").exists())
    }

    fn run_cold(&self, job: &Job, cancel: &Cancel, reason: String) -> Result<Report, SandboxError> {
        self.state().cold_reason = Some(reason);
        self.cold.run(job, cancel)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn launch(&self, variables: &Key) -> Started {
        zygote::start(&self.executable, &self.interpreter, variables, &self.preload)
    }

    fn start(&self, state: &mut State, variables: Key) -> Result<Arc<Zygote>, String> {
        let started = self.launch(&variables);
        Self::keep(state, variables, started)
    }

    /// Remembers the interpreter for these variables, or why there is none.
    fn keep(state: &mut State, variables: Key, started: Started) -> Result<Arc<Zygote>, String> {
        match started {
            Ok((zygote, notes)) => {
                let zygote = Arc::new(zygote);
                state.notes = notes;
                state.zygotes.push((variables, Arc::clone(&zygote)));
                Ok(zygote)
            }
            Err(error) => {
                let reason = format!("a warm interpreter cannot be started: {error}");
                state.broken = Some(reason.clone());
                Err(reason)
            }
        }
    }
}

/// An interpreter, and what it could not import.
type Started = std::io::Result<(Zygote, Vec<String>)>;

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
        let zygote = match self.zygote(job, self.in_background) {
            Ok(zygote) => zygote,
            Err(reason) => return self.run_cold(job, cancel, reason),
        };
        let report = self.cold.run_by(job, cancel, Some(&|handover| zygote.fork(&handover)))?;
        match report.outcome {
            // The script has not been started, so nothing is done twice.
            Outcome::StartFailure { message } => self.run_cold(job, cancel, message),
            _ => Ok(report),
        }
    }
}
