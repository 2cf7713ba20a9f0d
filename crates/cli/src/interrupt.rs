//! Ctrl-C: the first one ends what runs and lets us clean up, the second one ends us at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use mledojo_sandbox::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM};

/// Whether the user asked for the end. Clones share the request.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the flag is still unset when the first signal comes.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag)))
                .context("cannot listen for Ctrl-C")?;
        }
        Ok(Self(flag))
    }

    /// Whether the end was asked for.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Passes the request on to runs in progress while `work` goes on.
    pub(crate) fn cancelling<T>(&self, cancels: &[Cancel], work: impl FnOnce() -> T) -> T {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    if self.is_set() {
                        cancels.iter().for_each(Cancel::cancel);
                        return;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            });
            let result = work();
            done.store(true, Ordering::SeqCst);
            result
        })
    }
}
