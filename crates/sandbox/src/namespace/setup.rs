//! Building the jail, in the child that becomes its init.
//!
//! What runs here runs between `clone` and `execve`: see [`raw`](super::raw) for what that forbids. Which program is
//! started in the jail is none of this module's business.

use std::ffi::CStr;
use std::os::fd::RawFd;

use super::identity::Identity;
use super::mounts::{DEVICE, EMPTY, OLD_ROOT, Same, StepView};
use super::order::Steps;
use super::raw::{self, Errno, NODEV, NOSUID, RDONLY, Sys};

/// A jail to be: all of it that no job has a part in.
pub(super) struct Jail<'a> {
    pub(super) identity: &'a Identity,
    pub(super) steps: Steps<'a>,
    /// Options of the root's own small file system.
    pub(super) root_options: &'a CStr,
    /// Control files of cgroup v1 into which the child writes itself.
    pub(super) join: &'a [RawFd],
    /// Descriptors that stay open, in ascending order.
    pub(super) keep: &'a [RawFd],
    /// Memory that holds the supervisor's arguments and environment: address and length.
    pub(super) secrets: [(usize, usize); 2],
}

/// A part of the set-up; its number travels to the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Stage {
    Descriptors,
    Cgroup,
    Identity,
    Session,
    PrivateMounts,
    NewRoot,
    Mount,
    SealRoot,
    Init,
    Workload,
    Limits,
    Privileges,
    Filter,
    Execute,
    Handover,
    Network,
}

impl Stage {
    /// What was being done, by the number that travelled.
    pub(super) fn describe(number: i32) -> &'static str {
        const NAMES: [(Stage, &str); 16] = [
            (Stage::Descriptors, "closing the supervisor's files"),
            (Stage::Cgroup, "entering the control group"),
            (Stage::Identity, "mapping the user"),
            (Stage::Session, "starting a session"),
            (Stage::PrivateMounts, "making mounts private"),
            (Stage::NewRoot, "changing the root"),
            (Stage::Mount, "mounting"),
            (Stage::SealRoot, "making the root read-only"),
            (Stage::Init, "starting the jail's init"),
            (Stage::Workload, "starting the code's process"),
            (Stage::Limits, "setting limits"),
            (Stage::Privileges, "giving up privileges"),
            (Stage::Filter, "installing the system call filter"),
            (Stage::Execute, "starting Python"),
            (Stage::Handover, "entering the jail from the warm interpreter"),
            (Stage::Network, "opening the network proxy's port"),
        ];
        NAMES.iter().find(|(stage, _)| *stage as i32 == number).map_or("setting up", |(_, name)| name)
    }
}

/// Why there is no jail.
pub(super) struct Failure {
    pub(super) stage: Stage,
    /// Index of the mount step, where the stage has steps.
    pub(super) step: i32,
    pub(super) errno: Errno,
}

/// Names the stage of a call's failure.
pub(super) trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Failure>;
}

impl<T> At<T> for Sys<T> {
    fn at(self, stage: Stage) -> Result<T, Failure> {
        self.map_err(|errno| Failure { stage, step: -1, errno })
    }
}

/// Puts the calling process, fresh from `clone`, into the jail. The host's files are still in reach, for [`complete`].
pub(super) fn enter(jail: &Jail<'_>) -> Result<(), Failure> {
    close_others(jail.keep).at(Stage::Descriptors)?;
    // Of the thread that cloned: it must outlive the jail.
    raw::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64, 0).at(Stage::Init)?;
    for group in jail.join {
        raw::write(*group, b"0").at(Stage::Cgroup)?;
        raw::close(*group);
    }
    if let Identity::Unprivileged { uid_map, gid_map } = &jail.identity {
        raw::write_file(c"/proc/self/setgroups", b"deny").at(Stage::Identity)?;
        raw::write_file(c"/proc/self/uid_map", uid_map.bytes()).at(Stage::Identity)?;
        raw::write_file(c"/proc/self/gid_map", gid_map.bytes()).at(Stage::Identity)?;
    }
    // The first to go when memory runs out, by the kernel's choice for the whole host.
    raw::write_file(c"/proc/self/oom_score_adj", b"1000").at(Stage::Limits)?;
    hide_memory(&jail.secrets).at(Stage::Init)?;
    // SAFETY: takes nothing. A fresh child leads no group, so this cannot fail.
    unsafe { libc::setsid() };
    // Only now, as the group that the child has joined becomes the root of what it sees.
    let _ = raw::unshare(libc::CLONE_NEWCGROUP);
    name_host().at(Stage::Session)?;
    // A host without IPv4 has no loopback to bring up.
    let _ = raw::loopback_up();
    change_root(jail)
}

/// Closes all descriptors save those to keep, which are in ascending order.
pub(super) fn close_others(keep: &[RawFd]) -> Sys<()> {
    let mut first = 0;
    for fd in keep {
        let fd = *fd as u32;
        if fd > first {
            raw::close_range(first, fd - 1, 0)?;
        }
        first = fd + 1;
    }
    raw::close_range(first, u32::MAX, 0)
}

/// This process has a copy of the supervisor's memory: nobody may read it, and the likeliest secrets go.
fn hide_memory(secrets: &[(usize, usize)]) -> Sys<()> {
    raw::prctl(libc::PR_SET_DUMPABLE, 0, 0)?;
    for (address, length) in secrets {
        // SAFETY: the kernel named this range as the process's own argument or environment strings, which are
        // writable; nothing in this child reads them again.
        unsafe { std::ptr::write_bytes(*address as *mut u8, 0, *length) };
    }
    Ok(())
}

fn name_host() -> Sys<()> {
    let name = b"sandbox";
    // SAFETY: the pointer and the length are those of a live slice.
    if unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) } == 0 { Ok(()) } else { Err(Errno(libc::EPERM)) }
}

fn change_root(jail: &Jail<'_>) -> Result<(), Failure> {
    // Nothing gets out, but what the host mounts and unmounts is followed until the jail is complete.
    raw::mount(c"", c"/", c"", libc::MS_REC | libc::MS_SLAVE, c"").at(Stage::PrivateMounts)?;
    // Any folder serves for a moment; `/proc` is always there.
    raw::mount(c"root", c"/proc", c"tmpfs", libc::MS_NOSUID | libc::MS_NODEV, jail.root_options).at(Stage::NewRoot)?;
    // SAFETY: takes a number and cannot fail.
    unsafe { libc::umask(0o022) };
    raw::change_dir(c"/proc").at(Stage::NewRoot)?;
    raw::make_dir(c".old", 0o700).at(Stage::NewRoot)?;
    raw::pivot_root(c".", c".old").at(Stage::NewRoot)?;
    raw::change_dir(c"/").at(Stage::NewRoot)?;
    take_all(jail.steps, 0)
}

/// Takes the job's steps, of which the first has this number, and closes the jail: the host's files are gone.
pub(super) fn complete<'a>(steps: impl Iterator<Item = StepView<'a>>, first: usize) -> Result<(), Failure> {
    take_all(steps, first)?;
    let _ = raw::remove_file(EMPTY);
    raw::unmount(OLD_ROOT).at(Stage::SealRoot)?;
    raw::remove_dir(OLD_ROOT).at(Stage::SealRoot)?;
    raw::mount(c"", c"/", c"", libc::MS_REC | libc::MS_PRIVATE, c"").at(Stage::PrivateMounts)?;
    raw::mount_attributes(c"/", RDONLY | NOSUID | NODEV, false).at(Stage::SealRoot)
}

fn take_all<'a>(steps: impl Iterator<Item = StepView<'a>>, first: usize) -> Result<(), Failure> {
    for (index, step) in steps.enumerate() {
        take(step).map_err(|errno| Failure { stage: Stage::Mount, step: (first + index) as i32, errno })?;
    }
    Ok(())
}

fn take(step: StepView<'_>) -> Sys<()> {
    match step {
        StepView::Dir(path) => raw::make_dir(path, 0o755),
        StepView::Link { target, path } => raw::make_link(target, path),
        StepView::File { path, bytes } => raw::make_file(path, bytes),
        StepView::Bind { source, target, attributes, same } => {
            raw::mount(source, target, c"", libc::MS_BIND | libc::MS_REC, c"")?;
            // Only adds: what the host's mounts forbid stays forbidden, and mounts below this one are included.
            raw::mount_attributes(target, attributes, true)?;
            same.map_or(Ok(()), |same| check_same(target, same))
        }
        StepView::OwnInodes { target, options } => {
            let flags = libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
            let _ = raw::mount(c"overlay", target, c"overlay", flags, options);
            Ok(())
        }
        // These attributes have the values of the flags.
        StepView::Tmpfs { target, options, attributes } => raw::mount(c"tmpfs", target, c"tmpfs", attributes, options),
        StepView::Device { path, source, number } => match raw::make_device(path, number) {
            Err(_) => {
                raw::make_file(path, &[])?;
                raw::mount(source, path, c"", libc::MS_BIND, c"")?;
                raw::mount_attributes(path, DEVICE, false)
            }
            made => made,
        },
        StepView::Proc => {
            let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
            // What a process may not trace, such as init, it doesn't see at all.
            raw::mount(c"proc", c"/proc", c"proc", flags, c"hidepid=ptraceable")
        }
        StepView::Seal { path, attributes } => raw::mount_attributes(path, attributes, false),
    }
}

/// Whether the path leads to this file.
fn check_same(path: &CStr, same: Same) -> Sys<()> {
    // SAFETY: `stat` is a plain structure that the call fills; the path ends in NUL.
    let found = unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        (libc::stat(path.as_ptr(), &raw mut found) == 0).then_some(found)
    };
    let is_same = found.is_some_and(|found| found.st_dev == same.device && found.st_ino == same.number);
    if is_same { Ok(()) } else { Err(Errno(libc::ESTALE)) }
}
