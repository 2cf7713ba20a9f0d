//! Limits on a run as a whole where control groups cannot hold them: its processes are looked at again and again.
//!
//! Weaker than a control group, as what happens between two looks is not seen: memory can pass the limit for as long
//! as a look is apart. Page cache is not counted, nor is System V shared memory that no process has
//! attached.

use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use super::cores::Cores;
use super::process;

/// What is watched, and what was seen.
pub(super) struct Watchdog {
    /// Bytes of memory and number of tasks; `None`: something else holds that limit.
    memory: Option<u64>,
    tasks: Option<u64>,
    /// Processors that the run must keep to.
    cores: Option<Cores>,
    /// The run's private file systems, whose content is memory too.
    private: Vec<OwnedFd>,
    peak: u64,
    most_tasks: u64,
    next: Instant,
}

/// Time between looks, and when a limit is near.
const CALM: Duration = Duration::from_millis(20);
const ALERT: Duration = Duration::from_millis(2);
/// After a look, so many times its own length, within reason.
const REST: u32 = 10;
const LONGEST_REST: Duration = Duration::from_millis(200);

impl Watchdog {
    pub(super) fn new(memory: Option<u64>, tasks: Option<u64>, cores: Option<Cores>) -> Self {
        Self { memory, tasks, cores, private: Vec::new(), peak: 0, most_tasks: 0, next: Instant::now() }
    }

    /// Gives the descriptors of the run's private file systems.
    pub(super) fn watch(&mut self, private: Vec<OwnedFd>) {
        self.private = private;
    }

    /// The run's private file systems.
    pub(super) fn private(&self) -> &[OwnedFd] {
        &self.private
    }

    /// How long until the next look is due.
    pub(super) fn due(&self, now: Instant) -> Duration {
        if self.is_idle() { CALM } else { self.next.saturating_duration_since(now) }
    }

    /// Looks at the processes below `init` if it is time to. Returns whether memory has passed its limit.
    pub(super) fn look(&mut self, init: u32, now: Instant) -> bool {
        if now < self.next || self.is_idle() {
            return false;
        }
        self.look_now(init, 0)
    }

    /// Looks at what the code left running when it ended. Just before, its own process was one more.
    pub(super) fn last_look(&mut self, init: u32) {
        if !self.is_idle() {
            self.look_now(init, 1);
        }
    }

    fn is_idle(&self) -> bool {
        self.memory.is_none() && self.tasks.is_none() && self.cores.is_none()
    }

    fn look_now(&mut self, init: u32, ended: u64) -> bool {
        let started = Instant::now();
        if let Some(cores) = &self.cores {
            cores.confine(init);
        }
        let pids = process::descendants(init);
        let usage = process::usage(&pids);
        let mut files: u64 = self.private.iter().map(bytes_used).sum();
        if self.memory.is_some() {
            files += process::memory_files(&pids);
        }
        self.most_tasks = self.most_tasks.max(usage.tasks + ended);
        let mut bytes = usage.resident + files;
        // The exact figure costs a walk over all pages, so it's asked for only when the rough one is too high.
        if pids.len() > 1 && self.memory.is_some_and(|limit| bytes > limit) {
            bytes = process::proportional(&pids) + files;
        }
        self.peak = self.peak.max(bytes);
        let near = |seen: u64, limit: Option<u64>| limit.is_some_and(|limit| seen > limit / 2);
        let alert = near(usage.tasks, self.tasks) || near(bytes, self.memory);
        // A look at many processes, or at many shared pages, must not become a load of its own.
        let rest = (started.elapsed() * REST).min(LONGEST_REST);
        self.next = Instant::now() + rest.max(if alert { ALERT } else { CALM });
        self.memory.is_some_and(|limit| bytes > limit)
    }

    /// Largest memory seen.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        (self.peak > 0).then_some(self.peak)
    }

    /// Whether as many tasks were seen as are allowed.
    pub(super) fn out_of_processes(&self) -> bool {
        self.tasks.is_some_and(|limit| self.most_tasks >= limit)
    }
}

fn bytes_used(fd: &OwnedFd) -> u64 {
    // SAFETY: `statfs` is a plain structure that the call fills.
    unsafe {
        let mut info: libc::statfs = std::mem::zeroed();
        if libc::fstatfs(fd.as_raw_fd(), &raw mut info) != 0 {
            return 0;
        }
        (info.f_blocks - info.f_bfree) * info.f_bsize as u64
    }
}
