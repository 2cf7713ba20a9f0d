//! How much room a disk has.

use std::io;
use std::path::Path;

use crate::fetch::error::DownloadError;

/// What stays free beside a download, for everybody else on the disk.
const SPARE: u64 = 16 << 20;

/// Bytes that an ordinary user can still write below a folder, or below the nearest one above it that exists.
///
/// # Errors
/// A folder that cannot be looked at.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    for folder in folder.ancestors() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match rustix::fs::statvfs(folder) {
            Ok(disk) => return Ok(disk.f_bavail.saturating_mul(disk.f_frsize)),
            Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Refuses to begin what the disk has no room for.
pub(crate) fn check_room(file: &Path, needed: u64) -> Result<(), DownloadError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let free = free_bytes(folder).map_err(|error| DownloadError::io("find the free space of", folder, error))?;
    if needed.saturating_add(SPARE) > free {
        return Err(DownloadError::NoRoom { path: file.to_owned(), needed, free });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_that_of_the_disk_below() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("not/yet/there.zip");
        assert!(free_bytes(&file).unwrap() > 0);
        check_room(&file, 1).unwrap();
        let error = check_room(&file, 1 << 60).unwrap_err().to_string();
        assert!(error.contains("1.0 EiB") || error.contains("1024.0 PiB"), "{error}");
        assert!(error.contains("there.zip") && error.contains("free"), "{error}");
    }
}
