//! What the framework costs, as ratios from one run: behind `mledojo bench`.
//!
//! Start with [`Bench`]. Whatever is compared is measured in turn, round by round, so that a machine that is busy, or slow,
//! or changes its clock, is so for both sides; only ratios and memory are worth reading, and only within a run.

mod measure;
mod memory;
mod python;
mod row;
mod starts;
mod steps;
mod throughput;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mledojo_sandbox::{Job, Limits, NamespaceSandbox, Network, Preload, Runtime, Sandbox, SandboxError, WarmSandbox};

use crate::budget::Budget;
use crate::competition::PreparedCompetition;
use crate::config::EnvConfig;
use crate::engine::Engine;
use crate::environment::{Environment, ResetOptions};
use crate::error::EnvError;

pub use self::row::{Detail, Row, Target};

/// What most scripts of this field import.
const IMPORTS: &str = "import pandas, sklearn.ensemble";

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// An environment or a sandbox failed.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// A file or a process of the bench's own.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A run that is measured did not do what it must.
    #[error("{what}: {reason}")]
    Failed {
        /// What was run.
        what: &'static str,
        /// What came of it.
        reason: String,
    },
    /// No measurement of this name.
    #[error("there is no measurement `{name}`; they are {}", names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
}

impl From<SandboxError> for BenchError {
    fn from(error: SandboxError) -> Self {
        Self::Env(error.into())
    }
}

/// The measurements, in the order in which they are made.
const ALL: &[(&str, Measure)] = &[
    ("warm-imports", starts::imports),
    ("warm-floor", starts::floor),
    ("cold-jail", starts::jail),
    ("step-overhead", steps::overhead),
    ("step-growth", steps::growth),
    ("useful-cpu", throughput::useful_cpu),
    ("idle-session", memory::idle_session),
    ("warm-spare", memory::warm_spare),
    ("flat-output", memory::flat_output),
];

type Measure = fn(&Bench) -> Result<Row, BenchError>;

/// The names of all measurements.
#[must_use]
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

/// What is measured with.
pub struct Bench {
    runtime: Runtime,
    competition: Arc<PreparedCompetition>,
    folder: PathBuf,
    quick: bool,
}

impl Bench {
    /// Measures with this Python and this competition; episodes and scripts lie in `folder`, which the caller removes.
    #[must_use]
    pub fn new(runtime: Runtime, competition: Arc<PreparedCompetition>, folder: &Path) -> Self {
        Self { runtime, competition, folder: folder.to_owned(), quick: false }
    }

    /// Fewer rounds: a first look, with a wider spread.
    #[must_use]
    pub fn quick(mut self, quick: bool) -> Self {
        self.quick = quick;
        self
    }

    /// Measures one thing by its name.
    ///
    /// # Errors
    /// A name that isn't among [`names`], or a host on which it cannot be measured. A target that is missed is no error.
    pub fn run(&self, name: &str) -> Result<Row, BenchError> {
        let found = ALL.iter().find(|(known, _)| *known == name);
        let (_, measure) = found.ok_or_else(|| BenchError::Unknown { name: name.to_owned() })?;
        measure(self)
    }

    fn rounds(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(5) } else { full }
    }

    /// A script and nothing else, in a folder of its own.
    fn job(&self, name: &str, script: &str) -> Result<Job, BenchError> {
        let work_dir = self.new_folder(name)?;
        Ok(Job {
            script: script.into(),
            script_name: "main.py".into(),
            args: Vec::new(),
            work_dir,
            inputs: Vec::new(),
            masked: Vec::new(),
            host_paths: false,
            hidden: Vec::new(),
            env: Vec::new(),
            network: Network::None,
            limits: Limits::default(),
        })
    }

    fn new_folder(&self, name: &str) -> Result<PathBuf, BenchError> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).map_err(|source| BenchError::Io { action: "make a folder", source })?;
        Ok(folder)
    }

    fn cold(&self) -> Result<NamespaceSandbox, BenchError> {
        Ok(NamespaceSandbox::new(self.runtime.interpreter().clone())?)
    }

    fn warm(&self) -> Result<WarmSandbox, BenchError> {
        Ok(WarmSandbox::new(self.runtime.interpreter().clone(), Preload::default())?)
    }

    /// An engine whose first run doesn't find its interpreter still importing.
    fn warm_engine(&self) -> Result<Arc<Engine>, BenchError> {
        let sandbox: Box<dyn Sandbox> = Box::new(self.warm()?);
        Ok(Engine::with_sandbox(self.runtime.clone(), sandbox)?)
    }

    fn environment(&self, engine: &Arc<Engine>) -> Environment {
        let budget = Budget { steps: None, seconds: None };
        let config = EnvConfig { budget, ..EnvConfig::default() };
        Environment::new(Arc::clone(&self.competition), Arc::clone(engine), config)
    }

    /// The beginning of an episode in a folder of its own.
    fn episode(&self, name: &str) -> ResetOptions {
        ResetOptions { directory: self.folder.join(name), seed: 0, agent: "bench".to_owned() }
    }
}

/// Time enough for a jail to be made in the place of one that was used, as an agent that thinks leaves it.
const THINKING: Duration = Duration::from_millis(60);
