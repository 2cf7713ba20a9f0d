//! Packets with descriptors, to and from warm interpreters.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// Descriptors in one packet, at most.
const MOST: usize = 64;

/// Room for them, aligned as the kernel demands.
#[repr(C, align(8))]
struct Control([u8; 16 + 4 * MOST]);

/// Two connected packet sockets.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [-1; 2];
    // SAFETY: the array has room for the two descriptors.
    let result =
        unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC, 0, ends.as_mut_ptr()) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call gave these descriptors to us alone.
    let [first, second] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    Ok((first, second))
}

/// A nameless file in memory with this content.
pub(crate) fn file(content: &[u8]) -> io::Result<OwnedFd> {
    // SAFETY: the name ends in NUL.
    let fd = unsafe { libc::memfd_create(c"job".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call gave this descriptor to us alone.
    let mut file = unsafe { File::from_raw_fd(fd) };
    file.write_all(content)?;
    Ok(file.into())
}

/// Sends one byte with the descriptors.
pub(crate) fn send(socket: &OwnedFd, descriptors: &[RawFd]) -> io::Result<()> {
    if descriptors.is_empty() || descriptors.len() > MOST {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let mut byte = *b"j";
    let mut vector = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    let mut control = Control([0; 16 + 4 * MOST]);
    let size = size_of_val(descriptors) as u32;
    // SAFETY: `control` has room for one header and `MOST` descriptors, and no more are given; the header points to
    // live buffers of the lengths given, and zero means "not used" for its other fields.
    let sent = unsafe {
        let mut header: libc::msghdr = std::mem::zeroed();
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        header.msg_control = control.0.as_mut_ptr().cast();
        header.msg_controllen = libc::CMSG_SPACE(size) as _;
        let first = libc::CMSG_FIRSTHDR(&raw const header);
        (*first).cmsg_level = libc::SOL_SOCKET;
        (*first).cmsg_type = libc::SCM_RIGHTS;
        (*first).cmsg_len = libc::CMSG_LEN(size) as _;
        std::ptr::copy_nonoverlapping(descriptors.as_ptr(), libc::CMSG_DATA(first).cast(), descriptors.len());
        libc::sendmsg(socket.as_raw_fd(), &raw const header, libc::MSG_NOSIGNAL)
    };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The next packet, which must come in time. Empty: the other end is closed.
pub(crate) fn receive(socket: &OwnedFd, within: Duration) -> io::Result<Vec<u8>> {
    let mut watched = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: the structure is live and is the only one.
    let ready = unsafe { libc::poll(&raw mut watched, 1, i32::try_from(within.as_millis()).unwrap_or(i32::MAX)) };
    match ready {
        0 => return Err(io::Error::from(io::ErrorKind::TimedOut)),
        1.. => {}
        _ => return Err(io::Error::last_os_error()),
    }
    let mut bytes = vec![0; 64 << 10];
    // SAFETY: the pointer and the length are those of a live, writable slice.
    let count = unsafe { libc::recv(socket.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Whether there is something to be read in time, if only the end.
pub(crate) fn is_readable(socket: &OwnedFd, within: Duration) -> bool {
    let mut watched = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: the structure is live and is the only one.
    unsafe { libc::poll(&raw mut watched, 1, i32::try_from(within.as_millis()).unwrap_or(i32::MAX)) > 0 }
}

/// Whether the other end is closed.
pub(crate) fn is_closed(socket: &OwnedFd) -> bool {
    let mut watched = libc::pollfd { fd: socket.as_raw_fd(), events: 0, revents: 0 };
    // SAFETY: the structure is live and is the only one.
    unsafe { libc::poll(&raw mut watched, 1, 0) };
    watched.revents & (libc::POLLHUP | libc::POLLERR) != 0
}
