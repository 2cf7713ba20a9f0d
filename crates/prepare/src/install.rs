//! Putting a whole directory in place at once, with other processes trying the same.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::error::PrepareError;
use crate::layout::OutputFile;
use crate::manifest::MANIFEST_FILE;

/// Where a competition goes, held against other processes until dropped.
pub(crate) struct Site {
    out: PathBuf,
    parent: PathBuf,
    name: String,
    _lock: File,
}

/// The directory that `out` names, with links resolved as far as it exists; its parent is created.
pub(crate) fn resolve(out: &Path) -> Result<PathBuf, PrepareError> {
    let absolute = std::path::absolute(out).map_err(|error| PrepareError::io("resolve", out, error))?;
    match fs::canonicalize(&absolute) {
        Ok(path) => return Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(PrepareError::io("resolve", out, error)),
    }
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(PrepareError::io("create", out, io::ErrorKind::InvalidInput.into()));
    };
    fs::create_dir_all(parent).map_err(|error| PrepareError::io("create", parent, error))?;
    let parent = fs::canonicalize(parent).map_err(|error| PrepareError::io("resolve", parent, error))?;
    Ok(parent.join(name))
}

impl Site {
    /// Waits until no other process works on `out`, a path that [`resolve`] gave.
    pub(crate) fn lock(out: &Path) -> Result<Self, PrepareError> {
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            return Err(PrepareError::io("replace", out, io::ErrorKind::InvalidInput.into()));
        };
        let name = name.to_string_lossy().into_owned();
        let path = parent.join(format!(".{name}.lock"));
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| PrepareError::io("open", &path, error))?;
        while let Err(error) = flock(&lock, FlockOperation::LockExclusive) {
            if error != rustix::io::Errno::INTR {
                return Err(PrepareError::io("lock", &path, error.into()));
            }
        }
        Ok(Self { out: out.to_owned(), parent: parent.to_owned(), name, _lock: lock })
    }

    /// A folder beside the directory to work in: the one that an earlier try with the same `key` left, or a new one.
    /// What tries with other keys left is removed.
    pub(crate) fn stage(&self, key: &str) -> Result<Staging<'_>, PrepareError> {
        self.check_replaceable()?;
        let folder = self.parent.join(format!("{}{key}", self.staging_prefix()));
        self.remove_leftovers(&folder)?;
        fs::create_dir_all(&folder).map_err(|error| PrepareError::io("create", &folder, error))?;
        Ok(Staging { site: self, folder })
    }

    fn staging_prefix(&self) -> String {
        format!(".{}.new-", self.name)
    }

    /// Refuses to replace a directory that holds anything preparation doesn't write.
    fn check_replaceable(&self) -> Result<(), PrepareError> {
        let entries = match fs::read_dir(&self.out) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(PrepareError::io("read", &self.out, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| PrepareError::io("read", &self.out, error))?.file_name();
            if !["public", "private", MANIFEST_FILE].iter().any(|known| entry == **known) {
                let entry = entry.to_string_lossy().into_owned();
                return Err(PrepareError::Foreign { path: self.out.clone(), entry });
            }
        }
        Ok(())
    }

    /// Removes what killed processes left, but for one folder; the lock says that none is at work.
    fn remove_leftovers(&self, spared: &Path) -> Result<(), PrepareError> {
        let entries = fs::read_dir(&self.parent).map_err(|error| PrepareError::io("read", &self.parent, error))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path != spared && entry.file_name().to_string_lossy().starts_with(&self.staging_prefix()) {
                fs::remove_dir_all(&path).map_err(|error| PrepareError::io("remove", &path, error))?;
            }
        }
        Ok(())
    }
}

/// A folder that holds a directory in the making, and whatever is needed for it. It outlives a process that is killed.
pub(crate) struct Staging<'a> {
    site: &'a Site,
    folder: PathBuf,
}

impl Staging<'_> {
    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the directory is made.
    pub(crate) fn new_folder(&self) -> PathBuf {
        self.folder.join("new")
    }

    /// Puts the new directory in place of the old one, and removes the rest. On any error the old one stays.
    pub(crate) fn commit(self, manifest: &[u8]) -> Result<(), PrepareError> {
        let (new, old, out) = (self.new_folder(), self.folder.join("old"), &self.site.out);
        write(&new.join(MANIFEST_FILE), manifest)?;
        set_modes(&new, 0o755, 0o644)?;
        set_modes(&new.join("private"), 0o700, 0o600)?;
        sync(&new)?;
        let replaced = match fs::rename(out, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(PrepareError::io("replace", out, error)),
        };
        fs::rename(&new, out).map_err(|error| {
            if replaced {
                // The first error is the one to report; should this fail as well, the next preparation starts anew.
                let _ = fs::rename(&old, out);
            }
            PrepareError::io("create", out, error)
        })
    }

    /// Writes a file of the new directory.
    pub(crate) fn write(&self, file: &OutputFile) -> Result<(), PrepareError> {
        write(&self.new_folder().join(&file.path), &file.bytes)
    }
}

impl Drop for Staging<'_> {
    /// After an error nothing is left; only a killed process leaves the folder to the next.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Brings everything written to the disk, so that a directory that is in place is whole even after a power cut.
fn sync(folder: &Path) -> Result<(), PrepareError> {
    let opened = File::open(folder).map_err(|error| PrepareError::io("open", folder, error))?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&opened).map_err(|error| PrepareError::io("write", folder, error.into()))?;
    #[cfg(not(target_os = "linux"))]
    opened.sync_all().map_err(|error| PrepareError::io("write", folder, error))?;
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| PrepareError::io("create", parent, error))?;
    }
    fs::write(path, bytes).map_err(|error| PrepareError::io("write", path, error))
}

/// Gives a folder and all below it their modes, whatever the umask: agents' code, which may run as another user, reads
/// `public/`; nobody else reads `private/`.
fn set_modes(folder: &Path, folders: u32, files: u32) -> Result<(), PrepareError> {
    let failed = |path: &Path, error| PrepareError::io("set the mode of", path, error);
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(folder, error))?;
        let path = entry.path();
        if entry.file_type().map_err(|error| failed(&path, error))?.is_dir() {
            set_modes(&path, folders, files)?;
        } else if entry.metadata().map_err(|error| failed(&path, error))?.nlink() == 1 {
            // A hard link shares its mode with the download's file, which is the user's.
            fs::set_permissions(&path, Permissions::from_mode(files)).map_err(|error| failed(&path, error))?;
        }
    }
    fs::set_permissions(folder, Permissions::from_mode(folders)).map_err(|error| failed(folder, error))
}
