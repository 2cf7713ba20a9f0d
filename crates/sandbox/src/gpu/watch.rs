//! How much GPU memory a run uses.
//!
//! The driver tells it by process. A thread of its own looks, as a call into the driver may take its time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::GpuUse;
use super::grant::Grant;
use super::nvml::Process;

/// Watches the GPU memory of one run. Dropping it ends the watch, after the look under way.
pub(crate) struct Watch(Arc<Shared>);

struct Shared {
    grant: Grant,
    limit: Option<u64>,
    ended: AtomicBool,
    over: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    looks: u64,
    peak: u64,
    /// Why figures are missing.
    missing: Option<String>,
    /// Why there may be figures that are not told from those of others.
    strangers: Option<String>,
}

/// Between two looks.
const REST: Duration = Duration::from_millis(50);

impl Watch {
    /// Begins to watch the processes that `pids` names, a list of the moment. `limit` is in bytes.
    pub(crate) fn start(
        grant: Grant,
        limit: Option<u64>,
        pids: impl Fn() -> Vec<u32> + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared {
            grant,
            limit,
            ended: AtomicBool::new(false),
            over: AtomicBool::new(false),
            seen: Mutex::default(),
        };
        let shared = Arc::new(shared);
        let watching = Arc::clone(&shared);
        std::thread::Builder::new().name("GPU memory".into()).spawn(move || {
            while !watching.ended.load(Ordering::Acquire) {
                watching.look(&pids);
                std::thread::park_timeout(REST);
            }
        })?;
        Ok(Self(shared))
    }

    /// Whether the run has passed its limit.
    pub(crate) fn is_over(&self) -> bool {
        self.0.over.load(Ordering::Acquire)
    }

    /// What was seen.
    pub(crate) fn finish(self) -> GpuUse {
        let mut seen = self.0.seen();
        // Where some of its processes were found, the driver's numbers are ours.
        let strangers = seen.strangers.take().filter(|_| seen.peak == 0);
        let note = seen.missing.take().or(strangers);
        let note = note.or_else(|| (seen.looks == 0).then(|| "the run ended before it was looked at".into()));
        GpuUse { devices: self.0.grant.uuids(), peak_memory: note.is_none().then_some(seen.peak), note }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Release);
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, pids: &impl Fn() -> Vec<u32>) {
        let (mut used, mut missing, mut strangers) = (0, None, None);
        for gpu in self.grant.gpus() {
            // The driver's list first: a process on it that then ends is missed by both, not taken for another's.
            match self.grant.driver().processes(gpu) {
                Ok(processes) => {
                    let look = sum(&processes, &pids(), &is_visible);
                    used += look.used;
                    if look.unknown {
                        missing =
                            Some(format!("{}: the driver does not tell the memory of the run's processes", gpu.uuid));
                    }
                    if look.strangers {
                        strangers = Some(format!(
                            "{}: the driver names processes that are not to be seen from here, as in a container, so the \
                             run's own can't be told",
                            gpu.uuid
                        ));
                    }
                }
                Err(reason) => missing = Some(format!("{}: {reason}", gpu.uuid)),
            }
        }
        if self.ended.load(Ordering::Acquire) {
            // The processes were going while they were looked at.
            return;
        }
        let mut seen = self.seen();
        seen.looks += 1;
        seen.peak = seen.peak.max(used);
        seen.missing = seen.missing.take().or(missing);
        seen.strangers = seen.strangers.take().or(strangers);
        if self.limit.is_some_and(|limit| used > limit) {
            self.over.store(true, Ordering::Release);
        }
    }
}

/// One look at one device.
#[derive(Debug, Default, PartialEq, Eq)]
struct Look {
    used: u64,
    /// A process of the run's, of which the driver tells no memory.
    unknown: bool,
    /// A process that isn't to be seen from here.
    strangers: bool,
}

fn sum(processes: &[Process], own: &[u32], is_visible: &dyn Fn(u32) -> bool) -> Look {
    let mut look = Look::default();
    // A process that computes and draws is listed twice, with the same memory.
    let mut by_pid: BTreeMap<u32, u64> = BTreeMap::new();
    for process in processes {
        if own.contains(&process.pid) {
            look.unknown |= process.memory.is_none();
            let most = by_pid.entry(process.pid).or_default();
            *most = (*most).max(process.memory.unwrap_or(0));
        } else {
            look.strangers |= !is_visible(process.pid);
        }
    }
    look.used = by_pid.values().sum();
    look
}

fn is_visible(pid: u32) -> bool {
    // On a host, numbers are the driver's own: what isn't there has just ended.
    !in_container() || Path::new("/proc").join(pid.to_string()).exists()
}

/// Whether this program is in a PID namespace of its own; the host's has this number in every kernel
/// (`PROC_PID_INIT_INO`).
fn in_container() -> bool {
    std::fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link.as_os_str() != "pid:[4026531836]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_runs_own_processes_count_and_each_once() {
        let process = |pid, memory| Process { pid, memory };
        let all = [process(1, Some(100)), process(2, Some(20)), process(2, Some(30)), process(3, Some(7))];
        let visible = |_| true;
        assert_eq!(sum(&all, &[2, 3], &visible), Look { used: 37, unknown: false, strangers: false });
        assert_eq!(sum(&all, &[], &visible), Look::default());
        assert!(sum(&[process(2, None)], &[2], &visible).unknown);
        assert!(!sum(&[process(2, None)], &[3], &visible).unknown);
        assert!(sum(&all, &[2, 3], &|pid| pid != 1).strangers);
    }
}
