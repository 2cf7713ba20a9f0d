//! Why a download failed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An error of the network, of the server, of what it sent, or of the disk. Whatever it is, bytes on disk stay for the
/// next try unless the message says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// An address that cannot be asked, or must not.
    #[error("`{address}` {message}")]
    Address {
        /// The address, without its query.
        address: String,
        /// What is wrong with it.
        message: String,
    },
    /// No answer: name unknown, connection refused, time over, certificate not trusted.
    #[error("no answer from {host}: {message}")]
    NoAnswer {
        /// Who was asked.
        host: String,
        /// The reason.
        message: String,
        /// Whether another try may help.
        transient: bool,
    },
    /// An answer other than the file.
    #[error("{address} answered {status}{}", said(.message))]
    Status {
        /// The address, without its query.
        address: String,
        /// HTTP's code.
        status: u16,
        /// What the server says to it; empty if it says nothing.
        message: String,
        /// The wait that it asks for.
        retry_after: Option<Duration>,
        /// Whether another server than the one asked gave the answer.
        redirected: bool,
    },
    /// The connection ended before the file did.
    #[error("the connection to {host} ended after {} of {}: {message}", size(*.done), .total.map_or("?".to_owned(), size))]
    Cut {
        /// Who sent.
        host: String,
        /// Bytes on disk.
        done: u64,
        /// Bytes of the whole file, if known.
        total: Option<u64>,
        /// The reason.
        message: String,
    },
    /// Too many attempts in a row failed, or the server asks for too long a wait.
    #[error("{last}{}", gave_up(*.attempts, .last))]
    GaveUp {
        /// How many.
        attempts: u32,
        /// What the last one came to.
        last: Box<DownloadError>,
    },
    /// What came is something else, such as a page for people.
    #[error("{address} sent something else than {expected}: {found}")]
    OtherContent {
        /// The address, without its query.
        address: String,
        /// What was asked for.
        expected: String,
        /// What came.
        found: String,
    },
    /// The server's own file makes no sense. What came of it was removed.
    #[error("the file at {address} is in no good state on the server: {message}")]
    Unsound {
        /// The address, without its query.
        address: String,
        /// What is wrong with it.
        message: String,
    },
    /// The bytes are not those that the server has. They were removed.
    #[error("`{}` arrived damaged each time: {found}, expected {expected}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the server says.
        expected: String,
        /// What the bytes give.
        found: String,
    },
    /// The disk has no room for the file.
    #[error(
        "no room for `{}`: {} more are needed and {} are free\nhint: free some space, or choose a folder on another disk",
        path.display(), size(*.needed), size(*.free)
    )]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// Bytes still to come.
        needed: u64,
        /// Bytes that the disk has.
        free: u64,
    },
    /// The disk filled up meanwhile.
    #[error(
        "the disk is full: `{}` has {}{}\nhint: free some space and run the same command; it goes on from there",
        path.display(), size(*.done), .total.map_or(String::new(), |total| format!(" of {}", size(total)))
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// Bytes on disk.
        done: u64,
        /// Bytes of the whole file, if known.
        total: Option<u64>,
    },
    /// Another failure of the file system.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The watcher wanted the end.
    #[error("the download was interrupted; the same command goes on from there")]
    Cancelled,
}

impl DownloadError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// Whether another try may help.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NoAnswer { transient, .. } => *transient,
            // A signed address has a short life; asking anew gives a fresh one.
            Self::Status { status: 400 | 401 | 403 | 404 | 410, redirected: true, .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Cut { .. } => true,
            _ => false,
        }
    }

    /// The wait that the server asks for.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::GaveUp { last, .. } => last.retry_after(),
            _ => None,
        }
    }

    /// Whether every other file from the same server would fail alike.
    pub(crate) fn concerns_all(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::DiskFull { .. } | Self::Cancelled => true,
            Self::GaveUp { last, .. } => last.concerns_all(),
            _ => false,
        }
    }

    /// HTTP's code and what was said to it, if the server that was asked refused.
    pub(crate) fn refusal(&self) -> Option<(u16, &str)> {
        match self {
            Self::Status { status, message, redirected: false, .. } => Some((*status, message)),
            Self::GaveUp { last, .. } => last.refusal(),
            _ => None,
        }
    }
}

/// Bytes as people read them.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = bytes as f64;
    let mut text = format!("{bytes} B");
    for unit in UNITS {
        if value < 1000.0 {
            break;
        }
        value /= 1024.0;
        text = format!("{value:.1} {unit}");
    }
    text
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn gave_up(attempts: u32, last: &DownloadError) -> String {
    match last.retry_after() {
        Some(wait) if attempts == 1 => format!("; it asks to wait {} s", wait.as_secs()),
        _ => format!("; gave up after {attempts} attempts in a row"),
    }
}
