//! Those that are to be woken: a thread looks whether the run was cancelled, and whether an agent thinks for longer than
//! its episode has time. An environment looks at its clock only when a step is taken.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mledojo_sandbox::Cancel;

/// Who is watched.
#[derive(Default)]
pub(super) struct Watch {
    watched: Mutex<Vec<Arc<Watched>>>,
}

/// One episode that goes on.
#[derive(Default)]
pub(super) struct Watched {
    /// Ends its run of code, and what its agent waits for.
    pub(super) cancel: Cancel,
    /// Until when its agent may think; `None` while it doesn't.
    until: Mutex<Option<Instant>>,
    late: AtomicBool,
}

const TICK: Duration = Duration::from_millis(20);

impl Watch {
    /// Looks until `done`.
    pub(super) fn look(&self, run: &Cancel, done: &AtomicBool) {
        while !done.load(Ordering::SeqCst) {
            let cancelled = run.is_cancelled();
            for watched in self.all().iter() {
                watched.look(cancelled);
            }
            std::thread::sleep(TICK);
        }
    }

    /// Watches an episode for as long as somebody else knows of it.
    pub(super) fn add(&self) -> Arc<Watched> {
        let watched = Arc::new(Watched::default());
        let mut all = self.all();
        all.retain(|watched| Arc::strong_count(watched) > 1);
        all.push(Arc::clone(&watched));
        watched
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Its agent thinks from now on, and has so many seconds.
    pub(super) fn thinks(&self, seconds_left: Option<f64>) {
        let left = seconds_left.and_then(|left| Duration::try_from_secs_f64(left).ok());
        self.set(left.and_then(|left| Instant::now().checked_add(left)));
    }

    /// Its agent has chosen.
    pub(super) fn has_chosen(&self) {
        self.set(None);
    }

    /// Whether its agent thought for too long.
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::SeqCst)
    }

    fn set(&self, until: Option<Instant>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn look(&self, cancelled: bool) {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let late = until.is_some_and(|until| Instant::now() >= until);
        if late {
            self.late.store(true, Ordering::SeqCst);
        }
        if late || cancelled {
            self.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_thinks_for_too_long_is_cancelled_alone() {
        let watch = Watch::default();
        let (late, chosen, patient) = (watch.add(), watch.add(), watch.add());
        late.thinks(Some(0.0));
        chosen.thinks(Some(0.0));
        chosen.has_chosen();
        patient.thinks(None);
        let (run, done) = (Cancel::default(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| watch.look(&run, &done));
            while !late.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            assert!(late.is_late() && !chosen.cancel.is_cancelled() && !patient.cancel.is_cancelled());
            run.cancel();
            while !patient.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            done.store(true, Ordering::SeqCst);
        });
        assert!(!patient.is_late() && !chosen.is_late());
    }
}
