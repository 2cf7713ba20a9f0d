//! What keeps an export or an import from being made.

use std::path::{Path, PathBuf};

use mledojo_agents::AgentError;
use mledojo_env::EnvError;
use parquet::errors::ParquetError;

use crate::error::RunError;

/// Why nothing was exported or imported. Each names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
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
    /// A line of a file is not what was expected.
    #[error("`{}`, line {line}: {reason}", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// A field of a file that holds one JSON value is not what was expected.
    #[error("`{}`, `{field}`: {reason}", file.display())]
    Field {
        /// The file.
        file: PathBuf,
        /// The path of the field.
        field: String,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// An episode's own files cannot be read.
    #[error(transparent)]
    Episode(#[from] EnvError),
    /// An agent's own files cannot be read.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// A run's own files cannot be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A path leads to no episode.
    #[error(
        "`{}`: {reason}; expected an episode's folder (with `episode.json`), a run's folder, or a folder of episodes",
        path.display()
    )]
    NoEpisode {
        /// The path.
        path: PathBuf,
        /// What lies there.
        reason: String,
    },
    /// The folder to write to holds something.
    #[error("`{}` is not empty; name a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// A setting that makes no sense.
    #[error("{0}")]
    Setting(String),
    /// A Parquet file could not be written.
    #[error("cannot write `{}`: {source}", file.display())]
    Parquet {
        /// The file.
        file: PathBuf,
        /// The writer's reason.
        source: ParquetError,
    },
}

impl ExportError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn line(file: &Path, line: usize, reason: impl Into<String>) -> Self {
        Self::Line { file: file.to_owned(), line, reason: reason.into() }
    }

    pub(crate) fn field(file: &Path, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Field { file: file.to_owned(), field: field.into(), reason: reason.into() }
    }
}
