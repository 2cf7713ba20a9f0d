//! A small process that clones the first processes of jails.
//!
//! To clone a process takes the longer the more memory it has, and afterwards each page that it writes is copied once.
//! A trainer of many gigabytes would feel that with each jail. So one process is cloned from it early, gives back all
//! memory that it doesn't need, and makes the jails. What it clones are the supervisor's children, as if that had made
//! them itself.
//!
//! Like [`setup`](super::setup) this runs in the child of a `clone`: see [`raw`] for what that forbids.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::blank::ROOT_OPTIONS;
use super::channel::{self, Message};
use super::child::{self, Child};
use super::identity::Identity;
use super::init::{Launch, Part};
use super::memory;
use super::order::Steps;
use super::raw::{self, Errno, Side, Sys};
use super::setup::{self, Jail};
use super::{Descriptors, NamespaceSandbox};
use crate::packet;

/// How long a clone may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Descriptors of a request: streams, what one waits on, control groups.
const MOST: usize = 12;
/// Of these, before the control groups.
const FIXED: usize = 6;

/// Such a process. Dropping it ends it; the jails that it made must have ended before.
pub(crate) struct Nursery {
    /// `None` when it has failed.
    socket: Mutex<Option<OwnedFd>>,
    /// The thread whose child it is, and whose children it makes: they end with that thread.
    keeper: Option<JoinHandle<()>>,
    owner: u32,
}

impl Nursery {
    pub(crate) fn start(sandbox: &NamespaceSandbox) -> io::Result<Self> {
        let (socket, inner) = channel::pair(channel::packet_sockets()?)?;
        let steps = packet::file(&sandbox.skeleton.encoded)?;
        let identity = sandbox.identity;
        let keeper = std::thread::Builder::new().name("nursery".into()).spawn(move || {
            let (socket, file) = (inner.as_raw_fd(), steps.as_raw_fd());
            let child = Child::spawn(0, None, &|| serve(socket, file, &identity));
            drop((inner, steps));
            let _ = child.and_then(Child::wait);
        })?;
        Ok(Self { socket: Mutex::new(Some(socket)), keeper: Some(keeper), owner: std::process::id() })
    }

    /// The first process of a jail that waits on these, born in a group if one is given. `None`: it cannot be made here.
    pub(super) fn spawn(&self, descriptors: &Descriptors, waiting: [RawFd; 2], birth: Option<RawFd>) -> Option<Child> {
        let Descriptors { streams, join, .. } = descriptors;
        let request = Message::Make { join: i32::try_from(join.len()).ok()?, born: birth.is_some().into() };
        let birth = birth.as_slice();
        let mut place = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = place.as_ref()?;
        let made = channel::send(socket.as_raw_fd(), request, &[&streams[..], &waiting, join, birth].concat())
            .ok()
            .and_then(|()| packet::is_readable(socket, PATIENCE).then(|| channel::receive(socket)).flatten());
        match made {
            Some((Message::Made { pid }, descriptors)) => {
                Some(Child::adopt(u32::try_from(pid).ok()?, descriptors.into_iter().next()?))
            }
            Some((Message::Failed { .. }, _)) => None,
            _ => {
                log::warn!("the process that makes jails has failed; the program makes them itself");
                *place = None;
                None
            }
        }
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        let keeper = self.keeper.take();
        if std::process::id() != self.owner {
            // In a fork of the process that made this there is no such thread.
            std::mem::forget(keeper);
            return;
        }
        *self.socket.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(keeper) = keeper {
            let _ = keeper.join();
        }
    }
}

/// The life of the process: as long as the socket is open.
fn serve(socket: RawFd, steps: RawFd, identity: &Identity) -> ! {
    if let Ok(steps) = become_small(socket, steps) {
        while let Ok(request) = Request::receive(socket) {
            if request.answer(socket, steps, identity).is_err() {
                break;
            }
        }
    }
    raw::exit(0)
}

/// Nothing of the supervisor's is left that must be hidden; and an ordinary user's process that cannot be traced may not
/// map its user in a namespace either.
fn become_small(socket: RawFd, steps: RawFd) -> Sys<Steps<'static>> {
    raw::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64, 0)?;
    setup::close_others(&[socket.min(steps), socket.max(steps)])?;
    // SAFETY: takes nothing. A fresh child leads no group, so this cannot fail.
    unsafe { libc::setsid() };
    let bytes = raw::map_file(steps)?;
    raw::close(steps);
    memory::give_back()?;
    Ok(Steps(bytes))
}

/// The descriptors of a jail to be made.
struct Request {
    fds: [RawFd; MOST],
    count: usize,
    join: usize,
    born: bool,
}

impl Request {
    fn receive(socket: RawFd) -> Sys<Self> {
        let mut request = Self { fds: [-1; MOST], count: 0, join: 0, born: false };
        let message = channel::receive_with(socket, |fd| {
            if let Some(place) = request.fds.get_mut(request.count) {
                *place = fd;
                request.count += 1;
            }
        });
        let Some(Message::Make { join, born }) = message else { return Err(Errno(libc::EPIPE)) };
        request.join = join.unsigned_abs() as usize;
        request.born = born != 0;
        let whole = request.count == FIXED + request.join + usize::from(request.born);
        if whole { Ok(request) } else { Err(Errno(libc::EPROTO)) }
    }

    /// Makes the jail's first process, and tells of it.
    fn answer(&self, socket: RawFd, steps: Steps<'_>, identity: &Identity) -> Sys<()> {
        let fds = self.fds.get(..self.count).unwrap_or_default();
        let join = fds.get(FIXED..FIXED + self.join).unwrap_or_default();
        let birth = if self.born { fds.last().copied() } else { None };
        let mut pidfd = -1;
        let flags = child::namespaces(identity) | libc::CLONE_PARENT;
        // SAFETY: the child keeps to what this module's first lines demand, and ends in `_exit`.
        let made = unsafe { raw::clone(flags, 0, &mut pidfd, birth) };
        if let Ok(Side::Child) = made {
            let mut keep = self.fds;
            let keep = keep.get_mut(..FIXED + self.join).unwrap_or_default();
            keep.sort_unstable();
            let [stdout, stderr, status, lifeline, named, go, ..] = self.fds;
            // Where the supervisor's secrets were there is nothing any more.
            let jail = Jail { identity, steps, root_options: ROOT_OPTIONS, join, keep, secrets: [(0, 0); 2] };
            Launch { jail, part: Part::waiting([named, go]), stdout, stderr, status, lifeline }.run()
        }
        for fd in fds {
            raw::close(*fd);
        }
        match made {
            Ok(Side::Parent(pid)) => {
                let told = channel::send(socket, Message::Made { pid }, &[pidfd]);
                raw::close(pidfd);
                told
            }
            Ok(Side::Child) => raw::exit(1),
            Err(errno) => channel::send(socket, Message::Failed { stage: 0, step: -1, errno: errno.0 }, &[]),
        }
    }
}
