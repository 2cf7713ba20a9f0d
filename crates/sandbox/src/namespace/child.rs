//! A jail's init as the supervisor sees it.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use libc::c_int;

use super::identity::Identity;
use super::raw::{self, Side};

/// A cloned process. Dropping it kills it and all below it.
pub(super) struct Child {
    pid: u32,
    pidfd: OwnedFd,
    waited: bool,
}

/// How a child ended.
pub(super) struct Exit {
    /// CPU time of the child and of what it waited for.
    pub(super) cpu: Duration,
}

/// The namespaces of a jail. The cgroup namespace comes later, when the child has joined its group.
pub(super) fn namespaces(identity: &Identity) -> c_int {
    let common =
        libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    match identity {
        Identity::Unprivileged { .. } => common | libc::CLONE_NEWUSER,
        Identity::Privileged { .. } => common,
    }
}

impl Child {
    /// Starts `body` in a new process, which ends when `body` returns.
    ///
    /// `body` must keep to what [`raw`] demands. The child sends no signal when it ends, so the program around us sees
    /// nothing of it: neither its `SIGCHLD` handler nor its `wait` for any child.
    pub(super) fn spawn(namespaces: c_int, cgroup: Option<RawFd>, body: &dyn Fn()) -> io::Result<Self> {
        let mut pidfd = -1;
        // Handlers of the program around us must not run in the child.
        let mask = raw::block_signals();
        // SAFETY: `body` keeps to what a forked child may do; then the child ends.
        let side = unsafe { raw::clone(namespaces, 0, &mut pidfd, cgroup) };
        if let Ok(Side::Child) = side {
            body();
            raw::exit(1);
        }
        raw::restore_signals(&mask);
        match side? {
            Side::Child => Err(io::Error::from(io::ErrorKind::Unsupported)),
            // SAFETY: the kernel made this descriptor for us alone.
            Side::Parent(pid) => {
                Ok(Self { pid: pid.unsigned_abs(), pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) }, waited: false })
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Readable when the child has ended, and with it everything in its PID namespace.
    pub(super) fn pidfd(&self) -> RawFd {
        self.pidfd.as_raw_fd()
    }

    pub(super) fn kill(&self) {
        // SAFETY: takes numbers and a null pointer; the descriptor names this child and no other.
        unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                self.pidfd.as_raw_fd(),
                libc::SIGKILL,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        };
    }

    /// Waits for the child's end.
    pub(super) fn wait(mut self) -> io::Result<Exit> {
        self.reap()
    }

    fn reap(&mut self) -> io::Result<Exit> {
        self.waited = true;
        loop {
            let mut status = 0;
            // SAFETY: both structures are live and of the types that the call fills.
            let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
            let pid = unsafe { libc::wait4(self.pid.cast_signed(), &raw mut status, libc::__WALL, &raw mut usage) };
            if pid >= 0 {
                return Ok(Exit { cpu: time(usage.ru_utime) + time(usage.ru_stime) });
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.waited {
            self.kill();
            let _ = self.reap();
        }
    }
}

fn time(value: libc::timeval) -> Duration {
    Duration::from_secs(value.tv_sec.unsigned_abs()) + Duration::from_micros(value.tv_usec.unsigned_abs())
}
