//! Watching a run from outside: its output, its limits, its end.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use super::cgroup::Group;
use super::channel::{self, Message, Outer};
use super::child::Child;
use super::disk::Disk;
use super::grants::Grants;
use super::process::{self, Used};
use super::watchdog::Watchdog;
use crate::capture::Capturing;
use crate::error::SandboxError;
use crate::job::Limits;
use crate::report::Captured;
use crate::sandbox::Cancel;

/// The longest time between two looks at the clock, the caller's wish to cancel, and the limits.
const TICK: Duration = Duration::from_millis(20);
/// How long the kernel may take to end a killed run.
const KILL_GRACE: Duration = Duration::from_secs(60);
/// Bytes read from one stream before the other has its turn.
const TURN: usize = 1 << 20;

/// Why the supervisor killed the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Timeout,
    Output,
    Memory,
    Disk,
    GpuMemory,
}

/// What became of a run.
pub(super) struct Ended {
    pub(super) stop: Option<Stop>,
    /// Whether the jail was complete.
    pub(super) ready: bool,
    /// Stage, mount step and reason of a failed set-up.
    pub(super) failed: Option<(i32, i32, i32)>,
    /// The status of `wait` with which the code ended, unless everything was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: Captured,
    pub(super) stderr: Captured,
    /// What its processes used: those that were waited for, and those that were killed with it.
    pub(super) used: Used,
}

struct Stream {
    fd: Option<OwnedFd>,
    captured: Capturing,
}

impl Stream {
    /// Takes what is there, up to a turn's worth.
    fn drain(&mut self, buffer: &mut [u8]) {
        let Some(fd) = &self.fd else { return };
        let mut taken = 0;
        while taken < TURN {
            // SAFETY: the pointer and the length are those of a live, writable slice.
            let count = unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
            match usize::try_from(count) {
                Ok(0) => {
                    self.fd = None;
                    return;
                }
                Ok(count) => {
                    self.captured.push(&buffer[..count]);
                    taken += count;
                }
                Err(_) => match io::Error::last_os_error().kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock => return,
                    _ => {
                        self.fd = None;
                        return;
                    }
                },
            }
        }
    }
}

/// What is looked at while the code runs, beside its processes.
pub(super) struct Watched<'a> {
    pub(super) watchdog: &'a mut Watchdog,
    pub(super) disk: &'a mut Disk,
    pub(super) grants: &'a mut Grants,
}

/// Watches until nothing of the run is left.
///
/// # Errors
/// When the kernel doesn't end a killed run.
pub(super) fn supervise(
    child: Child,
    outer: Outer,
    group: Option<&Group>,
    mut watched: Watched<'_>,
    limits: &Limits,
    cancel: &Cancel,
    start: Instant,
) -> Result<Ended, SandboxError> {
    let mut run = Run {
        child,
        status: outer.status,
        stdout: Stream { fd: Some(outer.stdout), captured: Capturing::new(limits.capture) },
        stderr: Stream { fd: Some(outer.stderr), captured: Capturing::new(limits.capture) },
        buffer: vec![0; 64 << 10],
        stop: None,
        ready: false,
        failed: None,
        code: None,
        killed: Used::default(),
    };
    let deadline = start.checked_add(limits.wall);
    run.watch(group, &mut watched, limits, cancel, deadline)?;
    // Every writer is dead, so what the pipes hold is all there will be.
    run.stdout.drain(&mut run.buffer);
    run.stderr.drain(&mut run.buffer);
    run.listen(watched.watchdog, watched.grants)?;
    if run.written() > limits.output {
        run.stop.get_or_insert(Stop::Output);
    }
    let mut used = run.killed;
    used += run.child.wait().map_err(|source| SandboxError::System { action: "wait for the sandbox", source })?;
    Ok(Ended {
        stop: run.stop,
        ready: run.ready,
        failed: run.failed,
        code: run.code,
        stdout: run.stdout.captured.finish(),
        stderr: run.stderr.captured.finish(),
        used,
    })
}

struct Run {
    child: Child,
    status: OwnedFd,
    stdout: Stream,
    stderr: Stream,
    buffer: Vec<u8>,
    stop: Option<Stop>,
    ready: bool,
    failed: Option<(i32, i32, i32)>,
    code: Option<i32>,
    /// What those had used that were killed, of which the kernel keeps no account.
    killed: Used,
}

impl Run {
    fn watch(
        &mut self,
        group: Option<&Group>,
        watched: &mut Watched<'_>,
        limits: &Limits,
        cancel: &Cancel,
        deadline: Option<Instant>,
    ) -> Result<(), SandboxError> {
        let Watched { watchdog, disk, grants } = watched;
        let mut killed: Option<Instant> = None;
        loop {
            let now = Instant::now();
            if let Some(killed) = killed {
                if now.duration_since(killed) > KILL_GRACE {
                    let source = io::Error::from(io::ErrorKind::TimedOut);
                    return Err(SandboxError::System { action: "end a killed run", source });
                }
            } else if self.code.is_some() {
                watchdog.last_look(self.child.pid());
                disk.last_look(watchdog.private());
                self.child.kill();
                killed = Some(now);
            } else {
                let out_of_memory = group.is_some_and(Group::out_of_memory) || watchdog.look(self.child.pid(), now);
                self.stop = if out_of_memory {
                    Some(Stop::Memory)
                } else if grants.out_of_gpu_memory() {
                    Some(Stop::GpuMemory)
                } else if cancel.is_cancelled() {
                    Some(Stop::Cancelled)
                } else if deadline.is_some_and(|deadline| now >= deadline) {
                    Some(Stop::Timeout)
                } else if self.written() > limits.output {
                    Some(Stop::Output)
                } else if disk.look(self.child.pid(), watchdog.private(), now) {
                    Some(Stop::Disk)
                } else {
                    None
                };
                if self.stop.is_some() {
                    self.killed = process::used(&process::descendants(self.child.pid()));
                    self.child.kill();
                    killed = Some(now);
                }
            }
            let until_deadline = deadline.map_or(TICK, |deadline| deadline.saturating_duration_since(now));
            let wait = if killed.is_some() {
                TICK
            } else {
                TICK.min(until_deadline).min(watchdog.due(now)).min(disk.due(now))
            };
            if self.poll(wait, watchdog, grants)? {
                return Ok(());
            }
        }
    }

    /// Waits for news and takes them. Returns whether the run is over.
    fn poll(&mut self, wait: Duration, watchdog: &mut Watchdog, grants: &mut Grants) -> Result<bool, SandboxError> {
        let watch = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        let open = |fd: &Option<OwnedFd>| watch(fd.as_ref().map_or(-1, AsRawFd::as_raw_fd));
        let status = if self.code.is_some() { -1 } else { self.status.as_raw_fd() };
        let mut watched = [watch(self.child.pidfd()), open(&self.stdout.fd), open(&self.stderr.fd), watch(status)];
        // Rounded up, so that a wait of less than a millisecond doesn't spin.
        let milliseconds = wait.as_micros().div_ceil(1000) as i32;
        // SAFETY: the array is live and its length is given.
        unsafe { libc::poll(watched.as_mut_ptr(), watched.len() as libc::nfds_t, milliseconds) };
        let [over, stdout, stderr, status] = watched.map(|watched| watched.revents != 0);
        if stdout {
            self.stdout.drain(&mut self.buffer);
        }
        if stderr {
            self.stderr.drain(&mut self.buffer);
        }
        if status {
            self.listen(watchdog, grants)?;
        }
        Ok(over)
    }

    fn listen(&mut self, watchdog: &mut Watchdog, grants: &mut Grants) -> Result<(), SandboxError> {
        while let Some((message, descriptors)) = channel::receive(&self.status) {
            match message {
                Message::Ready => {
                    self.ready = true;
                    watchdog.watch(descriptors);
                }
                Message::Listening => grants.listen(descriptors)?,
                Message::Failed { stage, step, errno } => self.failed = Some((stage, step, errno)),
                Message::Ended { status } => self.code = Some(status),
                // Of the time before the job.
                Message::Standing | Message::Entered | Message::Make { .. } | Message::Made { .. } => {}
            }
        }
        Ok(())
    }

    fn written(&self) -> u64 {
        self.stdout.captured.total() + self.stderr.captured.total()
    }
}
