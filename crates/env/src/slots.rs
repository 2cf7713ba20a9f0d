//! Places in which agents' code runs: fewer than there are steps at work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mledojo_sandbox::Cancel;

/// A fixed number of slots, given to those who ask in the order in which they ask. A step holds one while its code runs,
/// and not while its files are written or its submission is graded.
///
/// Environments that share them by [`Environment::set_slots`](crate::Environment::set_slots) run so much code at once,
/// whichever threads they are on; an [`EnvPool`](crate::EnvPool) has its own.
#[derive(Debug)]
pub struct Slots {
    total: usize,
    /// Memory that the host must have to spare for another run beside those that go on.
    spare: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: usize,
    waiting: VecDeque<u64>,
    next: u64,
    /// Time for which slots that are free again were held.
    busy: Duration,
}

/// How often one who waits looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(20);

impl Slots {
    /// So many slots; at least one.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let total = slots.max(1);
        let state = State { free: total, waiting: VecDeque::new(), next: 0, busy: Duration::ZERO };
        Self { total, spare: 0, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The same, but beside runs that go on another one begins only while the host has so many bytes of memory to spare.
    /// Without any going on it begins at once: waiting would free nothing.
    #[must_use]
    pub fn sparing_memory(self, bytes: u64) -> Self {
        Self { spare: bytes, ..self }
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.total - self.state().free
    }

    /// Waits for a slot. `None` when cancelled meanwhile.
    pub(crate) fn acquire(&self, cancel: &Cancel) -> Option<Slot<'_>> {
        let mut state = self.state();
        let ticket = state.next;
        state.next += 1;
        state.waiting.push_back(ticket);
        while state.free == 0 || state.waiting.front() != Some(&ticket) || !self.has_memory(&state) {
            if cancel.is_cancelled() {
                state.waiting.retain(|waiting| *waiting != ticket);
                self.changed.notify_all();
                return None;
            }
            state = self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting.pop_front();
        state.free -= 1;
        if state.free > 0 {
            self.changed.notify_all();
        }
        Some(Slot { slots: self, since: Instant::now() })
    }

    fn has_memory(&self, state: &State) -> bool {
        self.spare == 0 || state.free == self.total || available_memory().is_none_or(|bytes| bytes >= self.spare)
    }

    /// Time for which slots that are free again were held, all together.
    pub(crate) fn busy(&self) -> Duration {
        self.state().busy
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that new programs can have without the host running short; `None` where it can't tell.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}

/// A slot that is held; dropping it frees it.
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
    since: Instant,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        state.free += 1;
        state.busy += self.since.elapsed();
        drop(state);
        self.slots.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_come_first_served_and_the_cancelled_are_passed_over() {
        let slots = Slots::new(1);
        let order = Mutex::new(Vec::new());
        let cancels: Vec<Cancel> = (0..4).map(|_| Cancel::default()).collect();
        std::thread::scope(|scope| {
            let held = slots.acquire(&Cancel::default()).unwrap();
            for (name, cancel) in cancels.iter().enumerate() {
                let (slots, order) = (&slots, &order);
                scope.spawn(move || {
                    let slot = slots.acquire(cancel);
                    order.lock().unwrap().push((name, slot.is_some()));
                });
                while slots.state().waiting.len() <= name {
                    std::thread::yield_now();
                }
            }
            cancels[1].cancel();
            while order.lock().unwrap().is_empty() {
                std::thread::yield_now();
            }
            drop(held);
        });
        assert_eq!(*order.lock().unwrap(), [(1, false), (0, true), (2, true), (3, true)]);
        assert!(slots.busy() > Duration::ZERO);
    }

    #[test]
    fn without_memory_to_spare_runs_go_on_one_by_one() {
        assert!(available_memory().is_some_and(|bytes| bytes > 1 << 20));
        let slots = Slots::new(2).sparing_memory(u64::MAX);
        let held = slots.acquire(&Cancel::default()).unwrap();
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(slots.acquire(&cancel).is_none());
        assert_eq!(slots.held(), 1);
        drop(held);
        assert!(slots.acquire(&cancel).is_some());
        let slots = Slots::new(2).sparing_memory(1);
        let _held = slots.acquire(&cancel).unwrap();
        assert!(slots.acquire(&cancel).is_some());
    }
}
