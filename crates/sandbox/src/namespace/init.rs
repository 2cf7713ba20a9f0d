//! The jail's two processes: init, which is ours, and the code's own.
//!
//! Init is PID 1 of the jail's PID namespace. It starts the code, reaps what is orphaned and tells how the code ended.
//! When it ends itself, with the supervisor or by its hand, the kernel kills every process left. Within its namespace no signal can harm it. Like
//! [`setup`](super::setup) this runs in the child of a `clone`.

use std::ffi::CStr;
use std::os::fd::RawFd;

use libc::pid_t;
use seccompiler::BpfProgram;

use super::channel::{self, Message};
use super::identity::{INSIDE_ID, Identity};
use super::mounts::Step;
use super::order::Steps;
use super::program::Program;
use super::raw::{self, Errno, Side, Sys};
use super::seccomp::Filters;
use super::setup::{self, At, Failure, Jail, Stage};

/// What the child of `clone` needs, computed before.
pub(super) struct Launch<'a> {
    pub(super) jail: Jail<'a>,
    pub(super) part: Part<'a>,
    pub(super) stdout: RawFd,
    pub(super) stderr: RawFd,
    pub(super) status: RawFd,
    pub(super) lifeline: RawFd,
}

/// Who runs the code.
pub(super) enum Part<'a> {
    /// A process that init starts.
    Start {
        steps: &'a [Step],
        program: &'a Program,
        filters: &'a Filters,
        /// A loopback port on which the supervisor is to answer.
        listen: Option<u16>,
    },
    /// A process from outside that enters the jail; the job comes later.
    Await {
        /// On which that process names itself.
        named: RawFd,
        /// On which it is told that the jail is complete.
        go: RawFd,
    },
}

impl Part<'_> {
    /// With the descriptors on which the process from outside names itself, and is told.
    pub(super) fn waiting([named, go]: [RawFd; 2]) -> Self {
        Self::Await { named, go }
    }
}

/// The jail's private file systems, which the supervisor is shown.
const PRIVATE: [&CStr; 2] = [c"/tmp", c"/dev/shm"];
/// The jail's namespaces, in the order in which they are to be entered.
const NAMESPACES: [&CStr; 7] = [
    c"/proc/self/ns/user",
    c"/proc/self/ns/mnt",
    c"/proc/self/ns/pid",
    c"/proc/self/ns/net",
    c"/proc/self/ns/ipc",
    c"/proc/self/ns/uts",
    c"/proc/self/ns/cgroup",
];

/// [`WORK_DIR`] as the kernel takes it.
const WORK_DIR_PATH: &CStr = c"/kaggle/working";

impl Launch<'_> {
    /// The life of the jail's first process.
    pub(super) fn run(&self) -> ! {
        let life = || {
            setup::enter(&self.jail)?;
            match self.part {
                Part::Start { steps, program, filters, listen } => {
                    listen.map_or(Ok(()), |port| self.listen(port)).at(Stage::Network)?;
                    self.start(steps, program, filters)
                }
                Part::Await { named, go } => self.wait_for_job(named, go),
            }
        };
        if let Err(failure) = life() {
            self.tell(&failure);
        }
        raw::exit(1)
    }

    fn tell(&self, failure: &Failure) {
        let message = Message::Failed { stage: failure.stage as i32, step: failure.step, errno: failure.errno.0 };
        // A supervisor that doesn't listen is gone, and so will this process be.
        let _ = channel::send(self.status, message, &[]);
    }

    /// Opens a port of the jail's, and leaves it to the supervisor.
    fn listen(&self, port: u16) -> Sys<()> {
        let listener = raw::listen_on_loopback(port)?;
        channel::send(self.status, Message::Listening, &[listener])?;
        raw::close(listener);
        Ok(())
    }

    fn start(&self, steps: &[Step], program: &Program, filters: &Filters) -> Result<(), Failure> {
        setup::complete(steps.iter().map(Step::view), self.jail.steps.count())?;
        self.show(Message::Ready, &PRIVATE, libc::O_PATH | libc::O_DIRECTORY).at(Stage::Init)?;
        let deaths = child_deaths().at(Stage::Init)?;
        let [gate_inner, gate] = raw::pipe().at(Stage::Init)?;
        let flags = match self.jail.identity {
            Identity::Privileged { .. } => libc::CLONE_NEWUSER,
            Identity::Unprivileged { .. } => 0,
        };
        let mut pidfd = -1;
        // SAFETY: the child keeps to what this module's first lines demand, and ends in `execve` or `_exit`.
        let side = unsafe { raw::clone(flags, libc::SIGCHLD, &mut pidfd, None) }.at(Stage::Workload)?;
        let pid = match side {
            Side::Child => {
                raw::close(gate);
                if let Err(failure) = self.workload(gate_inner, program, filters) {
                    self.tell(&failure);
                }
                raw::exit(127)
            }
            Side::Parent(pid) => pid,
        };
        raw::close(gate_inner);
        for fd in [pidfd, self.stdout, self.stderr] {
            raw::close(fd);
        }
        if let Identity::Privileged { map, .. } = self.jail.identity {
            write_map(pid, b"uid_map", map.bytes()).at(Stage::Identity)?;
            write_map(pid, b"gid_map", map.bytes()).at(Stage::Identity)?;
        }
        raw::drop_capabilities().at(Stage::Privileges)?;
        raw::write(gate, b"1").at(Stage::Init)?;
        raw::close(gate);
        self.reap(pid, deaths).at(Stage::Init)
    }

    /// Sends a message with these folders or files of the jail.
    fn show(&self, message: Message, paths: &[&CStr], flags: libc::c_int) -> Sys<()> {
        let mut shown = [-1; NAMESPACES.len()];
        let mut count = 0;
        for (path, fd) in paths.iter().zip(&mut shown) {
            *fd = raw::open(path, flags | libc::O_CLOEXEC, 0)?;
            count += 1;
        }
        let shown = shown.get(..count).unwrap_or_default();
        channel::send(self.status, message, shown)?;
        for fd in shown {
            raw::close(*fd);
        }
        Ok(())
    }

    /// Waits until the code's process has entered the jail, and is then its parent, as that process's own has ended;
    /// then for the job.
    fn wait_for_job(&self, named: RawFd, go: RawFd) -> Result<(), Failure> {
        for fd in [self.stdout, self.stderr] {
            raw::close(fd);
        }
        let deaths = child_deaths().at(Stage::Init)?;
        self.show(Message::Standing, &NAMESPACES, libc::O_RDONLY).at(Stage::Init)?;
        let mut name = [0; size_of::<pid_t>()];
        self.wait_for([named, -1]);
        // Closed without a word: whoever was to enter is gone.
        if raw::read(named, &mut name).at(Stage::Handover)? != name.len() {
            return Err(Errno(libc::EPIPE)).at(Stage::Handover);
        }
        raw::close(named);
        let code = pid_t::from_ne_bytes(name);
        channel::send(self.status, Message::Entered, &[]).at(Stage::Init)?;
        if self.wait_for([self.status, deaths])[1] {
            return Err(Errno(libc::ECHILD)).at(Stage::Handover);
        }
        let order = channel::assigned(self.status).at(Stage::Handover)?;
        let bytes = raw::map_file(order).at(Stage::Handover)?;
        setup::complete(Steps(bytes), self.jail.steps.count())?;
        raw::close(order);
        self.show(Message::Ready, &PRIVATE, libc::O_PATH | libc::O_DIRECTORY).at(Stage::Init)?;
        raw::drop_capabilities().at(Stage::Privileges)?;
        raw::write(go, b"1").at(Stage::Handover)?;
        raw::close(go);
        self.reap(code, deaths).at(Stage::Init)
    }

    /// Waits until something is to be read from one of these, and says from which; ends with the supervisor.
    fn wait_for(&self, fds: [RawFd; 2]) -> [bool; 2] {
        let watch = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        let [first, second] = fds.map(watch);
        let mut watched = [watch(self.lifeline), first, second];
        loop {
            // SAFETY: the array is live and its length is given.
            unsafe { libc::poll(watched.as_mut_ptr(), 3, -1) };
            let [lifeline, first, second] = &watched;
            if lifeline.revents != 0 {
                raw::exit(1);
            }
            if first.revents != 0 || second.revents != 0 {
                return [first.revents != 0, second.revents != 0];
            }
        }
    }

    /// Waits for the code's end, or the supervisor's.
    fn reap(&self, code: pid_t, deaths: RawFd) -> Sys<()> {
        let mut buffer = [0; size_of::<libc::signalfd_siginfo>() * 4];
        loop {
            self.wait_for([deaths, -1]);
            // Several deaths may share one signal, so the signal only wakes.
            let _ = raw::read(deaths, &mut buffer);
            loop {
                let mut status = 0;
                // SAFETY: the status is live.
                let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::__WALL) };
                if pid == code {
                    channel::send(self.status, Message::Ended { status }, &[])?;
                    // The supervisor may look at what the code left running, and then ends us; or it dies.
                    self.wait_for([-1, -1]);
                }
                if pid <= 0 {
                    break;
                }
            }
        }
    }

    /// Becomes the code: gives up everything, then Python takes over.
    fn workload(&self, gate: RawFd, program: &Program, filters: &Filters) -> Result<(), Failure> {
        // Init first says who this process is, if it had to.
        if raw::read(gate, &mut [0]).at(Stage::Workload)? != 1 {
            return Err(Errno(libc::EPIPE)).at(Stage::Workload);
        }
        // SAFETY: takes nothing. A fresh child leads no group, so this cannot fail.
        unsafe { libc::setsid() };
        self.streams().at(Stage::Workload)?;
        if matches!(self.jail.identity, Identity::Privileged { .. }) {
            raw::become_user(INSIDE_ID, INSIDE_ID).at(Stage::Privileges)?;
        }
        for (resource, limit) in &program.limits {
            set_limit(*resource, limit).at(Stage::Limits)?;
        }
        give_up_privileges().at(Stage::Privileges)?;
        raw::reset_signals();
        raw::change_dir(WORK_DIR_PATH).at(Stage::Workload)?;
        // The status socket is closed by `execve` itself, so its end tells that Python runs.
        raw::close_range(3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC).at(Stage::Descriptors)?;
        for filter in filters {
            install(filter).at(Stage::Filter)?;
        }
        // SAFETY: the path ends in NUL, both vectors end in a null pointer, and all outlive the call.
        unsafe {
            libc::execve(program.executable.as_ptr(), program.arguments.as_ptr(), program.environment.as_ptr());
        }
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
        Err(Errno(errno)).at(Stage::Execute)
    }

    fn streams(&self) -> Sys<()> {
        raw::dup2(self.stdout, 1)?;
        raw::dup2(self.stderr, 2)?;
        let null = raw::open(c"/dev/null", libc::O_RDONLY, 0)?;
        if null != 0 {
            raw::dup2(null, 0)?;
            raw::close(null);
        }
        Ok(())
    }
}

/// A descriptor that is readable when a child has ended. All signals are blocked since before the `clone`.
fn child_deaths() -> Sys<RawFd> {
    // SAFETY: plain structures that these calls fill and read.
    let fd = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        // An ignored SIGCHLD would be inherited, and children would vanish unseen.
        let default: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGCHLD, &raw const default, std::ptr::null_mut());
        libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    if fd < 0 { Err(Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))) } else { Ok(fd) }
}

/// Writes `/proc/<pid>/<name>`.
fn write_map(pid: pid_t, name: &[u8], map: &[u8]) -> Sys<()> {
    let mut path = [0_u8; 32];
    let mut digits = [0_u8; 10];
    let mut rest = pid.unsigned_abs();
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    let number = digits.iter().skip(digits.len() - count);
    let parts = b"/proc/".iter().chain(number).chain(b"/").chain(name);
    // The array is zeroed and longer than any such path, so the string ends in NUL.
    for (to, from) in path.iter_mut().take(31).zip(parts) {
        *to = *from;
    }
    let path = CStr::from_bytes_until_nul(&path).map_err(|_| Errno(libc::ENAMETOOLONG))?;
    raw::write_file(path, map)
}

fn set_limit(resource: u32, limit: &libc::rlimit64) -> Sys<()> {
    // SAFETY: the limit is a live structure of the type that the call reads.
    let result = unsafe { libc::syscall(libc::SYS_prlimit64, 0, resource, std::ptr::from_ref(limit), 0_usize) };
    if result < 0 { Err(Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))) } else { Ok(()) }
}

/// No capability now or after any `execve`.
fn give_up_privileges() -> Sys<()> {
    /// All of `SECBIT_*` with their locks, save `SECBIT_KEEP_CAPS` itself.
    const SECURE_BITS: u64 = 0xef;
    raw::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as u64, 0)?;
    for capability in 0..64 {
        match raw::prctl(libc::PR_CAPBSET_DROP, capability, 0) {
            Ok(()) => {}
            // Past the last one that this kernel knows.
            Err(Errno(libc::EINVAL)) => break,
            Err(errno) => return Err(errno),
        }
    }
    raw::prctl(libc::PR_SET_SECUREBITS, SECURE_BITS, 0)?;
    raw::drop_capabilities()?;
    raw::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0)
}

fn install(filter: &BpfProgram) -> Sys<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut().cast() };
    raw::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER.into(), std::ptr::from_ref(&program) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_working_folder_is_the_documented_one() {
        assert_eq!(WORK_DIR_PATH.to_str(), Ok(crate::job::WORK_DIR));
    }
}
