//! Long work that Ctrl-C can end.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use mledojo_sandbox::Cancel;
use pyo3::prelude::*;

/// How often Python is asked for signals; a person doesn't notice, and a core doesn't either.
const LOOK: Duration = Duration::from_millis(50);

/// Does work on a thread of its own, without the interpreter, while this one waits for it and for signals. When a signal's
/// handler raises (as that of Ctrl-C does), the work is cancelled and waited for, and the exception is the result.
///
/// # Errors
/// What a signal's handler raised.
pub(crate) fn interruptible<T: Send>(py: Python<'_>, cancel: &Cancel, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| {
        thread::scope(|scope| {
            let (done, waiting) = mpsc::sync_channel(1);
            let worker = scope.spawn(move || {
                // Nobody waits any more only when this thread is being unwound.
                let _ = done.send(work());
            });
            let mut raised = None;
            loop {
                match waiting.recv_timeout(LOOK) {
                    Ok(value) => return raised.map_or(Ok(value), Err),
                    Err(RecvTimeoutError::Timeout) if raised.is_none() => {
                        if let Err(error) = Python::attach(|py| py.check_signals()) {
                            cancel.cancel();
                            raised = Some(error);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => match worker.join() {
                        Err(panic) => std::panic::resume_unwind(panic),
                        Ok(()) => unreachable!("a worker that ends without a panic has sent its value"),
                    },
                }
            }
        })
    })
}
