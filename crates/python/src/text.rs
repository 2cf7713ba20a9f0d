//! Text in, text out.

use mledojo_env::Call;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::{errors, values};

/// The names of the actions that always exist.
#[pyfunction]
pub(crate) fn action_names() -> Vec<&'static str> {
    mledojo_env::ACTION_NAMES.to_vec()
}

/// A model's reply as `{"action": …, "params": {…}}`.
#[pyfunction]
pub(crate) fn parse_action<'py>(py: Python<'py>, reply: &str, custom: Vec<String>) -> PyResult<Bound<'py, PyAny>> {
    let call = Call::from_reply(reply, &custom).map_err(|error| errors::reply(py, &error))?;
    values::to_python(py, &call)
}

/// A tool call, of its name and its arguments as JSON, as `{"action": …, "params": {…}}`.
#[pyfunction]
pub(crate) fn parse_tool_call<'py>(
    py: Python<'py>,
    name: &str,
    arguments: &str,
    custom: Vec<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let call = Call::from_tool_call(name, arguments, &custom).map_err(|error| errors::reply(py, &error))?;
    values::to_python(py, &call)
}

/// The actions as OpenAI-style tools.
#[pyfunction]
pub(crate) fn tool_schemas(py: Python<'_>, custom: Vec<String>, info_types: Vec<String>) -> PyResult<Bound<'_, PyAny>> {
    values::to_python(py, &mledojo_env::tool_schemas(&custom, &info_types))
}
