//! What `python/benches` compares the package with: the same work without Python.

use std::time::{Duration, Instant};

use mledojo_env::Call;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::env::Env;
use crate::pool::Pool;
use crate::{errors, values};

/// A call, made of Python's values once.
fn call(action: String, params: Option<&Bound<'_, PyAny>>) -> PyResult<Call> {
    let params = params.map(|params| values::from_python(params, "params")).transpose()?.unwrap_or_default();
    Ok(Call { action, params })
}

#[pymethods]
impl Env {
    /// Seconds of each of so many steps, without what makes Python's values of them.
    #[pyo3(signature = (count, action, params=None))]
    fn time_steps(
        &self,
        py: Python<'_>,
        count: usize,
        action: String,
        params: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<f64>> {
        let call = call(action, params)?;
        let (mut environment, _) = self.take(py)?;
        let environment = &mut *environment;
        let times = py.detach(|| {
            let step = |_| {
                let begun = Instant::now();
                environment.step(call.clone())?;
                Ok(begun.elapsed().as_secs_f64())
            };
            (0..count).map(step).collect::<Result<Vec<f64>, mledojo_env::EnvError>>()
        });
        times.map_err(|error| errors::env(py, &error))
    }
}

#[pymethods]
impl Pool {
    /// Seconds of so many lockstep rounds of one call in every environment, without what makes Python's values of them.
    #[pyo3(signature = (rounds, action, params=None))]
    fn time_rounds(
        &self,
        py: Python<'_>,
        rounds: usize,
        action: String,
        params: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<f64> {
        let call = call(action, params)?;
        let pool = self.inner.get(py)?;
        let begun = Instant::now();
        for _ in 0..rounds {
            let replies = py.detach(|| {
                let mut sent = Ok(());
                let ids = (0..pool.len()).take_while(|id| {
                    sent = pool.send(*id, mledojo_env::Request::Step(call.clone()));
                    sent.is_ok()
                });
                let asked = ids.count();
                sent.map(|()| pool.recv(asked, Duration::MAX))
            });
            for reply in replies.map_err(|error| errors::pool(py, &error))? {
                reply.answer.map_err(|error| errors::env(py, &error))?;
            }
        }
        Ok(begun.elapsed().as_secs_f64())
    }
}
