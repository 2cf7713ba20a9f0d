//! System calls for the time between `clone` and `execve`.
//!
//! The child of a `clone` in a program with many threads owns a copy of memory in which any lock may be held by a
//! thread that no longer exists. So nothing here allocates, locks, panics or formats; a failure is its `errno`.

use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;

use libc::{c_int, c_long, c_ulong, pid_t};

/// The number by which the kernel says why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Errno(pub(super) i32);

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}

pub(super) type Sys<T> = Result<T, Errno>;

/// `clone3` flag of `linux/sched.h`.
const CLONE_INTO_CGROUP: u64 = 1 << 33;
/// `mount_setattr` flags of `linux/mount.h`.
pub(super) const RDONLY: u64 = 1;
pub(super) const NOSUID: u64 = 2;
pub(super) const NODEV: u64 = 4;
pub(super) const NOEXEC: u64 = 8;

fn errno() -> Errno {
    Errno(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
}

fn check(result: c_long) -> Sys<c_long> {
    if result < 0 { Err(errno()) } else { Ok(result) }
}

fn check_int(result: c_int) -> Sys<c_int> {
    if result < 0 { Err(errno()) } else { Ok(result) }
}

/// Which side of a `clone` one is on.
pub(super) enum Side {
    Child,
    Parent(pid_t),
}

/// Forks with new namespaces. With `cgroup`, a descriptor of a cgroup v2 folder, the child is born in that group.
///
/// # Safety
/// The child may only make calls that are safe in a signal handler, and must end in `execve` or `_exit`.
pub(super) unsafe fn clone(flags: c_int, exit_signal: c_int, pidfd: &mut RawFd, cgroup: Option<RawFd>) -> Sys<Side> {
    let flags = flags | libc::CLONE_PIDFD;
    let result = if let Some(cgroup) = cgroup {
        // SAFETY: `clone_args` is plain numbers, for which zero means "not used".
        let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
        arguments.flags = u64::from(flags as u32) | CLONE_INTO_CGROUP;
        arguments.pidfd = std::ptr::from_mut(pidfd) as u64;
        arguments.exit_signal = exit_signal as u64;
        arguments.cgroup = cgroup as u64;
        // SAFETY: no new stack and no shared memory, so this is a fork; the caller keeps to what a fork's child may do.
        unsafe { libc::syscall(libc::SYS_clone3, &raw mut arguments, size_of::<libc::clone_args>()) }
    } else {
        let flags = (flags as u32 | exit_signal as u32) as c_ulong;
        // SAFETY: as above; the third argument receives the pidfd, the others aren't used by these flags.
        unsafe {
            libc::syscall(libc::SYS_clone, flags, 0 as c_long, std::ptr::from_mut(pidfd), 0 as c_long, 0 as c_long)
        }
    };
    match check(result)? {
        0 => Ok(Side::Child),
        pid => Ok(Side::Parent(pid as pid_t)),
    }
}

pub(super) fn exit(code: c_int) -> ! {
    // SAFETY: ends the process; no destructor or exit handler runs.
    unsafe { libc::_exit(code) }
}

pub(super) fn prctl(option: c_int, a: c_ulong, b: c_ulong) -> Sys<()> {
    // SAFETY: the options used here take numbers, or a pointer that the caller keeps alive during the call.
    check_int(unsafe { libc::prctl(option, a, b, 0 as c_ulong, 0 as c_ulong) }).map(drop)
}

pub(super) fn unshare(flags: c_int) -> Sys<()> {
    // SAFETY: takes a number.
    check_int(unsafe { libc::unshare(flags) }).map(drop)
}

/// Writes `bytes` to a file of `/proc` or a control file in one call, as such files demand.
pub(super) fn write_file(path: &CStr, bytes: &[u8]) -> Sys<()> {
    let fd = open(path, libc::O_WRONLY | libc::O_CLOEXEC, 0)?;
    let written = write(fd, bytes);
    close(fd);
    written.map(drop)
}

pub(super) fn open(path: &CStr, flags: c_int, mode: libc::mode_t) -> Sys<RawFd> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::open(path.as_ptr(), flags, mode) })
}

pub(super) fn close(fd: RawFd) {
    // SAFETY: takes a number; the caller owns the descriptor.
    unsafe { libc::close(fd) };
}

pub(super) fn close_range(first: u32, last: u32, flags: u32) -> Sys<()> {
    // SAFETY: takes numbers; the caller owns what it closes.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) }).map(drop)
}

pub(super) fn write(fd: RawFd, bytes: &[u8]) -> Sys<usize> {
    // SAFETY: the pointer and the length are those of a live slice.
    let written = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
    if written < 0 { Err(errno()) } else { Ok(written as usize) }
}

/// A file's content, mapped for as long as the process lives.
pub(super) fn map_file(fd: RawFd) -> Sys<&'static [u8]> {
    // SAFETY: `stat` is a plain structure that the call fills.
    let length = unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        check_int(libc::fstat(fd, &raw mut status))?;
        status.st_size as usize
    };
    if length == 0 {
        return Ok(&[]);
    }
    // SAFETY: a new mapping, which nothing else knows of.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, fd, 0) };
    if address == libc::MAP_FAILED {
        return Err(errno());
    }
    // SAFETY: the mapping is that long, is never unmapped, and nobody writes to the file or cuts it any more.
    Ok(unsafe { std::slice::from_raw_parts(address.cast(), length) })
}

/// Reads once; interruptions are passed over.
pub(super) fn read(fd: RawFd, buffer: &mut [u8]) -> Sys<usize> {
    loop {
        // SAFETY: the pointer and the length are those of a live, writable slice.
        let count = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
        match usize::try_from(count) {
            Ok(count) => return Ok(count),
            Err(_) if errno().0 == libc::EINTR => {}
            Err(_) => return Err(errno()),
        }
    }
}

pub(super) fn dup2(from: RawFd, to: RawFd) -> Sys<()> {
    // SAFETY: takes numbers.
    check_int(unsafe { libc::dup2(from, to) }).map(drop)
}

pub(super) fn pipe() -> Sys<[RawFd; 2]> {
    let mut ends = [-1; 2];
    // SAFETY: the array has room for the two descriptors.
    check_int(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    Ok(ends)
}

pub(super) fn make_dir(path: &CStr, mode: libc::mode_t) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    match check_int(unsafe { libc::mkdir(path.as_ptr(), mode) }) {
        Err(Errno(libc::EEXIST)) => Ok(()),
        result => result.map(drop),
    }
}

pub(super) fn make_link(target: &CStr, path: &CStr) -> Sys<()> {
    // SAFETY: both end in NUL.
    check_int(unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) }).map(drop)
}

pub(super) fn make_file(path: &CStr, bytes: &[u8]) -> Sys<()> {
    let fd = open(path, libc::O_WRONLY | libc::O_CREAT | libc::O_CLOEXEC | libc::O_NOFOLLOW, 0o644)?;
    let mut rest = bytes;
    let result = loop {
        if rest.is_empty() {
            break Ok(());
        }
        match write(fd, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(errno) => break Err(errno),
        }
    };
    close(fd);
    result
}

/// A character device that all may read and write. Only root of the host can make one.
pub(super) fn make_device(path: &CStr, number: u64) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::mknod(path.as_ptr(), libc::S_IFCHR | 0o666, number) })?;
    // SAFETY: as above. The mode given before was cut by the mask.
    check_int(unsafe { libc::chmod(path.as_ptr(), 0o666) }).map(drop)
}

pub(super) fn remove_file(path: &CStr) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::unlink(path.as_ptr()) }).map(drop)
}

pub(super) fn remove_dir(path: &CStr) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::rmdir(path.as_ptr()) }).map(drop)
}

pub(super) fn change_dir(path: &CStr) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::chdir(path.as_ptr()) }).map(drop)
}

/// `mount(2)`. `source`, `kind` and `options` may be empty.
pub(super) fn mount(source: &CStr, target: &CStr, kind: &CStr, flags: c_ulong, options: &CStr) -> Sys<()> {
    // SAFETY: all four end in NUL and outlive the call.
    check_int(unsafe { libc::mount(source.as_ptr(), target.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) })
        .map(drop)
}

/// Adds attributes to the mount at `path`, and to those below it when `recursive`.
pub(super) fn mount_attributes(path: &CStr, set: u64, recursive: bool) -> Sys<()> {
    #[repr(C)]
    struct MountAttr {
        set: u64,
        clear: u64,
        propagation: u64,
        userns: u64,
    }
    let attributes = MountAttr { set, clear: 0, propagation: 0, userns: 0 };
    let flags = if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: `path` ends in NUL, the structure is the kernel's `struct mount_attr` with its size beside it.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}

pub(super) fn unmount(path: &CStr) -> Sys<()> {
    // SAFETY: `path` ends in NUL.
    check_int(unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) }).map(drop)
}

pub(super) fn pivot_root(new: &CStr, old: &CStr) -> Sys<()> {
    // SAFETY: both end in NUL.
    check(unsafe { libc::syscall(libc::SYS_pivot_root, new.as_ptr(), old.as_ptr()) }).map(drop)
}

/// Takes the user and group for this thread. The C library's own functions would wait for threads that a clone lacks.
pub(super) fn become_user(uid: u32, gid: u32) -> Sys<()> {
    // SAFETY: a length of zero reads no list; the others take numbers.
    check(unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) })?;
    // SAFETY: takes numbers.
    check(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
    // SAFETY: takes numbers.
    check(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) }).map(drop)
}

/// Gives up all effective, permitted and inheritable capabilities.
pub(super) fn drop_capabilities() -> Sys<()> {
    const VERSION_3: u32 = 0x2008_0522;
    let header = [VERSION_3, 0];
    let sets = [0_u32; 6];
    // SAFETY: the arrays have the layout of `__user_cap_header_struct` and of two `__user_cap_data_struct`.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) }).map(drop)
}

/// Brings up the loopback interface of the own network namespace.
pub(super) fn loopback_up() -> Sys<()> {
    // SAFETY: takes numbers.
    let socket = check_int(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: `ifreq` is a plain structure, for which zero is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the request is a live `ifreq`, as this ioctl takes.
    let result = check_int(unsafe { libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const request) });
    close(socket);
    result.map(drop)
}

/// A socket that listens on this port of the own network namespace's loopback.
pub(super) fn listen_on_loopback(port: u16) -> Sys<RawFd> {
    // SAFETY: takes numbers.
    let socket = check_int(unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: `sockaddr_in` is a plain structure, for which zero is valid.
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as libc::sa_family_t;
    address.sin_port = port.to_be();
    address.sin_addr.s_addr = libc::INADDR_LOOPBACK.to_be();
    let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the address is a live structure of the length given.
    check_int(unsafe { libc::bind(socket, (&raw const address).cast(), length) })?;
    // SAFETY: takes numbers.
    check_int(unsafe { libc::listen(socket, 128) }).map(|_| socket)
}

/// Blocks every signal and returns the mask before.
pub(super) fn block_signals() -> libc::sigset_t {
    // SAFETY: `sigset_t` is a plain structure that `sigfillset` and `pthread_sigmask` fill.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    }
}

/// Sets this thread's signal mask.
pub(super) fn restore_signals(mask: &libc::sigset_t) {
    // SAFETY: `mask` is a live signal set.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut()) };
}

/// Default action for every signal, none blocked: what a fresh program expects.
pub(super) fn reset_signals() {
    // SAFETY: plain structures for which zero means default action, no flags, empty mask. The few numbers that can't
    // be changed are refused, which is right.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        for signal in 1..=64 {
            libc::sigaction(signal, &raw const default, std::ptr::null_mut());
        }
        let none: libc::sigset_t = std::mem::zeroed();
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}
