//! Values between Python and the crates, in the shapes of their JSON.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as Python's dicts, lists, texts and numbers.
pub(crate) fn to_python<'py, T: Serialize + ?Sized>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    Ok(pythonize::pythonize(py, value)?)
}

/// A value from Python's; `what` names it in the error.
///
/// # Errors
/// `TypeError`, with the field that does not fit.
pub(crate) fn from_python<T: DeserializeOwned>(value: &Bound<'_, PyAny>, what: &str) -> PyResult<T> {
    pythonize::depythonize(value).map_err(|error| PyTypeError::new_err(format!("{what}: {error}")))
}
