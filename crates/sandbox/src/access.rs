//! What the code's user may reach, where that is another user than the supervisor's.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;

use crate::error::SandboxError;

/// Refuses an input that the code could not list: it is none of the folder's owners.
pub(crate) fn check_readable(folder: &Path) -> Result<(), SandboxError> {
    let metadata = fs::metadata(folder).map_err(|source| failed("read", folder, source))?;
    if metadata.mode() & 0o005 == 0o005 {
        return Ok(());
    }
    Err(SandboxError::InvalidJob(format!(
        "the input folder `{}` can't be read by other users, and as root code runs as another user: `chmod -R o+rX` it",
        folder.display()
    )))
}

/// Makes `owner` the owner of the folder and of what the supervisor put there.
///
/// The folder's own owner tells whether this was done, so a later run costs one look. No code runs in the folder
/// before, so nothing in it can be swapped meanwhile.
pub(crate) fn give_to(folder: &Path, owner: u32) -> Result<(), SandboxError> {
    let metadata =
        fs::symlink_metadata(folder).and_then(|link| if link.is_symlink() { fs::metadata(folder) } else { Ok(link) });
    let metadata = metadata.map_err(|source| failed("read", folder, source))?;
    if metadata.uid() == owner {
        return Ok(());
    }
    give_content(folder, owner)?;
    std::os::unix::fs::chown(folder, Some(owner), Some(owner))
        .map_err(|source| failed("give to the sandbox's user", folder, source))
}

fn give_content(folder: &Path, owner: u32) -> Result<(), SandboxError> {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|source| failed("list", &folder, source))? {
            let entry = entry.map_err(|source| failed("list", &folder, source))?;
            let path = entry.path();
            let metadata = entry.metadata().map_err(|source| failed("read", &path, source))?;
            if !is_ours(&metadata) {
                continue;
            }
            lchown(&path, Some(owner), Some(owner))
                .map_err(|source| failed("give to the sandbox's user", &path, source))?;
            if metadata.is_dir() {
                open.push(path);
            }
        }
    }
    Ok(())
}

/// A file with a second name may be someone else's under that name.
fn is_ours(metadata: &Metadata) -> bool {
    metadata.is_dir() || metadata.nlink() == 1
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> SandboxError {
    SandboxError::Io { action, path: path.into(), source }
}
