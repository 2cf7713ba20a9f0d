//! The contract that every way of running code fulfils.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::SandboxError;
use crate::job::Job;
use crate::report::Report;

/// Runs jobs, each isolated from the host and from each other.
///
/// An implementation may keep interpreters ready between runs; nothing of one job may be seen by another, save
/// what the job's working folder keeps. `run` blocks until the last process of the job is gone.
pub trait Sandbox: Send + Sync {
    /// The name by which a user chooses this sandbox: `namespace`.
    fn name(&self) -> &'static str;

    /// Runs one job to its end.
    ///
    /// # Errors
    /// Only what is wrong with the request or the host (a missing folder, no file descriptors left). Whatever the
    /// code does is an [`Outcome`](crate::Outcome) of the report.
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError>;
}

/// Ends a run from another thread. Clones share the request.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end. It stays asked for.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
