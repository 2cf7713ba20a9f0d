//! Errors of the crates as exceptions of `mledojo.errors`.

use mledojo_env::{EnvError, PoolError, ReplyError};
use mledojo_metrics::Rejection;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use serde_json::{Map, Value, json};

use crate::values;

/// An exception of this class of `mledojo.errors`, with its fields as attributes.
fn exception(py: Python<'_>, class: &str, message: &str, fields: Value) -> PyErr {
    let made = || {
        let class = py.import("mledojo.errors")?.getattr(class)?;
        let fields = values::to_python(py, &fields)?;
        class.call1((message, fields))
    };
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => PyRuntimeError::new_err(format!("{message} (and `mledojo.errors.{class}`: {error})")),
    }
}

/// An error of an environment's host or caller.
pub(crate) fn env(py: Python<'_>, error: &EnvError) -> PyErr {
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let (class, fields) = match error {
        EnvError::Io { path: file, source, .. } => {
            ("HostError", json!({ "path": path(file), "errno": source.raw_os_error() }))
        }
        EnvError::Sandbox(_) | EnvError::NoSuchSandbox(_) => ("SandboxError", json!({})),
        EnvError::Catalog(_) => ("CatalogError", json!({})),
        EnvError::Prepare(_) => ("PrepareError", json!({})),
        EnvError::OtherProtocol { slug, prepared, asked } => (
            "PrepareError",
            json!({ "competition": slug, "prepared": prepared.to_string(), "asked": asked.to_string() }),
        ),
        EnvError::Answers { file, reason } => ("AnswersError", json!({ "path": path(file), "reason": reason })),
        EnvError::Metric { file, reason } => ("MetricError", json!({ "path": path(file), "reason": reason })),
        EnvError::Log { file, line, reason } => {
            ("EpisodeError", json!({ "path": path(file), "line": line, "reason": reason }))
        }
        EnvError::Episode { directory, reason } => {
            ("EpisodeError", json!({ "path": path(directory), "reason": reason }))
        }
        EnvError::Cancelled => ("CancelledError", json!({})),
        EnvError::NotReset => ("NotResetError", json!({})),
        _ => ("HostError", json!({})),
    };
    exception(py, class, &error.to_string(), fields)
}

/// A request that a pool did not take.
pub(crate) fn pool(py: Python<'_>, error: &PoolError) -> PyErr {
    let fields = match error {
        PoolError::NoSuchEnvironment { id, len } => json!({ "id": id, "len": len }),
        PoolError::Busy(id) => json!({ "id": id }),
        PoolError::WrongNumber { calls, len } => json!({ "calls": calls, "len": len }),
        _ => json!({}),
    };
    exception(py, "PoolError", &error.to_string(), fields)
}

/// A reply that is no action.
pub(crate) fn reply(py: Python<'_>, error: &ReplyError) -> PyErr {
    exception(py, "ActionError", &error.to_string(), Value::Object(Map::new()))
}

/// A submission that cannot be scored.
pub(crate) fn rejected(py: Python<'_>, rejection: &Rejection) -> PyErr {
    exception(py, "InvalidSubmissionError", &rejection.to_string(), json!(rejection))
}

/// Use in a child process of what belongs to its parent.
pub(crate) fn forked(py: Python<'_>) -> PyErr {
    let message = "this was made in another process, which its sandbox belongs to; make a new one after the fork";
    exception(py, "ForkedError", message, Value::Object(Map::new()))
}

/// Use by two threads at once of what only one can use.
pub(crate) fn busy(py: Python<'_>) -> PyErr {
    let message = "the environment is at work in another thread";
    exception(py, "BusyError", message, Value::Object(Map::new()))
}
