//! The processes of a run: finding them, measuring them, ending them.
//!
//! The child leads a session, whose group takes a signal as a whole. On Linux, processes that left it are found by the
//! mark in their environment, which children inherit; a process that starts another with an empty environment, in a
//! session of its own, escapes. A subreaper would find that one too, but it is a property of the whole program around
//! us, which would then have to wait for strangers' children. Elsewhere only the group is ended.

use rustix::process::{Pid, Signal, kill_process_group};

/// Ends all processes of the run that `leader`, not yet waited for, leads.
pub(super) fn kill(leader: Pid, mark: &str) {
    // No such group: nothing of it is left.
    let _ = kill_process_group(leader, Signal::KILL);
    kill_marked(leader, mark);
}

#[cfg(target_os = "linux")]
fn kill_marked(leader: Pid, mark: &str) {
    use rustix::process::kill_process;

    /// What forks as fast as it is killed must not hold us for ever.
    const ROUNDS: usize = 50;
    for _ in 0..ROUNDS {
        let found = linux::marked(mark);
        let left: Vec<Pid> = found.into_iter().filter(|pid| *pid != leader).collect();
        if left.is_empty() {
            return;
        }
        for pid in left {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[cfg(not(target_os = "linux"))]
fn kill_marked(_leader: Pid, _mark: &str) {}

/// Bytes in the memory of the leader and of what descends from it, where the system can tell; exact if above `limit`.
pub(super) fn memory(leader: Pid, limit: Option<u64>) -> Option<u64> {
    #[cfg(target_os = "linux")]
    return Some(linux::memory(leader.as_raw_nonzero().get().unsigned_abs(), limit));
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (leader, limit);
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use rustix::process::Pid;

    use super::super::spawn::MARK;
    use crate::namespace::process::{descendants, proportional, usage};

    /// Living processes that carry the mark.
    pub(super) fn marked(mark: &str) -> Vec<Pid> {
        let wanted = format!("{MARK}={mark}");
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
        // The environment of a process that has ended, or is another user's, is empty or closed to us.
        pids.filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
        })
        .collect()
    }

    pub(super) fn memory(leader: u32, limit: Option<u64>) -> u64 {
        let mut pids = descendants(leader);
        pids.push(leader);
        let rough = usage(&pids).resident;
        // The exact figure costs a walk over all pages.
        if pids.len() > 1 && limit.is_some_and(|limit| rough > limit) { proportional(&pids) } else { rough }
    }
}
