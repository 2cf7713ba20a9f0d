//! Why a competition could not be prepared or opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::ArchiveError;
use crate::dsbench::DsbenchError;

/// An error in the sources, the spec, the prepared directory, or the disk under it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The spec asks for something that its sources cannot give.
    #[error("competition `{slug}`, key `{key}`: {message}")]
    Spec {
        /// The competition.
        slug: String,
        /// The key of `competition.toml`.
        key: &'static str,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// The catalog does not say how the competition's data is made.
    #[error(
        "there is no recipe yet that prepares `{slug}`\nhint: `mledojo competitions show {slug}` says what its prepared folder holds; one that MLE-Dojo made works as it is"
    )]
    NoRecipe {
        /// The competition.
        slug: String,
    },
    /// The competition's data was not downloaded yet.
    #[error(
        "the data of `{slug}` is not there: `{}` is no folder\n\
         hint: `mledojo download {slug}` gets it from Kaggle; `mledojo prepare {slug} --raw DIR` takes a folder that has it",
        raw.display()
    )]
    NotDownloaded {
        /// The competition.
        slug: String,
        /// Where the download was looked for.
        raw: PathBuf,
    },
    /// A file of the runtime's packages does not exist.
    #[error("the Python runtime has no `{}`\nhint: `mledojo runtime install` makes one that has", path.display())]
    SourceMissing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// A file of the runtime's packages has other bytes than the spec was written for.
    #[error(
        "`{}` has SHA-256 {found}, expected {expected}: another version of the package\n\
         hint: `mledojo runtime install` makes a runtime with the pinned versions",
        path.display()
    )]
    SourceChanged {
        /// The file.
        path: PathBuf,
        /// The hash in the spec.
        expected: String,
        /// The hash of the file.
        found: String,
    },
    /// A file of the runtime's packages does not hold the table that the spec describes.
    #[error("`{}`, row {row}: {message}", path.display())]
    SourceInvalid {
        /// The file.
        path: PathBuf,
        /// The data row, from 1.
        row: usize,
        /// What was found, and what was expected.
        message: String,
    },
    /// A download lacks a file that the recipe reads.
    #[error(
        "the download of `{slug}` has no `{path}`; it was looked for in `{}`\n\
         hint: `mledojo download {slug}` gets the whole of it; `--raw DIR` names a folder that has it already",
        raw.display()
    )]
    RawMissing {
        /// The competition.
        slug: String,
        /// What was looked for, relative to the download.
        path: String,
        /// The folder of the download.
        raw: PathBuf,
    },
    /// DSBench's archive lacks the competition, or is damaged.
    #[error(transparent)]
    Dsbench(#[from] DsbenchError),
    /// A file that the recipe reads, and that is no part of Kaggle's download.
    #[error(
        "`{path}` is not there, and no part of what Kaggle gives\n\
         hint: get it from {url} and put it into `{}`",
        raw.display()
    )]
    RawElsewhere {
        /// What was looked for, relative to the download.
        path: String,
        /// The folder of the download.
        raw: PathBuf,
        /// Where it is found.
        url: String,
    },
    /// A recipe's script failed.
    #[error("`{}` failed: {reason}", file.display())]
    Script {
        /// The script.
        file: PathBuf,
        /// How it ended, and what it printed.
        reason: String,
    },
    /// A table of a download is not what the recipe expects.
    #[error("`{}`{}: {message}", path.display(), row.map(|row| format!(", row {row}")).unwrap_or_default())]
    Table {
        /// The file, or the name of the table.
        path: PathBuf,
        /// The data row, from 1; the header is 0.
        row: Option<usize>,
        /// What was found, and what was expected.
        message: String,
    },
    /// A prepared directory lacks a file that every competition has.
    #[error("`{}` is missing: {expected}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What was expected there.
        expected: &'static str,
    },
    /// A file of a prepared directory is not as its manifest says.
    #[error(
        "`{}` is damaged: {message}\nhint: `mledojo prepare` makes a bundled competition anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found, and what was expected.
        message: String,
    },
    /// The output directory holds something that preparation never writes, so it is left alone.
    #[error("`{}` holds `{entry}`, which is no part of a competition: choose an empty or a new directory", path.display())]
    Foreign {
        /// The output directory.
        path: PathBuf,
        /// The first such entry.
        entry: String,
    },
    /// An archive of the download cannot be unpacked.
    #[error(transparent)]
    Archive(ArchiveError),
    /// No space is left, or a quota is used up.
    #[error("the disk is full: cannot {action} `{}`; nothing was left behind", path.display())]
    DiskFull {
        /// What was tried, as in "cannot write".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system refused access.
    #[error("permission denied: cannot {action} `{}`; check its owner and mode", path.display())]
    PermissionDenied {
        /// What was tried, as in "cannot write".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Anything else that went wrong with a file.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot write".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl PrepareError {
    /// [`Table`](Self::Table).
    pub(crate) fn table(path: &Path, row: Option<usize>, message: String) -> Self {
        Self::Table { path: path.to_owned(), row, message }
    }

    /// The variant that fits the system's error.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { action, path, source },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { action, path, source },
            _ => Self::Io { action, path, source },
        }
    }
}

impl From<ArchiveError> for PrepareError {
    /// What the disk has to do with is told as of any other file.
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::DiskFull { archive, .. } => Self::io("unpack", &archive, io::ErrorKind::StorageFull.into()),
            ArchiveError::Io { action, path, source } => Self::io(action, &path, source),
            error => Self::Archive(error),
        }
    }
}
