//! One environment.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use mledojo_env::{Call, Environment, ResetOptions};
use mledojo_metrics::Direction;
use mledojo_sandbox::Cancel;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::process::Owned;
use crate::providers::Provider;
use crate::running::interruptible;
use crate::{errors, values};

/// What a step returns: observation, reward, terminated, truncated, info.
type Stepped<'py> = (Bound<'py, PyAny>, f64, bool, bool, Bound<'py, PyAny>);

/// One environment. Made by `Workbench.env`; used by one thread at a time.
#[pyclass(frozen, module = "mledojo._core")]
pub(crate) struct Env {
    inner: Owned<Inner>,
    slug: String,
    direction: Direction,
}

struct Inner {
    environment: Mutex<Environment>,
    /// The one of the work at hand, for other threads.
    cancel: Mutex<Cancel>,
}

/// What a poisoned lock guards here is whole: an environment whose step panicked says that no episode has begun.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Env {
    pub(crate) fn new(environment: Environment) -> Self {
        let spec = environment.competition().spec();
        let (slug, direction) = (spec.slug.clone(), spec.metric.direction);
        let cancel = Mutex::new(environment.canceller());
        Self { inner: Owned::new(Inner { environment: Mutex::new(environment), cancel }), slug, direction }
    }

    /// The environment, unless another thread is using it, with a fresh canceller.
    pub(crate) fn take(&self, py: Python<'_>) -> PyResult<(MutexGuard<'_, Environment>, Cancel)> {
        let inner = self.inner.get(py)?;
        let mut environment = match inner.environment.try_lock() {
            Ok(environment) => environment,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(errors::busy(py)),
        };
        let cancel = Cancel::default();
        environment.set_canceller(cancel.clone());
        *lock(&inner.cancel) = cancel.clone();
        Ok((environment, cancel))
    }
}

#[pymethods]
impl Env {
    /// The competition's slug.
    #[getter]
    fn competition(&self) -> &str {
        &self.slug
    }

    /// `maximize` or `minimize`: which way its score gets better.
    #[getter]
    fn direction<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        values::to_python(py, &self.direction)
    }

    /// Begins an episode in a new or empty folder; returns the first observation.
    fn reset<'py>(&self, py: Python<'py>, directory: PathBuf, seed: u64, agent: String) -> PyResult<Bound<'py, PyAny>> {
        let (mut environment, _) = self.take(py)?;
        let environment = &mut *environment;
        let begun = py.detach(|| environment.reset(ResetOptions { directory, seed, agent }));
        values::to_python(py, &begun.map_err(|error| errors::env(py, &error))?)
    }

    /// Goes on with the episode in a folder; returns its last observation.
    fn resume<'py>(&self, py: Python<'py>, directory: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        let (mut environment, _) = self.take(py)?;
        let environment = &mut *environment;
        let resumed = py.detach(|| environment.resume(&directory));
        values::to_python(py, &resumed.map_err(|error| errors::env(py, &error))?)
    }

    /// Carries out a call; returns observation, reward, terminated, truncated and info.
    #[pyo3(signature = (action, params=None))]
    fn step<'py>(&self, py: Python<'py>, action: String, params: Option<&Bound<'py, PyAny>>) -> PyResult<Stepped<'py>> {
        let params = params.map(|params| values::from_python(params, "params")).transpose()?.unwrap_or_default();
        let call = Call { action, params };
        // What asks and answers at once needs no thread that could be interrupted.
        let is_quick = matches!(call.action.as_str(), "request_info" | "get_history" | "finish");
        let (mut environment, cancel) = self.take(py)?;
        let environment = &mut *environment;
        let stepped = if is_quick {
            py.detach(|| environment.step(call))
        } else {
            interruptible(py, &cancel, move || environment.step(call))?
        };
        let result = stepped.map_err(|error| errors::env(py, &error))?;
        let observation = values::to_python(py, &result.observation)?;
        let info = values::to_python(py, &result.info)?;
        Ok((observation, result.reward, result.terminated, result.truncated, info))
    }

    /// Ends the work at hand of another thread; its step raises `CancelledError` and did not happen.
    fn cancel(&self, py: Python<'_>) -> PyResult<()> {
        lock(&self.inner.get(py)?.cancel).cancel();
        Ok(())
    }

    /// Leaves the episode, whose folder another environment can then go on with.
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        self.take(py)?.0.leave();
        Ok(())
    }

    /// `(terminated, truncated)` of an episode that has ended, else None.
    fn ended(&self, py: Python<'_>) -> PyResult<Option<(bool, bool)>> {
        Ok(self.take(py)?.0.ended())
    }

    /// The settings, as in an episode's header.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (environment, _) = self.take(py)?;
        values::to_python(py, environment.config())
    }

    /// Registers a feedback provider: `provider(*, competition, action, text, data, best) -> str | dict`.
    fn register_feedback(&self, py: Python<'_>, name: String, provider: Py<PyAny>) -> PyResult<()> {
        self.take(py)?.0.feedback_providers().register(name, Box::new(Provider(provider)));
        Ok(())
    }

    /// Registers a type of information: `provider(*, competition) -> value`.
    fn register_info(&self, py: Python<'_>, info_type: String, provider: Py<PyAny>) -> PyResult<()> {
        self.take(py)?.0.info_providers().register(info_type, Box::new(Provider(provider)));
        Ok(())
    }

    /// Registers an action: `action(*, params, work_dir, competition, best) -> str | dict`.
    fn register_action(&self, py: Python<'_>, name: String, action: Py<PyAny>) -> PyResult<()> {
        let registered = self.take(py)?.0.register_action(name, Box::new(Provider(action)));
        registered.map_err(pyo3::exceptions::PyValueError::new_err)
    }
}
