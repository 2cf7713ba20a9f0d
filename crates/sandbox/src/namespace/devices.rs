//! A run's GPUs as its jail shows them: their device nodes, and what the driver tells in `/proc`.

use std::path::Path;

use super::mounts::{Builder, DEVICE, READ_ONLY, Step, c};
use super::raw::NOEXEC;
use super::skeleton::cover;
use crate::error::SandboxError;
use crate::gpu::{DRIVER_FOLDER, Grant};

/// The steps that show these GPUs, or hide all of them. `by_others`: the code is another user than the supervisor's.
pub(super) fn of(grant: Option<&Grant>, by_others: bool) -> Result<Vec<Step>, SandboxError> {
    let folder = Path::new(DRIVER_FOLDER);
    let has_folder = folder.is_dir();
    let Some(grant) = grant else {
        // Any new `/proc` tells of the driver, of every GPU and of its serial number.
        return if has_folder { cover(folder, true) } else { Ok(Vec::new()) };
    };
    let mut builder = Builder::default();
    for node in grant.nodes(by_others)? {
        let name = node.file_name().unwrap_or_default();
        // The node itself stays writable, as any device on a read-only mount.
        builder.bind(&node, Path::new("/dev").join(name), DEVICE)?;
    }
    // What was made before must not be made again: the folders exist.
    builder.steps.retain(|step| !matches!(step, Step::Dir(_)));
    if has_folder {
        let path = c(folder)?;
        // Over itself, as a mount that can be made read-only.
        let step = Step::Bind { source: path.clone(), target: path, attributes: READ_ONLY | NOEXEC, same: None };
        builder.steps.push(step);
        for foreign in grant.foreign_folders() {
            builder.steps.extend(cover(&foreign, true)?);
        }
    }
    Ok(builder.steps)
}
