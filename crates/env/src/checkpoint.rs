//! A copy of the working folder from before a run, so that a run which comes to no step leaves nothing behind.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::Path;

/// Beyond these the folder is not copied: a copy before each run would cost more than it saves.
const MOST_BYTES: u64 = 64 << 20;
const MOST_ENTRIES: u64 = 10_000;
const DEEPEST: usize = 64;

/// Copies the folder `from` to `to`, which must not exist; links stay links, owners and modes are kept. `Ok(false)`:
/// the folder is too large, or holds what cannot be copied; `to` is then a part of it, to be thrown away.
///
/// To be called when nothing writes to the folder.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<bool> {
    let mut budget = Budget { bytes: MOST_BYTES, entries: MOST_ENTRIES };
    match copy_folder(from, to, 0, &mut budget) {
        // A run may do well without the room that a copy would take. A name is too long that lies very deep.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::InvalidFilename
            ) =>
        {
            Ok(false)
        }
        copied => copied,
    }
}

struct Budget {
    bytes: u64,
    entries: u64,
}

impl Budget {
    fn take(&mut self, bytes: u64) -> bool {
        let enough = self.bytes >= bytes && self.entries > 0;
        self.bytes = self.bytes.saturating_sub(bytes);
        self.entries = self.entries.saturating_sub(1);
        enough
    }
}

fn copy_folder(from: &Path, to: &Path, depth: usize, budget: &mut Budget) -> io::Result<bool> {
    if depth > DEEPEST {
        return Ok(false);
    }
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        // The agent locked it, and we are no more than its owner.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(false),
        Err(error) => return Err(error),
    };
    fs::create_dir(to)?;
    for entry in entries {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let metadata = source.symlink_metadata()?;
        let kind = metadata.file_type();
        let bytes = if kind.is_file() { metadata.len() } else { 0 };
        if !budget.take(bytes) {
            return Ok(false);
        }
        if kind.is_dir() {
            if !copy_folder(&source, &target, depth + 1, budget)? {
                return Ok(false);
            }
        } else if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
            keep_owner(&metadata, &target)?;
        } else if kind.is_file() {
            match fs::copy(&source, &target) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(false),
                copied => copied?,
            };
            keep_owner(&metadata, &target)?;
        } else {
            return Ok(false);
        }
    }
    let metadata = from.metadata()?;
    keep_owner(&metadata, to)?;
    fs::set_permissions(to, Permissions::from_mode(metadata.mode() & 0o7777))?;
    Ok(true)
}

/// As root, what the agent owns must stay its own; others own their copies anyway.
fn keep_owner(metadata: &fs::Metadata, target: &Path) -> io::Result<()> {
    let copy = target.symlink_metadata()?;
    if (copy.uid(), copy.gid()) != (metadata.uid(), metadata.gid()) {
        lchown(target, Some(metadata.uid()), Some(metadata.gid()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_files_links_and_modes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("sub")).unwrap();
        fs::write(from.join("sub/file"), "text").unwrap();
        fs::set_permissions(from.join("sub/file"), Permissions::from_mode(0o640)).unwrap();
        symlink("nowhere", from.join("link")).unwrap();
        assert!(copy(&from, &to).unwrap());
        assert_eq!(fs::read(to.join("sub/file")).unwrap(), b"text");
        assert_eq!(fs::metadata(to.join("sub/file")).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("nowhere"));
    }

    #[test]
    fn a_deep_tree_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("x/".repeat(100))).unwrap();
        assert!(!copy(&from, &to).unwrap());
        fs::remove_dir_all(&from).unwrap();
        fs::remove_dir_all(&to).unwrap();
        // As deep, and by names longer than a path may be.
        fs::create_dir(&from).unwrap();
        let mut inner = fs::File::open(&from).unwrap();
        for _ in 0..40 {
            let name = "long-".repeat(40);
            rustix::fs::mkdirat(&inner, &name, rustix::fs::Mode::RWXU).unwrap();
            let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
            inner = rustix::fs::openat(&inner, &name, flags, rustix::fs::Mode::empty()).unwrap().into();
        }
        assert!(!copy(&from, &to).unwrap());
    }

    #[test]
    fn too_much_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir(&from).unwrap();
        fs::File::create(from.join("sparse")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(!copy(&from, &to).unwrap());
    }
}
