//! Ctrl-C: the first one ends what runs and lets us clean up, the second one ends us at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

    /// Passes the request on to runs in progress while `work` goes on. Work that doesn't end by that, because it waits
    /// for a line of standard input, is left; all that was played is on disk.
    pub(crate) fn cancelling<T>(&self, cancels: &[Cancel], work: impl FnOnce() -> T) -> T {
        const TICK: Duration = Duration::from_millis(20);
        const PATIENCE: Duration = Duration::from_secs(5);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut asked: Option<Instant> = None;
                while !done.load(Ordering::SeqCst) {
                    match asked {
                        None if self.is_set() => {
                            cancels.iter().for_each(Cancel::cancel);
                            asked = Some(Instant::now());
                        }
                        Some(asked) if asked.elapsed() > PATIENCE => {
                            #[allow(clippy::exit, reason = "the thread that waits for input cannot be woken")]
                            std::process::exit(130);
                        }
                        _ => std::thread::sleep(TICK),
                    }
                }
            });
            let result = work();
            done.store(true, Ordering::SeqCst);
            result
        })
    }
}
