//! Why an archive could not be unpacked.

use std::io;
use std::path::{Path, PathBuf};

/// An error in an archive, or on the disk that it is unpacked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file is something else.
    #[error(
        "`{}` is no archive but {found}: expected a zip, gz, tar or 7z file\nhint: download it again",
        archive.display()
    )]
    NotAnArchive {
        /// The file.
        archive: PathBuf,
        /// What it looks like.
        found: &'static str,
    },
    /// The end is missing.
    #[error(
        "`{}` is cut off{}: its end is missing\nhint: download it again",
        archive.display(), in_entry(entry.as_deref())
    )]
    Truncated {
        /// The archive.
        archive: PathBuf,
        /// The entry whose data ends too early, where it is known.
        entry: Option<String>,
    },
    /// Some bytes are not as they were packed.
    #[error("`{}` is damaged{}: {message}\nhint: download it again", archive.display(), in_entry(entry.as_deref()))]
    Damaged {
        /// The archive.
        archive: PathBuf,
        /// The entry, where it is known.
        entry: Option<String>,
        /// What is wrong.
        message: String,
    },
    /// The name of an entry cannot be that of a file in the target folder.
    #[error("`{}` holds the entry {entry:?}, whose name {message}: nothing of it was written", archive.display())]
    Name {
        /// The archive.
        archive: PathBuf,
        /// The name.
        entry: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// An entry that is neither file nor folder.
    #[error("`{}` holds {kind} {entry:?}: only files and folders are unpacked", archive.display())]
    Special {
        /// The archive.
        archive: PathBuf,
        /// The entry.
        entry: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// An entry that needs a password.
    #[error("`{}` is encrypted{}: unpack it by hand, with its password", archive.display(), in_entry(entry.as_deref()))]
    Encrypted {
        /// The archive.
        archive: PathBuf,
        /// The entry, where it is known.
        entry: Option<String>,
    },
    /// A way of packing that is not known here.
    #[error("`{}` cannot be unpacked here{}: {message}", archive.display(), in_entry(entry.as_deref()))]
    Unsupported {
        /// The archive.
        archive: PathBuf,
        /// The entry, where it is known.
        entry: Option<String>,
        /// What is not known.
        message: String,
    },
    /// Something is where a file or folder would be written.
    #[error(
        "`{}` holds {entry:?}, but something is at `{}` already: either the archive holds it twice, \
         or it is a file where a folder was, or the other way round",
        archive.display(), path.display()
    )]
    Exists {
        /// The archive.
        archive: PathBuf,
        /// The entry.
        entry: String,
        /// The place.
        path: PathBuf,
    },
    /// More came out than [`Limits`](super::Limits) allow.
    #[error("`{}` holds more than {limit}\nhint: if it is what you expect, unpack it by hand", archive.display())]
    TooMuch {
        /// The archive.
        archive: PathBuf,
        /// The limit, as in "more than 100 files".
        limit: String,
    },
    /// Archives in archives in archives.
    #[error("`{}` lies in {deepest} archives: expected fewer", archive.display())]
    TooDeep {
        /// The innermost archive.
        archive: PathBuf,
        /// How many there may be in each other.
        deepest: usize,
    },
    /// The disk is too small.
    #[error("the disk is full: {needed} bytes of `{}` don't fit into `{}`", archive.display(), folder.display())]
    DiskFull {
        /// The archive.
        archive: PathBuf,
        /// The folder that it is unpacked into.
        folder: PathBuf,
        /// Bytes that the archive says it holds, or that were to be written when no space was left.
        needed: u64,
    },
    /// Anything else that went wrong with a file.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn in_entry(entry: Option<&str>) -> String {
    entry.map(|entry| format!(", in its entry {entry:?}")).unwrap_or_default()
}

impl ArchiveError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// What an error while reading means: of the system, of an end that came too early, or of the data.
    pub(super) fn reading(archive: &Path, entry: Option<&str>, error: io::Error) -> Self {
        let (archive, entry) = (archive.to_owned(), entry.map(str::to_owned));
        match error.kind() {
            _ if error.raw_os_error().is_some() => Self::Io { action: "read", path: archive, source: error },
            io::ErrorKind::Unsupported => Self::Unsupported { archive, entry, message: error.to_string() },
            io::ErrorKind::UnexpectedEof => Self::Truncated { archive, entry },
            _ => Self::Damaged { archive, entry, message: error.to_string() },
        }
    }
}
