//! What preparation tells of while it works.

/// Hears what is being done. Called from several threads.
pub trait Progress: Sync {
    /// Something begins: `total` is its size in `unit`s, where it is known.
    fn begin(&self, task: &str, total: Option<u64>, unit: ProgressUnit);

    /// So many units of the task that began last are done.
    fn advance(&self, done: u64);
}

/// What progress is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressUnit {
    /// Bytes.
    Bytes,
    /// Files.
    Files,
    /// Rows of a table.
    Rows,
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _task: &str, _total: Option<u64>, _unit: ProgressUnit) {}

    fn advance(&self, _done: u64) {}
}
