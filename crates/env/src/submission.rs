//! Taking a submission out of the agent's folder without being tricked by what lies there.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::EnvError;

/// The file that an agent's code writes, in its working folder.
pub const SUBMISSION_FILE: &str = "submission.csv";

/// Why what lies at the submission's path is not read. Its text is written for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubmissionFileError {
    /// A link, folder, pipe, socket or device.
    #[error("`submission.csv` is {found}, not a regular file")]
    NotRegular {
        /// What it is.
        found: &'static str,
    },
    /// It has another name somewhere.
    #[error("`submission.csv` is a hard link to another file; write a file of its own")]
    HardLink,
    /// Larger than the environment takes.
    #[error("`submission.csv` has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// It cannot be opened or read.
    #[error("`submission.csv` cannot be read: {reason}")]
    Unreadable {
        /// The system's reason.
        reason: String,
    },
}

/// Copies the submission in `work_dir` to `target`; returns the SHA-256 of its bytes in hex. `Ok(None)`: there is none.
///
/// To be called when no process of the run is left. The source is opened once, without following links and without
/// waiting for a pipe's other end, and all checks are on that descriptor.
pub(crate) fn take(
    work_dir: &Path,
    target: &Path,
    limit: u64,
) -> Result<Option<Result<String, SubmissionFileError>>, EnvError> {
    let path = work_dir.join(SUBMISSION_FILE);
    let kind = match rustix::fs::statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => FileType::from_raw_mode(stat.st_mode),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Ok(Some(Err(SubmissionFileError::Unreadable { reason: error.to_string() }))),
    };
    if let Some(found) = not_regular(kind) {
        return Ok(Some(Err(SubmissionFileError::NotRegular { found })));
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let source = match rustix::fs::open(&path, flags, Mode::empty()) {
        Ok(descriptor) => File::from(descriptor),
        Err(error) => return Ok(Some(Err(SubmissionFileError::Unreadable { reason: error.to_string() }))),
    };
    let stat = rustix::fs::fstat(&source).map_err(|error| EnvError::io("inspect", &path, error.into()))?;
    if let Some(found) = not_regular(FileType::from_raw_mode(stat.st_mode)) {
        return Ok(Some(Err(SubmissionFileError::NotRegular { found })));
    }
    if stat.st_nlink > 1 {
        return Ok(Some(Err(SubmissionFileError::HardLink)));
    }
    let bytes = stat.st_size.unsigned_abs();
    if bytes > limit {
        return Ok(Some(Err(SubmissionFileError::TooLarge { bytes, limit })));
    }
    copy(&path, source, target, limit).map(|sha256| Some(Ok(sha256)))
}

fn copy(path: &Path, source: File, target: &Path, limit: u64) -> Result<String, EnvError> {
    let mut output = File::create(target).map_err(|error| EnvError::io("create", target, error))?;
    let mut source = source.take(limit);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = source.read(&mut buffer).map_err(|error| EnvError::io("read", path, error))?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        output.write_all(&buffer[..count]).map_err(|error| EnvError::io("write", target, error))?;
    }
    output.sync_all().map_err(|error| EnvError::io("sync", target, error))?;
    Ok(hex(&hash.finalize()))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn not_regular(kind: FileType) -> Option<&'static str> {
    match kind {
        FileType::RegularFile => None,
        FileType::Symlink => Some("a symbolic link"),
        FileType::Directory => Some("a folder"),
        FileType::Fifo => Some("a named pipe"),
        FileType::Socket => Some("a socket"),
        _ => Some("a device"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn refusal(prepare: impl FnOnce(&Path)) -> SubmissionFileError {
        let folder = tempfile::tempdir().unwrap();
        prepare(&folder.path().join(SUBMISSION_FILE));
        take(folder.path(), &folder.path().join("taken"), 1000).unwrap().unwrap().unwrap_err()
    }

    #[test]
    fn a_regular_file_is_copied_and_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("taken");
        assert_eq!(take(folder.path(), &target, 10).unwrap(), None);
        std::fs::write(folder.path().join(SUBMISSION_FILE), "abc").unwrap();
        let taken = take(folder.path(), &target, 10).unwrap().unwrap().unwrap();
        assert_eq!(taken, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(std::fs::read(&target).unwrap(), b"abc");
    }

    #[test]
    fn whatever_is_not_a_plain_file_is_refused_at_once() {
        let link = refusal(|path| symlink("/etc/passwd", path).unwrap());
        assert_eq!(link, SubmissionFileError::NotRegular { found: "a symbolic link" });
        let folder = refusal(|path| std::fs::create_dir(path).unwrap());
        assert_eq!(folder, SubmissionFileError::NotRegular { found: "a folder" });
        let pipe = refusal(|path| rustix::fs::mkfifoat(CWD, path, Mode::RWXU).unwrap());
        assert_eq!(pipe, SubmissionFileError::NotRegular { found: "a named pipe" });
        let socket = refusal(|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()));
        assert_eq!(socket, SubmissionFileError::NotRegular { found: "a socket" });
        let hard = refusal(|path| {
            let other = path.with_extension("other");
            std::fs::write(&other, "x").unwrap();
            std::fs::hard_link(&other, path).unwrap();
        });
        assert_eq!(hard, SubmissionFileError::HardLink);
        let sparse = refusal(|path| File::create(path).unwrap().set_len(5 << 30).unwrap());
        assert_eq!(sparse, SubmissionFileError::TooLarge { bytes: 5 << 30, limit: 1000 });
    }
}
