//! Which processors a run may use, where it may not use all.

use std::sync::{Mutex, PoisonError};

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::process;

/// How many runs of this process use each processor.
static BUSY: Mutex<[u32; CpuSet::MAX_CPU]> = Mutex::new([0; CpuSet::MAX_CPU]);

/// Processors, taken for one run until this is dropped. Others may take them too, when there are no more.
#[derive(Debug)]
pub(super) struct Cores {
    set: CpuSet,
}

impl Cores {
    /// The `count` least used processors. `None` where that is all there are.
    pub(super) fn take(count: u32) -> Option<Self> {
        let all = sched_getaffinity(None).ok()?;
        let count = count.max(1) as usize;
        let mut free: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
        if free.len() <= count {
            return None;
        }
        let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
        free.sort_by_key(|core| busy.get(*core).copied());
        let mut set = CpuSet::new();
        for core in free.into_iter().take(count) {
            set.set(core);
            if let Some(runs) = busy.get_mut(core) {
                *runs += 1;
            }
        }
        Some(Self { set })
    }

    /// Confines the calling thread, and what it will start. Allocates nothing.
    pub(super) fn confine_self(&self) {
        // What cannot be confined is only slower for its neighbours.
        let _ = sched_setaffinity(None, &self.set);
    }

    /// Confines the processes below `init` that have, or have given themselves, more.
    pub(super) fn confine(&self, init: u32) {
        for thread in process::descendants(init).into_iter().flat_map(process::threads) {
            let thread = Pid::from_raw(thread.cast_signed());
            if thread.is_some() && sched_getaffinity(thread).is_ok_and(|set| !self.holds(&set)) {
                let _ = sched_setaffinity(thread, &self.set);
            }
        }
    }

    fn holds(&self, set: &CpuSet) -> bool {
        (0..CpuSet::MAX_CPU).all(|core| !set.is_set(core) || self.set.is_set(core))
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
        for (core, runs) in busy.iter_mut().enumerate() {
            if self.set.is_set(core) {
                *runs = runs.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_spread_over_the_processors() {
        let all = sched_getaffinity(None).unwrap().count();
        assert!(Cores::take(all).is_none() && Cores::take(all + 1).is_none());
        if all < 2 {
            return;
        }
        let taken: Vec<Cores> = (0..all).map(|_| Cores::take(1).unwrap()).collect();
        for core in &taken {
            assert_eq!(taken.iter().filter(|other| other.set == core.set).count(), 1);
        }
    }
}
