//! The descriptors between a jail and its supervisor.
//!
//! - stdout and stderr: pipes, written by the code.
//! - status: a packet socket on which the jail's init tells how far it came and how the code ended, and on which a jail
//!   that was made ahead gets its job.
//! - lifeline: a pipe on which nothing is ever written. The supervisor holds its only writing end; when that closes,
//!   by whatever death, init ends and the kernel ends everything in the jail.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::raw::{self, Errno, Sys};
use crate::error::SandboxError;

/// What the supervisor keeps.
pub(super) struct Outer {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) status: OwnedFd,
    /// Held, never used.
    pub(super) _lifeline: OwnedFd,
}

/// What the jail gets.
pub(super) struct Inner {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) status: OwnedFd,
    pub(super) lifeline: OwnedFd,
}

pub(super) fn open() -> Result<(Outer, Inner), SandboxError> {
    let build = || -> io::Result<(Outer, Inner)> {
        let (stdout, stdout_inner) = pair(raw::pipe()?)?;
        let (stderr, stderr_inner) = pair(raw::pipe()?)?;
        let (lifeline_inner, lifeline) = pair(raw::pipe()?)?;
        let (status, status_inner) = pair(packet_sockets()?)?;
        for fd in [&stdout, &stderr, &status] {
            set_nonblocking(fd)?;
        }
        let outer = Outer { stdout, stderr, status, _lifeline: lifeline };
        let inner =
            Inner { stdout: stdout_inner, stderr: stderr_inner, status: status_inner, lifeline: lifeline_inner };
        Ok((outer, inner))
    };
    build().map_err(|source| SandboxError::System { action: "open the pipes to the sandbox", source })
}

/// Owns both and moves them above the standard streams, which the code's side replaces.
pub(super) fn pair(ends: [RawFd; 2]) -> io::Result<(OwnedFd, OwnedFd)> {
    // SAFETY: the calls that made them gave these descriptors to us alone.
    let [first, second] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    Ok((above_standard(first)?, above_standard(second)?))
}

fn above_standard(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    // SAFETY: duplicates a descriptor that we own.
    let copy = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call gave this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// A pipe: reading end, writing end.
pub(super) fn one_way() -> Result<(OwnedFd, OwnedFd), SandboxError> {
    let ends = raw::pipe().map_err(io::Error::from).and_then(pair);
    ends.map_err(|source| SandboxError::System { action: "open a pipe to the sandbox", source })
}

pub(super) fn packet_sockets() -> io::Result<[RawFd; 2]> {
    let mut ends = [-1; 2];
    // SAFETY: the array has room for the two descriptors.
    let result =
        unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC, 0, ends.as_mut_ptr()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(ends) }
}

fn set_nonblocking(fd: &OwnedFd) -> io::Result<()> {
    // SAFETY: takes numbers; the flags of this end belong to us alone.
    let result = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// What the jail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// All but the job's own part stands. Comes with the descriptors of the jail's namespaces, for the one who enters.
    Standing,
    /// The process that will run the code has entered.
    Entered,
    /// The jail is complete. Comes with the descriptors of its `/tmp` and `/dev/shm`.
    Ready,
    /// Comes with a listening socket of the jail's, on which the supervisor answers.
    Listening,
    /// A part of the set-up failed: which part, which of the mount steps, and the reason.
    Failed { stage: i32, step: i32, errno: i32 },
    /// The code ended, with this status of `wait`.
    Ended { status: i32 },
    /// To a [`nursery`](super::nursery): make a jail. The number of control files by which it enters its groups, and
    /// whether it is to be born in a group.
    Make { join: i32, born: i32 },
    /// From there: the number of its first process. Comes with that process's descriptor.
    Made { pid: i32 },
}

const LENGTH: usize = 16;

impl Message {
    fn encode(self) -> [u8; LENGTH] {
        let words = match self {
            Self::Ready => [0, 0, 0, 0],
            Self::Failed { stage, step, errno } => [1, stage, step, errno],
            Self::Ended { status } => [2, status, 0, 0],
            Self::Standing => [3, 0, 0, 0],
            Self::Entered => [4, 0, 0, 0],
            Self::Listening => [5, 0, 0, 0],
            Self::Make { join, born } => [6, join, born, 0],
            Self::Made { pid } => [7, pid, 0, 0],
        };
        let mut bytes = [0; LENGTH];
        for (to, word) in bytes.chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8; LENGTH]) -> Option<Self> {
        let mut words = bytes.chunks_exact(4).map(|word| i32::from_ne_bytes(word.try_into().unwrap_or_default()));
        match (words.next()?, words.next()?, words.next()?, words.next()?) {
            (0, ..) => Some(Self::Ready),
            (1, stage, step, errno) => Some(Self::Failed { stage, step, errno }),
            (2, status, ..) => Some(Self::Ended { status }),
            (3, ..) => Some(Self::Standing),
            (4, ..) => Some(Self::Entered),
            (5, ..) => Some(Self::Listening),
            (6, join, born, _) => Some(Self::Make { join, born }),
            (7, pid, ..) => Some(Self::Made { pid }),
            _ => None,
        }
    }
}

/// Room for twelve descriptors, aligned as the kernel demands.
#[repr(C, align(8))]
struct Control([u8; 64]);

fn packet<'a>(vector: &'a mut libc::iovec, control: &'a mut Control, control_length: usize) -> libc::msghdr {
    // SAFETY: `msghdr` is a plain structure, for which zero means "not used".
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = vector;
    header.msg_iovlen = 1;
    if control_length > 0 {
        header.msg_control = control.0.as_mut_ptr().cast();
        header.msg_controllen = control_length as _;
    }
    header
}

/// Sends a message from within the jail; allocates nothing.
pub(super) fn send(status: RawFd, message: Message, descriptors: &[c_int]) -> Sys<()> {
    let mut bytes = message.encode();
    let mut vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: LENGTH };
    let mut control = Control([0; 64]);
    let size = size_of_val(descriptors) as u32;
    // SAFETY: computes a size.
    let space = unsafe { libc::CMSG_SPACE(size) } as usize;
    let header = packet(&mut vector, &mut control, if descriptors.is_empty() { 0 } else { space });
    if !descriptors.is_empty() {
        // SAFETY: `control` has room for one header and twelve descriptors, and no more are given.
        unsafe {
            let first = libc::CMSG_FIRSTHDR(&raw const header);
            (*first).cmsg_level = libc::SOL_SOCKET;
            (*first).cmsg_type = libc::SCM_RIGHTS;
            (*first).cmsg_len = libc::CMSG_LEN(size) as _;
            std::ptr::copy_nonoverlapping(descriptors.as_ptr(), libc::CMSG_DATA(first).cast(), descriptors.len());
        }
    }
    // SAFETY: the header points to live buffers of the lengths given.
    let sent = unsafe { libc::sendmsg(status, &raw const header, libc::MSG_NOSIGNAL) };
    if sent < 0 { Err(Errno(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))) } else { Ok(()) }
}

/// Sends a jail's init its job: a file with the steps of [`order`](super::order).
pub(super) fn assign(status: &OwnedFd, order: &OwnedFd) -> io::Result<()> {
    send(status.as_raw_fd(), Message::Ready, &[order.as_raw_fd()]).map_err(io::Error::from)
}

/// What [`assign`] sent, on the other side. Allocates nothing.
pub(super) fn assigned(status: RawFd) -> Sys<RawFd> {
    let mut order = -1;
    receive_with(status, |fd| order = fd).filter(|_| order >= 0).map(|_| order).ok_or(Errno(libc::EPIPE))
}

/// The next message with its descriptors, if there is one.
pub(super) fn receive(status: &OwnedFd) -> Option<(Message, Vec<OwnedFd>)> {
    let mut descriptors = Vec::new();
    // SAFETY: the kernel made each descriptor for us alone.
    let take = |fd| descriptors.push(unsafe { OwnedFd::from_raw_fd(fd) });
    receive_with(status.as_raw_fd(), take).map(|message| (message, descriptors))
}

/// The next message, and each of its descriptors. Allocates nothing.
pub(super) fn receive_with(status: RawFd, mut take: impl FnMut(RawFd)) -> Option<Message> {
    let mut bytes = [0; LENGTH];
    let mut vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: LENGTH };
    let mut control = Control([0; 64]);
    let mut header = packet(&mut vector, &mut control, 64);
    // SAFETY: the header points to live, writable buffers of the lengths given.
    let count = unsafe { libc::recvmsg(status, &raw mut header, libc::MSG_CMSG_CLOEXEC) };
    if count != LENGTH as isize {
        return None;
    }
    // SAFETY: the kernel filled the control buffer; each header within it is followed by `cmsg_len` bytes.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(&raw const header);
        while !next.is_null() {
            if (*next).cmsg_level == libc::SOL_SOCKET && (*next).cmsg_type == libc::SCM_RIGHTS {
                let length = (*next).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                let data: *const c_int = libc::CMSG_DATA(next).cast();
                for index in 0..length / size_of::<c_int>() {
                    take(data.add(index).read_unaligned());
                }
            }
            next = libc::CMSG_NXTHDR(&raw const header, next);
        }
    }
    Message::decode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_descriptors_arrive() {
        let (outer, inner) = open().unwrap();
        assert!(receive(&outer.status).is_none());
        let failed = Message::Failed { stage: 3, step: 7, errno: 13 };
        send(inner.status.as_raw_fd(), failed, &[]).unwrap();
        send(inner.status.as_raw_fd(), Message::Ready, &[inner.stdout.as_raw_fd(), inner.stderr.as_raw_fd()]).unwrap();
        send(inner.status.as_raw_fd(), Message::Ended { status: -1 }, &[]).unwrap();
        assert_eq!(receive(&outer.status).unwrap().0, failed);
        let (message, descriptors) = receive(&outer.status).unwrap();
        assert_eq!((message, descriptors.len()), (Message::Ready, 2));
        assert_eq!(receive(&outer.status).unwrap().0, Message::Ended { status: -1 });
    }
}
