//! Who watches a download: progress out, the wish to end in.

use std::time::Duration;

/// Something to tell a user while a download goes on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DownloadEvent<'a> {
    /// Another process downloads the same file; this one waits for it.
    OtherProcess,
    /// Bytes come. Told once with what is on disk already, then as they arrive.
    Progress {
        /// Bytes on disk.
        done: u64,
        /// Bytes of the whole file, if the server says.
        total: Option<u64>,
    },
    /// What is on disk is of no use, so the download starts anew.
    Restart {
        /// Why.
        reason: &'a str,
    },
    /// An attempt failed; the next one comes after a pause.
    Retry {
        /// What failed.
        reason: &'a str,
        /// The pause.
        pause: Duration,
    },
}

/// Watches a download, and may end it.
pub trait Watch: Sync {
    /// Something happened.
    fn event(&self, _event: &DownloadEvent<'_>) {}

    /// Whether the download should end. What is on disk by then stays, for the next try.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Watch for () {}

/// Sleeps, unless the watcher wants the end; says whether all of it was slept.
pub(crate) fn sleep(time: Duration, watch: &dyn Watch) -> bool {
    const TICK: Duration = Duration::from_millis(50);
    let end = std::time::Instant::now() + time;
    loop {
        if watch.is_cancelled() {
            return false;
        }
        let left = end.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(TICK));
    }
}
