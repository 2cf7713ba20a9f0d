//! What keeps an environment from doing its work: the host or the caller, never the agent.

use std::path::{Path, PathBuf};

use mledojo_catalog::CatalogError;
use mledojo_metrics::Protocol;
use mledojo_prepare::PrepareError;
use mledojo_sandbox::SandboxError;

/// An error of the host or of the caller. Whatever an agent does wrong is an observation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// A file operation failed.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Code could not be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The catalog's data is wrong.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The prepared data is missing or wrong.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Nothing can be graded by these answers.
    #[error("cannot grade by the answers in `{}`: {reason}", file.display())]
    Answers {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A metric in a Python file did not do its work.
    #[error("the metric `{}` cannot score: {reason}", file.display())]
    Metric {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// An episode's log is not what this program wrote.
    #[error("`{}`, line {line}: {reason}", file.display())]
    Log {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The folder holds no episode that can go on.
    #[error("`{}`: {reason}", directory.display())]
    Episode {
        /// The folder.
        directory: PathBuf,
        /// Why.
        reason: String,
    },
    /// The run in progress was cancelled from outside; the step did not happen.
    #[error("cancelled")]
    Cancelled,
    /// A registered provider or action panicked in a pool; the environment must be reset or resumed.
    #[error("a registered provider or action panicked; reset or resume the environment")]
    Panicked,
    /// What is prepared follows another protocol than the one that submissions are to be judged by.
    #[error(
        "`{slug}` was prepared under protocol `{prepared}`, and would be judged by `{asked}`\n\
         hint: `mledojo prepare {slug} --protocol {asked}` prepares it anew"
    )]
    OtherProtocol {
        /// The competition.
        slug: String,
        /// How it was prepared.
        prepared: Protocol,
        /// How it would be judged.
        asked: Protocol,
    },
    /// The sandbox that an episode began in isn't one that this program has.
    #[error("{0}")]
    NoSuchSandbox(String),
    /// `step` before `reset`.
    #[error("no episode has begun; call `reset` first")]
    NotReset,
}

impl EnvError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}
