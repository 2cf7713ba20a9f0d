//! Episodes that were played.

use std::path::PathBuf;

use mledojo_env::Episode;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::{errors, values};

/// The header of an episode's folder.
#[pyfunction]
pub(crate) fn episode_header(py: Python<'_>, directory: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let episode = Episode::open(&directory).map_err(|error| errors::env(py, &error))?;
    values::to_python(py, &episode.header)
}

/// The steps of an episode's folder, with each call whole.
#[pyfunction]
pub(crate) fn episode_steps(py: Python<'_>, directory: PathBuf) -> PyResult<Vec<Bound<'_, PyAny>>> {
    let episode = Episode::open(&directory).map_err(|error| errors::env(py, &error))?;
    let steps = episode.steps().map_err(|error| errors::env(py, &error))?;
    let step = |record: Result<mledojo_env::StepRecord, mledojo_env::EnvError>| {
        let mut record = record.map_err(|error| errors::env(py, &error))?;
        record.call = episode.call(&record).map_err(|error| errors::env(py, &error))?;
        values::to_python(py, &record)
    };
    steps.map(step).collect()
}
