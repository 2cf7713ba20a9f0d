//! A jail's init as the supervisor sees it.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use libc::c_int;

use super::identity::Identity;
use super::process::Used;
use super::raw::{self, Side};

/// A cloned process. Dropping it kills it and all below it.
pub(super) struct Child {
    pid: u32,
    pidfd: OwnedFd,
    waited: bool,
}

/// The namespaces of a jail. The cgroup namespace comes later, when the child has joined its group.
pub(super) fn namespaces(identity: &Identity) -> c_int {
    let common = libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
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
            Side::Parent(pid) => {
                // SAFETY: the kernel made this descriptor for us alone.
                let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
                Ok(Self { pid: pid.unsigned_abs(), pidfd, waited: false })
            }
        }
    }

    /// A child that another process has made for this one.
    pub(super) fn adopt(pid: u32, pidfd: OwnedFd) -> Self {
        Self { pid, pidfd, waited: false }
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

    /// Waits for the child's end. Returns what it has used, and what it has waited for.
    pub(super) fn wait(mut self) -> io::Result<Used> {
        self.reap()
    }

    fn reap(&mut self) -> io::Result<Used> {
        self.waited = true;
        loop {
            let mut status = 0;
            // SAFETY: a plain structure, for which zero is valid.
            let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
            // SAFETY: both structures are live and of the types that the call fills.
            let pid = unsafe { libc::wait4(self.pid.cast_signed(), &raw mut status, libc::__WALL, &raw mut usage) };
            if pid >= 0 {
                return Ok(Used {
                    user: time(usage.ru_utime),
                    system: time(usage.ru_stime),
                    // Always in units of 512 bytes.
                    written: usage.ru_oublock.unsigned_abs() * 512,
                });
            }
            let error = io::Error::last_os_error();
            // The program around us has waited for whatever there is.
            if error.raw_os_error() == Some(libc::ECHILD) {
                return Ok(Used::default());
            }
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

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn a_dropped_child_is_dead() {
        let child = Child::spawn(0, None, &|| loop {
            // SAFETY: takes nothing.
            unsafe { libc::pause() };
        });
        let child = child.unwrap();
        let stat = format!("/proc/{}/stat", child.pid());
        assert!(fs::exists(&stat).unwrap());
        drop(child);
        assert!(!fs::exists(&stat).unwrap());
    }

    /// Needs a version 2 hierarchy that can be written; elsewhere there is nothing to show.
    #[test]
    fn a_child_is_born_in_its_group() {
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        let point = mounts.lines().find(|line| line.contains(" cgroup2 ")).and_then(|line| line.split(' ').nth(1));
        let Some(group) = point.map(|point| format!("{point}/mledojo-test-{}", std::process::id())) else { return };
        if fs::create_dir(&group).is_err() {
            return;
        }
        let folder = File::open(&group).unwrap();
        let child = Child::spawn(0, Some(folder.as_raw_fd()), &|| loop {
            // SAFETY: takes nothing.
            unsafe { libc::pause() };
        });
        let child = child.unwrap();
        let members = fs::read_to_string(format!("{group}/cgroup.procs")).unwrap();
        assert_eq!(members.trim(), child.pid().to_string());
        drop(child);
        fs::remove_dir(&group).unwrap();
    }
}
