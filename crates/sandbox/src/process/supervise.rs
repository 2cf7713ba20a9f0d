//! Watching a child: its output, its limits, its end.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::tree;
use crate::capture::Capturing;
use crate::ending::End;
use crate::error::SandboxError;
use crate::job::Limits;
use crate::report::Captured;
use crate::sandbox::Cancel;

/// The longest time between two looks at the child, the clock and the caller's wish to cancel.
const TICK: Duration = Duration::from_millis(10);
/// The same once the child has closed both streams, when its end is near.
const NEAR: Duration = Duration::from_millis(1);
/// Time between two looks at memory.
const MEMORY_TICK: Duration = Duration::from_millis(50);
/// How long output is waited for that a process may still hold which could not be ended.
const LAST_OUTPUT: Duration = Duration::from_millis(500);
/// How long the kernel may take to end a killed child.
const KILL_GRACE: Duration = Duration::from_secs(60);
/// Bytes read from one stream before the other has its turn.
const TURN: usize = 1 << 20;

/// Why the run was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Timeout,
    Output,
    Memory,
}

/// What became of a run.
pub(super) struct Ended {
    pub(super) stop: Option<Stop>,
    /// How the child ended, unless it was killed from here.
    pub(super) end: Option<End>,
    pub(super) stdout: Captured,
    pub(super) stderr: Captured,
    /// CPU time of the child and of what it waited for.
    pub(super) cpu: Duration,
    /// How much of it was spent in the kernel.
    pub(super) system_cpu: Duration,
    pub(super) peak_memory: Option<u64>,
}

struct Stream<R> {
    source: Option<R>,
    captured: Capturing,
}

impl<R: Read + AsFd> Stream<R> {
    fn new(source: Option<R>, limits: &Limits) -> io::Result<Self> {
        if let Some(source) = &source {
            rustix::io::ioctl_fionbio(source, true)?;
        }
        Ok(Self { source, captured: Capturing::new(limits.capture) })
    }

    /// Takes what is there, up to a turn's worth.
    fn drain(&mut self, buffer: &mut [u8]) {
        let mut taken = 0;
        while let Some(source) = &mut self.source
            && taken < TURN
        {
            match source.read(buffer) {
                Ok(0) => self.source = None,
                Ok(count) => {
                    self.captured.push(buffer.get(..count).unwrap_or_default());
                    taken += count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.source = None,
            }
        }
    }
}

struct Run {
    leader: Pid,
    stdout: Stream<ChildStdout>,
    stderr: Stream<ChildStderr>,
    buffer: Vec<u8>,
}

/// Watches until the child has ended, then ends what it left.
///
/// # Errors
/// When the kernel doesn't end a killed child.
pub(super) fn supervise(
    mut child: Child,
    mark: &str,
    limits: &Limits,
    cancel: &Cancel,
    start: Instant,
) -> Result<Ended, SandboxError> {
    let system = |action| move |source: io::Error| SandboxError::System { action, source };
    let leader = Pid::from_child(&child);
    let streams = Stream::new(child.stdout.take(), limits)
        .and_then(|stdout| Ok((stdout, Stream::new(child.stderr.take(), limits)?)));
    let (stdout, stderr) = match streams {
        Ok(streams) => streams,
        Err(source) => {
            tree::kill(leader, mark);
            let _ = child.wait();
            return Err(SandboxError::System { action: "read the code's output", source });
        }
    };
    let mut run = Run { leader, stdout, stderr, buffer: vec![0; 64 << 10] };
    let mut peak_memory = None;
    let mut stop = run.watch(limits, cancel, start, &mut peak_memory);
    // The child is not waited for yet, so its number, and that of its group, are still its own.
    tree::kill(leader, mark);
    let killed = Instant::now();
    while !run.has_ended() {
        if killed.elapsed() > KILL_GRACE {
            return Err(system("end a killed run")(io::Error::from(io::ErrorKind::TimedOut)));
        }
        run.poll(NEAR);
    }
    // Once more: what the child started while it was being ended.
    tree::kill(leader, mark);
    let (end, usage) = wait(leader).map_err(system("wait for the code"))?;
    let last = Instant::now();
    while run.is_open() && last.elapsed() < LAST_OUTPUT && run.written() <= limits.output {
        run.poll(TICK);
    }
    if run.written() > limits.output {
        stop.get_or_insert(Stop::Output);
    }
    #[cfg(target_os = "linux")]
    let peak_memory = peak_memory.max(Some(usage.largest));
    Ok(Ended {
        stop,
        end: (stop.is_none()).then_some(end),
        stdout: run.stdout.captured.finish(),
        stderr: run.stderr.captured.finish(),
        cpu: usage.cpu,
        system_cpu: usage.system_cpu,
        peak_memory,
    })
}

impl Run {
    /// Watches until the child has ended by itself, or must be ended.
    fn watch(&mut self, limits: &Limits, cancel: &Cancel, start: Instant, peak: &mut Option<u64>) -> Option<Stop> {
        let deadline = start.checked_add(limits.wall);
        let mut next_look = start + MEMORY_TICK;
        loop {
            if self.has_ended() {
                return None;
            }
            let now = Instant::now();
            if now >= next_look {
                let memory = tree::memory(self.leader, limits.memory);
                *peak = (*peak).max(memory);
                if memory.zip(limits.memory).is_some_and(|(memory, limit)| memory > limit) {
                    return Some(Stop::Memory);
                }
                // A look at many processes must not become a load of its own.
                next_look = Instant::now() + MEMORY_TICK.max(now.elapsed() * 10);
            }
            if cancel.is_cancelled() {
                return Some(Stop::Cancelled);
            }
            if deadline.is_some_and(|deadline| now >= deadline) {
                return Some(Stop::Timeout);
            }
            if self.written() > limits.output {
                return Some(Stop::Output);
            }
            let until_deadline = deadline.map_or(TICK, |deadline| deadline.saturating_duration_since(now));
            let tick = if self.is_open() { TICK } else { NEAR };
            self.poll(tick.min(until_deadline));
        }
    }

    /// Waits for output and takes it.
    fn poll(&mut self, wait: Duration) {
        let stdout = self.stdout.source.as_ref().map(|source| PollFd::new(source, PollFlags::IN));
        let stderr = self.stderr.source.as_ref().map(|source| PollFd::new(source, PollFlags::IN));
        let mut watched: Vec<PollFd<'_>> = stdout.into_iter().chain(stderr).collect();
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.min(TICK).as_nanos() as _ };
        // Interrupted or not, both streams are looked at.
        let _ = poll(&mut watched, Some(&wait));
        drop(watched);
        self.stdout.drain(&mut self.buffer);
        self.stderr.drain(&mut self.buffer);
    }

    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(waitid(WaitId::Pid(self.leader), options), Ok(Some(_)))
    }

    fn is_open(&self) -> bool {
        self.stdout.source.is_some() || self.stderr.source.is_some()
    }

    fn written(&self) -> u64 {
        self.stdout.captured.total() + self.stderr.captured.total()
    }
}

struct Usage {
    cpu: Duration,
    system_cpu: Duration,
    /// Bytes of the largest process.
    #[cfg(target_os = "linux")]
    largest: u64,
}

/// Takes the ended child off the list of processes, and what it used.
fn wait(leader: Pid) -> io::Result<(End, Usage)> {
    let pid = leader.as_raw_nonzero().get();
    let mut status = 0;
    // SAFETY: `rusage` is a plain structure, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the types that the call fills.
    while unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) } < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let end = if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Code(libc::WEXITSTATUS(status))
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec as u32 * 1000);
    Ok((
        end,
        Usage {
            cpu: time(usage.ru_utime) + time(usage.ru_stime),
            system_cpu: time(usage.ru_stime),
            #[cfg(target_os = "linux")]
            largest: usage.ru_maxrss.unsigned_abs() * 1024,
        },
    ))
}
