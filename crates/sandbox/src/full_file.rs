//! Finding out that a run was stopped by the limit on the size of a file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Entries looked at before the search for a full file is given up.
const SEARCHED: usize = 20_000;
/// File stamps lag behind the clock by up to a timer tick.
const STAMP_LAG: Duration = Duration::from_millis(20);

/// Whether a run that began at `began` left a file of `limit` bytes, the most that a file may have, below `folders`.
///
/// The kernel cuts a write off at the limit, and Python turns the signal that follows into an exception, so the file is
/// what tells.
pub(crate) fn has_full_file(folders: impl IntoIterator<Item = PathBuf>, limit: u64, began: SystemTime) -> bool {
    let began = (began - STAMP_LAG).duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut open: Vec<PathBuf> = folders.into_iter().collect();
    let mut left = SEARCHED;
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            left = left.saturating_sub(1);
            if left == 0 {
                return false;
            }
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                open.push(entry.path());
                continue;
            }
            let changed = Duration::new(metadata.ctime().unsigned_abs(), metadata.ctime_nsec().unsigned_abs() as u32);
            if metadata.is_file() && metadata.len() >= limit && changed >= began {
                return true;
            }
        }
    }
    false
}
