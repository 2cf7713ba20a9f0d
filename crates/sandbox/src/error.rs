//! Why a sandbox or a runtime could not do what was asked.

use std::path::PathBuf;

/// An error of the host or of the request, never of the code that runs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A file operation failed.
    #[error("{action} `{path}`: {source}", path = path.display())]
    Io {
        /// What was being done, as a verb: `read`, `create`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A system call that names no path failed.
    #[error("{action}: {source}")]
    System {
        /// What was being done.
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The job cannot be run as asked.
    #[error("{0}")]
    InvalidJob(String),
    /// This host cannot isolate code.
    #[error("this host cannot run the `namespace` sandbox: {reason}\nhint: {hint}")]
    Unsupported {
        /// What is missing.
        reason: String,
        /// What a user can do.
        hint: String,
    },
    /// A container engine refused a request, or did not answer.
    #[error("cannot {action} by the container engine at `{address}`: {reason}")]
    Engine {
        /// What was being done.
        action: &'static str,
        /// Where the engine listens.
        address: String,
        /// Its words, or the system's.
        reason: String,
    },
    /// The Python runtime is missing or broken.
    #[error("{reason}\nhint: {hint}")]
    Runtime {
        /// What is wrong.
        reason: String,
        /// What a user can do.
        hint: String,
    },
}
