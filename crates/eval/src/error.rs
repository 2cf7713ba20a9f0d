//! Why an experiment cannot be read, begun or continued.

use std::path::{Path, PathBuf};

use mledojo_agents::AgentError;
use mledojo_env::EnvError;

/// An error of a run folder, of an experiment's description, or of the host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
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
    /// A file is not what this program wrote, or an experiment's description is wrong.
    #[error("`{}`: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong: line and key, as far as they are known.
        reason: String,
    },
    /// The experiment cannot be played as asked.
    #[error("{0}")]
    Invalid(String),
    /// The folder holds no run.
    #[error("`{}` holds no run: there is no `experiment.toml`", .0.display())]
    NoRun(PathBuf),
    /// Another process plays into the folder.
    #[error(
        "another process{} is playing into `{}`; wait for its end, or choose another folder",
        holder.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default(),
        folder.display()
    )]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// What the lock's file says of it.
        holder: Option<String>,
    },
    /// Settings that decide over results changed after episodes were finished.
    #[error(
        "`{setting}` was {was} and is now {now}, but {finished} of the run's episodes are finished by what it was\n\
         hint: choose another run folder, or leave `{setting}` as it was"
    )]
    Changed {
        /// The setting, as the experiment's file names it.
        setting: String,
        /// What the finished episodes were played by.
        was: String,
        /// What is asked for.
        now: String,
        /// How many are finished.
        finished: usize,
    },
    /// An agent's host, or the model that it asks, failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The environment's host failed.
    #[error(transparent)]
    Environment(#[from] EnvError),
}

impl RunError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn file(file: &Path, reason: impl std::fmt::Display) -> Self {
        Self::File { file: file.to_owned(), reason: reason.to_string() }
    }
}
