//! Who hears what a workbench does that takes its time.

use mledojo_prepare::{NoProgress, Progress};
use mledojo_sandbox::{InstallEvent, Runtime};

/// Hears what takes its time, and what a user must be told.
pub trait Watcher: Send + Sync {
    /// The managed runtime is being made.
    fn installing(&self, _event: &InstallEvent) {}

    /// It is made.
    fn installed(&self, _runtime: &Runtime) {}

    /// A competition's data is being made; what this gives hears how far it has come, and is dropped at its end.
    fn preparing(&self, _slug: &str) -> Box<dyn Progress> {
        Box::new(NoProgress)
    }

    /// What the sandbox does not keep code from. Whoever chose it must see this.
    fn warning(&self, text: &str);
}

/// Hears nothing. Warnings go to the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWatcher;

impl Watcher for NoWatcher {
    fn warning(&self, text: &str) {
        log::warn!("{text}");
    }
}
