//! A folder beside the target's files, in which an archive is unpacked before its files are moved among them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ArchiveError;

/// Removed with what is in it when dropped.
pub(super) struct Staging {
    folder: PathBuf,
}

impl Staging {
    /// Makes the folder, empty: what an interrupted attempt at the same archive left there is removed.
    pub(super) fn new(archive: &Path, into: &Path) -> Result<Self, ArchiveError> {
        let mut name = OsString::from(".unpacking-");
        name.push(archive.file_name().unwrap_or_default());
        let staging = Self { folder: into.join(name) };
        staging.clear().map_err(|error| ArchiveError::io("remove", &staging.folder, error))?;
        fs::create_dir_all(&staging.folder)
            .map_err(|error| ArchiveError::io("make the folder", &staging.folder, error))?;
        Ok(staging)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves everything into the target. A file that is there already is replaced, a folder is added to.
    pub(super) fn move_into(self, archive: &Path, into: &Path) -> Result<(), ArchiveError> {
        move_all(&self.folder, into).map_err(|(path, error)| match error.kind() {
            io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
                let entry = path.strip_prefix(into).unwrap_or(&path).display().to_string();
                ArchiveError::Exists { archive: archive.to_owned(), entry, path }
            }
            _ => ArchiveError::Io { action: "move a file to", path, source: error },
        })
    }

    fn clear(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // If that fails, the next attempt tells.
        let _ = self.clear();
    }
}

/// The error comes with the place that a file or folder couldn't be moved to.
fn move_all(from: &Path, to: &Path) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let target = to.join(entry.file_name());
        let is_folder = entry.file_type().map_err(at(&target))?.is_dir();
        // A folder with files in it cannot be replaced by another, so it takes the other's files.
        match fs::rename(entry.path(), &target) {
            Err(error) if is_folder && error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                move_all(&entry.path(), &target)?;
            }
            moved => moved.map_err(at(&target))?,
        }
    }
    Ok(())
}
