//! Writing an episode: append-only, durable step by step.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::episode::header::EpisodeHeader;
use crate::episode::record::StepRecord;
use crate::error::EnvError;

pub(crate) const STEPS_FILE: &str = "steps.jsonl";
const ARTIFACTS: &str = "artifacts";

/// An episode's log, open for appending. Only one process at a time has it.
#[derive(Debug)]
pub(crate) struct EpisodeLog {
    directory: PathBuf,
    steps: File,
    /// Bytes of `steps` that are whole lines.
    length: u64,
    /// Up to where the disk has been asked for room.
    reserved: u64,
}

/// Room that is asked for at first, and each time after that. Each sync makes a written piece of the beginning of the
/// unwritten one, for which ext4 has four places in the inode; from three pieces on it takes a block of its own and gives
/// it back, each time, and the sync takes half as long again. So the first two rooms must do for thousands of steps.
const FIRST_ROOM: u64 = 256 << 10;
const MORE_ROOM: u64 = 8 << 20;

impl Drop for EpisodeLog {
    /// Closing alone would leave the lock with a process that this program is starting elsewhere just now: it holds all
    /// open files until it becomes another program.
    fn drop(&mut self) {
        if self.reserved > self.length {
            // Gives back the room behind the end. Not what a crash has cut off a line: that needs a look first.
            let _ = self.steps.metadata().and_then(|metadata| self.steps.set_len(metadata.len()));
        }
        let _ = self.steps.unlock();
    }
}

impl EpisodeLog {
    /// Begins an episode in a folder that is new, empty, or holds an episode whose beginning was cut off.
    pub(crate) fn create(directory: &Path, header: &EpisodeHeader) -> Result<Self, EnvError> {
        fs::create_dir_all(directory).map_err(|error| EnvError::io("create", directory, error))?;
        if !is_free(directory).map_err(|error| EnvError::io("read", directory, error))? {
            return Err(EnvError::Episode {
                directory: directory.to_owned(),
                reason: "the folder is not empty; choose another, or resume the episode in it".to_owned(),
            });
        }
        let log = Self::open(directory)?;
        fs::create_dir_all(directory.join(ARTIFACTS)).map_err(|error| EnvError::io("create", directory, error))?;
        header.write(directory)?;
        Ok(log)
    }

    /// Opens a log and keeps other processes from it. To be [truncated](Self::truncate) before anything is appended.
    pub(crate) fn open(directory: &Path) -> Result<Self, EnvError> {
        let path = directory.join(STEPS_FILE);
        let steps = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| EnvError::io("open", &path, error))?;
        match steps.try_lock() {
            Ok(()) => Ok(Self { directory: directory.to_owned(), steps, length: 0, reserved: 0 }),
            Err(TryLockError::WouldBlock) => Err(EnvError::Episode {
                directory: directory.to_owned(),
                reason: "another process is playing this episode".to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(EnvError::io("lock", &path, error)),
        }
    }

    /// Keeps the first `length` bytes, which are whole lines, and drops the rest: a line cut off by a crash, whose step
    /// was never answered.
    pub(crate) fn truncate(&mut self, length: u64) -> Result<(), EnvError> {
        let path = self.directory.join(STEPS_FILE);
        self.steps
            .set_len(length)
            .and_then(|()| self.steps.seek(SeekFrom::Start(length)))
            .map_err(|error| EnvError::io("truncate", &path, error))?;
        self.length = length;
        self.reserved = length;
        Ok(())
    }

    /// Asks the disk for room behind the end, which readers don't see. Where it can't give that, it gives it later.
    fn reserve(&mut self, length: u64) {
        if length > self.reserved {
            let room = if self.reserved == 0 { FIRST_ROOM } else { MORE_ROOM }.max(length - self.reserved);
            #[cfg(target_os = "linux")]
            let _ = rustix::fs::fallocate(&self.steps, rustix::fs::FallocateFlags::KEEP_SIZE, self.reserved, room);
            self.reserved += room;
        }
    }

    /// Appends a step and waits until it is on the disk. On an error the log is as it was before.
    pub(crate) fn append(&mut self, record: &StepRecord) -> Result<(), EnvError> {
        let path = self.directory.join(STEPS_FILE);
        let failed = |error| EnvError::io("append to", &path, error);
        let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.reserve(self.length + line.len() as u64);
        if let Err(error) = self.steps.write_all(&line).and_then(|()| self.steps.sync_data()) {
            // A full disk takes part of a line; what remains must still be whole lines.
            self.truncate(self.length)?;
            return Err(failed(error));
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// An empty folder for the artifacts of a step, and its name below the episode's folder.
    pub(crate) fn artifact_folder(&self, step: u64) -> Result<(PathBuf, String), EnvError> {
        let name = format!("{ARTIFACTS}/{step:04}");
        let folder = self.directory.join(&name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(EnvError::io("remove", &folder, error));
            }
            _ => {}
        }
        fs::create_dir_all(&folder).map_err(|error| EnvError::io("create", &folder, error))?;
        Ok((folder, name))
    }

    /// Makes the names of a step's artifacts durable.
    pub(crate) fn sync_names(&self, folder: &Path) -> Result<(), EnvError> {
        sync_directory(folder)?;
        sync_directory(&self.directory.join(ARTIFACTS))
    }
}

/// Whether a folder holds nothing, or nothing but what [`EpisodeLog::create`] makes before there is a header.
fn is_free(directory: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let beginning = name == ARTIFACTS || name == EpisodeHeader::UNFINISHED_FILE;
        if !(beginning || (name == STEPS_FILE && entry.metadata()?.len() == 0)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes a file; it is durable some time later.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), EnvError> {
    fs::write(file, bytes).map_err(|error| EnvError::io("write", file, error))
}

/// Writes a file and waits until it is on the disk.
pub(crate) fn write_synced(file: &Path, bytes: &[u8]) -> Result<(), EnvError> {
    File::create(file)
        .and_then(|mut open| open.write_all(bytes).and_then(|()| open.sync_all()))
        .map_err(|error| EnvError::io("write", file, error))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), EnvError> {
    File::open(directory).and_then(|open| open.sync_all()).map_err(|error| EnvError::io("sync", directory, error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn room_behind_the_end_is_not_seen_and_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = EpisodeLog::open(folder.path()).unwrap();
        let metadata = || fs::metadata(folder.path().join(STEPS_FILE)).unwrap();
        log.reserve(10);
        assert_eq!((log.reserved, metadata().len()), (FIRST_ROOM, 0));
        log.reserve(FIRST_ROOM);
        assert_eq!(log.reserved, FIRST_ROOM);
        log.reserve(FIRST_ROOM + 1);
        assert_eq!((log.reserved, metadata().len()), (FIRST_ROOM + MORE_ROOM, 0));
        drop(log);
        assert_eq!((metadata().len(), metadata().blocks()), (0, 0));
    }
}
