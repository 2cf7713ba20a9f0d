//! What everything is made at: the home folder, the catalog, and what runs agents' code.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use mledojo_env::{Engine, EnvConfig, EnvError, Environment, Judging, PreparedCompetition, Watcher};
use mledojo_metrics::Protocol;
use mledojo_prepare::Prepared;
use mledojo_sandbox::{InstallEvent, Preload, SandboxChoice};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::env::Env;
use crate::pool::Pool;
use crate::process::Owned;
use crate::{errors, values};

/// Tells the logger `mledojo` what takes its time, and warns of sandboxes that don't isolate.
struct Logger;

impl Logger {
    /// Nothing is lost but a message if Python is shutting down.
    fn tell(method: &str, text: &str) {
        let _ = Python::attach(|py| -> PyResult<()> {
            let logger = py.import("logging")?.call_method1("getLogger", ("mledojo",))?;
            logger.call_method1(method, (text,))?;
            Ok(())
        });
    }
}

impl Watcher for Logger {
    fn installing(&self, event: &InstallEvent) {
        // Each step once, not each package.
        if event.done == 0 {
            Self::tell(
                "warning",
                &format!("making the Python runtime for agents' code (once): {}", event.step.title()),
            );
        }
    }

    fn warning(&self, text: &str) {
        let _ = Python::attach(|py| -> PyResult<()> {
            py.import("warnings")?.call_method1("warn", (text,))?;
            Ok(())
        });
    }
}

/// The home folder, the catalog and the sandbox that environments are made from.
#[pyclass(frozen, module = "mledojo._core")]
pub(crate) struct Workbench {
    pub(crate) inner: mledojo_env::Workbench,
    /// One for all environments: it is what holds the warm interpreters.
    engine: Owned<Mutex<Option<Arc<Engine>>>>,
}

impl Workbench {
    /// What runs agents' code, made at the first use.
    pub(crate) fn engine(&self, py: Python<'_>) -> PyResult<Arc<Engine>> {
        let engine = self.engine.get(py)?;
        let made = py.detach(|| {
            let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(engine) = &*engine {
                return Ok(Arc::clone(engine));
            }
            let made = self.inner.engine(self.inner.runtime()?)?;
            Ok(Arc::clone(engine.insert(made)))
        });
        made.map_err(|error: EnvError| errors::env(py, &error))
    }

    /// A competition that is ready to be played; `data` is another folder than that of the home folder.
    fn ready(
        &self,
        py: Python<'_>,
        slug: &str,
        judge: JudgingOf,
        data: Option<PathBuf>,
    ) -> PyResult<Arc<PreparedCompetition>> {
        if data.is_none() {
            self.inner.check_data(slug).map_err(|error| errors::env(py, &error))?;
        }
        let engine = self.engine(py)?;
        let made = py.detach(|| {
            let competition = self.inner.catalog().get(slug)?;
            let judging = judge.over(Judging::of(&competition.spec));
            let data = match data {
                Some(folder) => Prepared::open(&folder)?,
                None => self.inner.prepare(&competition, engine.runtime(), judging.protocol)?,
            };
            PreparedCompetition::judged(judging, competition, data, Some(&engine))
        });
        made.map(Arc::new).map_err(|error: EnvError| errors::env(py, &error))
    }
}

/// How submissions are judged, where it is said.
pub(crate) struct JudgingOf {
    protocol: Option<Protocol>,
    public_fraction: Option<f64>,
}

impl JudgingOf {
    pub(crate) fn new(protocol: Option<&str>, public_fraction: Option<f64>) -> PyResult<Self> {
        let protocol = protocol.map(|name| serde_json::from_value(name.into())).transpose();
        let protocol = protocol.map_err(|error| PyValueError::new_err(format!("protocol: {error}")))?;
        if public_fraction.is_some_and(|fraction| !(fraction > 0.0 && fraction <= 1.0)) {
            return Err(PyValueError::new_err("public_fraction must lie above 0 and not above 1"));
        }
        Ok(Self { protocol, public_fraction })
    }

    pub(crate) fn over(&self, usual: Judging) -> Judging {
        Judging {
            protocol: self.protocol.unwrap_or(usual.protocol),
            public_fraction: self.public_fraction.unwrap_or(usual.public_fraction),
        }
    }
}

#[pymethods]
impl Workbench {
    #[new]
    #[pyo3(signature = (home=None, catalog=None, python=None, sandbox=None, image=None, preload=None))]
    fn new(
        home: Option<PathBuf>,
        catalog: Option<PathBuf>,
        python: Option<PathBuf>,
        sandbox: Option<&str>,
        image: Option<&str>,
        preload: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let home = home
            .or_else(mledojo_env::Workbench::default_home)
            .ok_or_else(|| PyValueError::new_err("cannot find your home folder; give `home`, or set MLEDOJO_HOME"))?;
        let home = std::path::absolute(home)?;
        let mut inner = mledojo_env::Workbench::new(home).watched_by(Arc::new(Logger));
        inner.catalog = catalog.map(std::path::absolute).transpose()?;
        inner.python = python.map(std::path::absolute).transpose()?;
        if let Some(name) = sandbox {
            inner.sandbox = SandboxChoice::named(name, image).map_err(PyValueError::new_err)?;
        }
        inner.preload = preload.map(|modules| Preload { modules });
        Ok(Self { inner, engine: Owned::new(Mutex::new(None)) })
    }

    /// The home folder.
    #[getter]
    fn home(&self) -> PathBuf {
        self.inner.home.clone()
    }

    /// A new folder for a run, named by the time and `name`. It is not made.
    fn new_run_dir(&self, name: &str) -> PathBuf {
        self.inner.new_run_dir(name)
    }

    /// An environment of a competition. `config` has the shape of an episode header's `config`; what it leaves out is
    /// usual.
    #[pyo3(signature = (slug, config=None, *, protocol=None, public_fraction=None, data=None))]
    fn env(
        &self,
        py: Python<'_>,
        slug: &str,
        config: Option<&Bound<'_, PyAny>>,
        protocol: Option<&str>,
        public_fraction: Option<f64>,
        data: Option<PathBuf>,
    ) -> PyResult<Env> {
        let judge = JudgingOf::new(protocol, public_fraction)?;
        let competition = self.ready(py, slug, judge, data)?;
        Ok(Env::new(Environment::new(competition, self.engine(py)?, config_of(config)?)))
    }

    /// A pool of environments, one for each pair of a slug and a `config`; the judging is the same for all. `slots` runs
    /// of code go on at once; None: one a core.
    #[pyo3(signature = (environments, slots=None, *, protocol=None, public_fraction=None))]
    fn pool(
        &self,
        py: Python<'_>,
        environments: Vec<(String, Bound<'_, PyAny>)>,
        slots: Option<usize>,
        protocol: Option<&str>,
        public_fraction: Option<f64>,
    ) -> PyResult<Pool> {
        let slots = slots.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let mut ready: BTreeMap<String, Arc<PreparedCompetition>> = BTreeMap::new();
        let mut made = Vec::with_capacity(environments.len());
        for (slug, config) in environments {
            let judge = JudgingOf::new(protocol, public_fraction)?;
            let competition = match ready.get(&slug) {
                Some(competition) => Arc::clone(competition),
                None => self.ready(py, &slug, judge, None)?,
            };
            ready.insert(slug, Arc::clone(&competition));
            made.push(Environment::new(competition, self.engine(py)?, config_of(Some(&config))?));
        }
        Ok(Pool::new(made, slots))
    }
}

fn config_of(config: Option<&Bound<'_, PyAny>>) -> PyResult<EnvConfig> {
    Ok(config.map(|config| values::from_python(config, "config")).transpose()?.unwrap_or_default())
}
