//! The native half of the Python package `mledojo`: thin classes over the crates, which the package dresses up.
//!
//! Values cross as Python's own dicts, lists and numbers, in the shapes of the crates' JSON. The interpreter is free while
//! an environment works; Ctrl-C ends the run at work, and the step then did not happen.
//!
//! *Invariant:* no logic that another face of the project would need, and no unsafe code by hand.

mod bench;
mod data;
mod env;
mod episode;
mod errors;
mod metrics;
mod pool;
mod process;
mod providers;
mod reward;
mod running;
mod sandbox;
mod text;
mod values;
mod workbench;

use pyo3::prelude::*;

/// The module `mledojo._core`.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<workbench::Workbench>()?;
    module.add_class::<env::Env>()?;
    module.add_class::<pool::Pool>()?;
    module.add_function(wrap_pyfunction!(text::action_names, module)?)?;
    module.add_function(wrap_pyfunction!(text::parse_action, module)?)?;
    module.add_function(wrap_pyfunction!(text::parse_tool_call, module)?)?;
    module.add_function(wrap_pyfunction!(text::tool_schemas, module)?)?;
    module.add_function(wrap_pyfunction!(episode::episode_header, module)?)?;
    module.add_function(wrap_pyfunction!(episode::episode_steps, module)?)?;
    module.add_function(wrap_pyfunction!(reward::reward_of, module)?)?;
    metrics::add(module)?;
    Ok(())
}
