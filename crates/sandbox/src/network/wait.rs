//! Waiting for sockets, never longer than the run.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

/// Says to all who wait that the run is over.
#[derive(Debug)]
pub(super) struct Stop(OwnedFd);

/// Why a wait brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halt {
    /// The run is over.
    Over,
    /// The time is up.
    Late,
}

impl Stop {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// From now on every wait ends at once.
    pub(super) fn now(&self) {
        // Fails only when the counter is full, and then it was said before.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Waits until something can be done with one of these.
    pub(super) fn wait(&self, watched: &[(BorrowedFd<'_>, PollFlags)], until: Instant) -> Result<(), Halt> {
        let mut all: Vec<PollFd<'_>> = watched
            .iter()
            .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
            .chain([PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)])
            .collect();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let timeout = Timespec { tv_sec: left.as_secs().min(3600) as i64, tv_nsec: left.subsec_nanos().into() };
            let ready = poll(&mut all, Some(&timeout)).unwrap_or(0);
            if all.last().is_some_and(|stop| !stop.revents().is_empty()) {
                return Err(Halt::Over);
            }
            if ready > 0 {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(Halt::Late);
            }
        }
    }
}
