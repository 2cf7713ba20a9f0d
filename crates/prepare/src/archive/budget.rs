//! How much may come out of an archive.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bounds on what one call unpacks, archives within the archive included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders.
    pub files: u64,
    /// Bytes in all. The free space of the disk is a limit besides.
    pub bytes: u64,
    /// How many times the archive's size may come out, once that is more than 256 MiB. Deflate can pack a thousand
    /// times, but tables and images never do by more than a few dozen.
    pub ratio: u64,
}

impl Default for Limits {
    /// 20 million files, any number of bytes, 250 times the size of the archive.
    fn default() -> Self {
        Self { files: 20_000_000, bytes: u64::MAX, ratio: 250 }
    }
}

/// What is free of [`Limits::ratio`]: small archives of constant tables pack extremely well.
const RATIO_FREE: u64 = 256 << 20;

/// Limits, and what was used of them. Shared between threads.
pub(super) struct Budget {
    limits: Limits,
    /// Bytes by size of the archive.
    by_ratio: u64,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    pub(super) fn new(limits: Limits, archive_size: u64) -> Self {
        let by_ratio = archive_size.saturating_mul(limits.ratio).max(RATIO_FREE);
        Self { limits, by_ratio, files: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// Takes one file, or tells the limit.
    pub(super) fn take_file(&self) -> Result<(), String> {
        match self.files.fetch_add(1, Ordering::Relaxed) {
            used if used < self.limits.files => Ok(()),
            _ => Err(format!("{} files", self.limits.files)),
        }
    }

    /// Takes bytes, or tells the limit.
    pub(super) fn take_bytes(&self, bytes: u64) -> Result<(), String> {
        let used = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.check(used.saturating_add(bytes))
    }

    /// Tells the limit that `more` bytes would break.
    pub(super) fn foresee(&self, more: u64) -> Result<(), String> {
        self.check(self.bytes().saturating_add(more))
    }

    /// Tells the limit that a stream of so many bytes breaks by itself, whatever files come of it.
    pub(super) fn stream(&self, bytes: u64) -> Result<(), String> {
        self.check(bytes)
    }

    fn check(&self, bytes: u64) -> Result<(), String> {
        if bytes > self.limits.bytes {
            Err(format!("{} bytes", self.limits.bytes))
        } else if bytes > self.by_ratio {
            Err(format!("{} bytes, {} times its size: it may be a bomb", self.by_ratio, self.limits.ratio))
        } else {
            Ok(())
        }
    }

    pub(super) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}
