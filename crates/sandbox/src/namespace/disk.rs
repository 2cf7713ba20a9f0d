//! The limit on the working folder: it is counted again and again while a run lasts, and once when it has ended.
//!
//! What is written between two counts, and while one is going on, is not seen, so a run can pass the limit by what the
//! disk takes in that time. How fast the free space of the host's file system falls says when to count early.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, StatFs, fstat, fstatfs, stat};
use rustix::time::{ClockId, clock_gettime};

use super::process;
use super::walk::{Marks, Tally, Walk};
use crate::error::SandboxError;
use crate::job::Job;

/// Time between two looks.
const TICK: Duration = Duration::from_millis(20);
/// From the run's start to the first count.
const FIRST: Duration = Duration::from_millis(60);
/// After a count, so many times its own length, within reason.
const REST: u32 = 5;
const SHORTEST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(5);
/// A slice of a count, and the pause after it.
const SLICE: Duration = Duration::from_millis(3);
const PAUSE: Duration = Duration::from_millis(3);
const SLICE_ENTRIES: usize = 256;
/// Where nothing limits the number of entries, the last count gives up after so many.
const MOST_COUNTED: u64 = 1 << 20;
/// No run may leave less of the host's disk free than this, if there was [`ROOMY`] when it began.
const RESERVE: u64 = 256 << 20;
const ROOMY: u64 = 1 << 30;

/// Watches what a run writes.
pub(super) struct Disk {
    root: Rc<OwnedFd>,
    device: u64,
    marks: Marks,
    size: Option<u64>,
    files: Option<u64>,
    /// Free bytes of the host's file system at the start, and when the last count began.
    free_at_start: u64,
    free_at_count: u64,
    /// The count going on, when it began, and the time it has taken.
    walk: Option<(Walk, Duration)>,
    next_count: Instant,
    next_look: Instant,
    /// The last count's result.
    bytes: u64,
    full_file: bool,
    private_full: bool,
    private_peak: u64,
}

/// What was written, and whether that is too much.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) work: Tally,
    /// The working folder was counted to the end.
    pub(super) complete: bool,
    /// The working folder takes more than it may.
    pub(super) over: bool,
    /// A file of the working folder was as large as a file may be, at some look or at the end.
    pub(super) full_file: bool,
    /// `/tmp` or `/dev/shm` was full at some look or at the end.
    pub(super) private_full: bool,
    /// The most bytes that were in `/tmp` and `/dev/shm` together.
    pub(super) private_peak: u64,
}

impl Disk {
    /// To be made just before the code starts.
    pub(super) fn new(job: &Job) -> Result<Self, SandboxError> {
        let failed =
            |source| SandboxError::Io { action: "open the working folder", path: job.work_dir.clone(), source };
        let root = OwnedFd::from(fs::File::open(&job.work_dir).map_err(failed)?);
        let device = fstat(&root).map_err(|errno| failed(errno.into()))?.st_dev;
        let marks = Marks { began: clock_gettime(ClockId::RealtimeCoarse), file_size: job.limits.file_size };
        let free = free(&root);
        let now = Instant::now();
        Ok(Self {
            root: Rc::new(root),
            device,
            marks,
            size: job.limits.work_size,
            files: job.limits.work_files,
            free_at_start: free,
            free_at_count: free,
            walk: None,
            next_count: now + FIRST,
            next_look: now + TICK,
            bytes: 0,
            full_file: false,
            private_full: false,
            private_peak: 0,
        })
    }

    /// How long until the next look is due.
    pub(super) fn due(&self, now: Instant) -> Duration {
        self.next_look.saturating_duration_since(now)
    }

    /// Looks, if it is time to, at what the processes below `init` write. Returns whether it is too much.
    pub(super) fn look(&mut self, init: u32, private: &[OwnedFd], now: Instant) -> bool {
        if now < self.next_look {
            return false;
        }
        self.next_look = now + TICK;
        self.look_at_private(private);
        if self.size.is_none() && self.files.is_none() {
            return false;
        }
        let free = free(&self.root);
        if self.free_at_start >= ROOMY && free < RESERVE {
            return true;
        }
        if self.walk.is_none() {
            // So much has the run written since, at most, unless somebody else made room meanwhile.
            let written = self.free_at_count.saturating_sub(free);
            let near = self.size.is_some_and(|size| written > size.saturating_sub(self.bytes) / 4);
            if now < self.next_count && !near {
                return false;
            }
            self.free_at_count = free;
            let mut walk = Walk::new(Rc::clone(&self.root), self.marks);
            self.count_nameless(init, &mut walk);
            self.walk = Some((walk, Duration::ZERO));
        }
        self.go_on(now)
    }

    /// A slice of the count.
    fn go_on(&mut self, start: Instant) -> bool {
        let Some((walk, spent)) = &mut self.walk else { return false };
        let mut done = false;
        while !done && start.elapsed() < SLICE {
            done = walk.advance(SLICE_ENTRIES);
        }
        *spent += start.elapsed();
        let (tally, spent) = (walk.tally(), *spent);
        self.full_file |= tally.full_file;
        if done {
            self.walk = None;
            self.bytes = tally.bytes;
            self.next_count = Instant::now() + (spent * REST).clamp(SHORTEST_REST, LONGEST_REST);
        } else {
            self.next_look = Instant::now() + PAUSE;
        }
        self.is_over(&tally)
    }

    fn is_over(&self, tally: &Tally) -> bool {
        self.size.is_some_and(|size| tally.bytes > size)
            || self.files.is_some_and(|files| tally.entries > files || tally.too_deep)
    }

    /// Counts files that are open but have no name any more.
    fn count_nameless(&mut self, init: u32, walk: &mut Walk) {
        for pid in process::descendants(init) {
            let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
            for descriptor in descriptors.flatten() {
                let Ok(stat) = stat(descriptor.path()) else { continue };
                let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
                if is_file && stat.st_nlink == 0 && stat.st_dev == self.device {
                    self.full_file |= self.marks.is_full(&stat);
                    walk.count_nameless(&stat);
                }
            }
        }
    }

    fn look_at_private(&mut self, private: &[OwnedFd]) {
        let mut bytes = 0;
        for fd in private {
            let Ok(info) = fstatfs(fd) else { continue };
            bytes += used(&info);
            self.private_full |= is_full(&info);
        }
        self.private_peak = self.private_peak.max(bytes);
    }

    /// A look at the private file systems just before all processes are killed, and with them their nameless files.
    pub(super) fn last_look(&mut self, private: &[OwnedFd]) {
        self.look_at_private(private);
    }

    /// Counts what is left when no process is.
    pub(super) fn finish(mut self, private: &[OwnedFd]) -> Written {
        self.look_at_private(private);
        let mut walk = Walk::new(Rc::clone(&self.root), self.marks);
        let most = self.files.unwrap_or(u64::MAX).min(MOST_COUNTED);
        let mut complete = false;
        while !complete && walk.tally().entries <= most {
            complete = walk.advance(SLICE_ENTRIES);
        }
        let work = walk.tally();
        Written {
            work,
            complete: complete && !work.too_deep,
            over: self.is_over(&work),
            full_file: self.full_file || work.full_file,
            private_full: self.private_full,
            private_peak: self.private_peak,
        }
    }
}

/// Bytes of the file system that its users may still write.
fn free(fd: impl AsFd) -> u64 {
    fstatfs(fd).map_or(u64::MAX, |info| info.f_bavail * info.f_bsize as u64)
}

fn used(info: &StatFs) -> u64 {
    (info.f_blocks - info.f_bfree) * info.f_bsize as u64
}

fn is_full(info: &StatFs) -> bool {
    info.f_bavail == 0 || info.f_ffree == 0
}
