//! Many environments at once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mledojo_env::{Answer, Call, EnvPool, Environment, Reply, Request, ResetOptions};
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::process::Owned;
use crate::{errors, values};

/// How often Python is asked for signals while replies are waited for.
const LOOK: Duration = Duration::from_millis(50);

/// A pool of environments; made by `Workbench.pool`.
#[pyclass(frozen, module = "mledojo._core")]
pub(crate) struct Pool {
    pub(crate) inner: Owned<EnvPool>,
}

impl Pool {
    pub(crate) fn new(environments: Vec<Environment>, slots: usize) -> Self {
        Self { inner: Owned::new(EnvPool::new(environments, slots)) }
    }
}

/// What came of a request: number, observation, reward, terminated, truncated, info, error, seconds queued. The reward
/// and what follows it are None for the beginning of an episode, observation and info for an error.
type Received<'py> = (
    usize,
    Option<Bound<'py, PyAny>>,
    Option<f64>,
    Option<bool>,
    Option<bool>,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
    f64,
);

#[pymethods]
impl Pool {
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.inner.get(py)?.len())
    }

    /// Asks an environment to begin an episode in a new or empty folder.
    fn send_reset(&self, py: Python<'_>, id: usize, directory: PathBuf, seed: u64, agent: String) -> PyResult<()> {
        let request = Request::Reset(ResetOptions { directory, seed, agent });
        self.inner.get(py)?.send(id, request).map_err(|error| errors::pool(py, &error))
    }

    /// Asks an environment to carry out a call.
    #[pyo3(signature = (id, action, params=None))]
    fn send_step(&self, py: Python<'_>, id: usize, action: String, params: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let params = params.map(|params| values::from_python(params, "params")).transpose()?.unwrap_or_default();
        let request = Request::Step(Call { action, params });
        self.inner.get(py)?.send(id, request).map_err(|error| errors::pool(py, &error))
    }

    /// Waits until `least` replies are there, or no more are to come, or `timeout` seconds are over. A signal's handler
    /// that raises ends the waiting; no reply is lost by that.
    #[pyo3(signature = (least=1, timeout=None))]
    fn recv<'py>(&self, py: Python<'py>, least: usize, timeout: Option<f64>) -> PyResult<Vec<Received<'py>>> {
        let pool = self.inner.get(py)?;
        let deadline = timeout.and_then(|seconds| {
            Instant::now().checked_add(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
        });
        let mut replies: Vec<Reply> = Vec::new();
        loop {
            let left = deadline.map_or(LOOK, |end| end.saturating_duration_since(Instant::now()).min(LOOK));
            let missing = least.saturating_sub(replies.len());
            let asked = Instant::now();
            replies.extend(py.detach(|| pool.recv(missing, left)));
            let is_over = deadline.is_some_and(|end| Instant::now() >= end);
            // Less than the time it was given: nothing more is to come.
            let is_idle = replies.len() < least && asked.elapsed() < left;
            if replies.len() >= least || is_over || is_idle {
                return replies.into_iter().map(|reply| received(py, reply)).collect();
            }
            if replies.is_empty() {
                py.check_signals()?;
            }
        }
    }

    /// Ends an environment's request; its reply is a `CancelledError`, unless it was done before.
    fn cancel(&self, py: Python<'_>, id: usize) -> PyResult<()> {
        self.inner.get(py)?.cancel(id).map_err(|error| errors::pool(py, &error))
    }

    /// What the pool has done, and how fast.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        values::to_python(py, &self.inner.get(py)?.stats())
    }
}

fn received(py: Python<'_>, reply: Reply) -> PyResult<Received<'_>> {
    let queued = reply.queued.as_secs_f64();
    Ok(match reply.answer {
        Ok(Answer::Begun(observation)) => {
            let observation = values::to_python(py, &*observation)?;
            (reply.id, Some(observation), None, None, None, None, None, queued)
        }
        Ok(Answer::Stepped(result)) => (
            reply.id,
            Some(values::to_python(py, &result.observation)?),
            Some(result.reward),
            Some(result.terminated),
            Some(result.truncated),
            Some(values::to_python(py, &result.info)?),
            None,
            queued,
        ),
        Err(error) => {
            let error = errors::env(py, &error).into_value(py).into_bound(py).into_any();
            (reply.id, None, None, None, None, None, Some(error), queued)
        }
    })
}
