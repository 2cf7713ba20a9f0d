//! Text in, text out.

use pyo3::prelude::*;

/// The names of the actions that always exist.
#[pyfunction]
pub(crate) fn action_names() -> Vec<&'static str> {
    mledojo_env::ACTION_NAMES.to_vec()
}
