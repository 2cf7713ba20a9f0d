//! Placing files.
use crate::error::PrepareError;
use std::path::PathBuf;
pub(crate) struct Placement {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}
pub(crate) fn place(files: &[Placement], done: &(dyn Fn(u64) + Sync)) -> Result<(), PrepareError> {
    for Placement { from, to } in files {
        if from.is_dir() {
            std::fs::create_dir_all(to).map_err(|e| PrepareError::io("create", to, e))?;
            let inner = std::fs::read_dir(from)
                .map_err(|e| PrepareError::io("read", from, e))?
                .flatten()
                .map(|e| Placement { from: e.path(), to: to.join(e.file_name()) })
                .collect::<Vec<_>>();
            place(&inner, done)?;
        } else {
            if !to.exists() {
                std::fs::hard_link(from, to)
                    .or_else(|_| std::fs::copy(from, to).map(|_| ()))
                    .map_err(|e| PrepareError::io("place", to, e))?;
            }
            done(1);
        }
    }
    Ok(())
}
