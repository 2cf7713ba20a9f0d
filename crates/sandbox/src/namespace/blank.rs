//! A jail made ahead of its job: all that no job has a part in stands, and a fork of a warm interpreter waits in it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use super::cgroup::{CpuTime, Group};
use super::channel::{self, Inner, Message, Outer};
use super::child::{self, Child};
use super::cores::Cores;
use super::handover::{self, Handover};
use super::init::Part;
use super::mounts::Step;
use super::nursery::Nursery;
use super::order;
use super::process;
use super::program::Program;
use super::setup::Stage;
use super::{Descriptors, NamespaceSandbox, ROOT_SIZE};
use crate::packet;
use crate::sandbox::Cancel;

/// How long a jail may take to stand, and a job to start in it.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest script that fits into the root of a jail that was made without it.
pub(crate) const LARGEST_SCRIPT: usize = 16 << 20;
/// Such a root's.
pub(super) const ROOT_OPTIONS: &CStr = c"size=17m,mode=755";
const _: () = assert!(LARGEST_SCRIPT + ROOT_SIZE == 17 << 20);

/// A jail that waits for its job. It must not outlive the thread that made it; dropping it ends it.
pub(crate) struct Blank {
    pub(super) child: Child,
    pub(super) outer: Outer,
    pub(super) group: Option<Group>,
    /// On which the job goes to the process that will run it; it is closed there when the script starts.
    task: OwnedFd,
    /// CPU time that the group had used when it was ready.
    pub(super) used: CpuTime,
}

impl Blank {
    /// Makes one. `enter` asks a warm interpreter for a fork that enters.
    pub(crate) fn make(
        sandbox: &NamespaceSandbox,
        nursery: Option<&Nursery>,
        enter: &dyn Fn(Handover),
    ) -> io::Result<Self> {
        let failed = |error: crate::error::SandboxError| io::Error::other(error.to_string());
        let group = sandbox.new_group(true).map_err(failed)?;
        let (outer, inner) = channel::open().map_err(failed)?;
        let (named, name) = channel::one_way().map_err(failed)?;
        let (gone, go) = channel::one_way().map_err(failed)?;
        let (task, task_inner) = packet::pair()?;
        let waiting = [named.as_raw_fd(), go.as_raw_fd()];
        let descriptors = Descriptors::new(group.as_ref(), &inner, &waiting);
        let birth = group.as_ref().and_then(Group::birth);
        let child = nursery.and_then(|nursery| nursery.spawn(&descriptors, waiting, birth));
        let child = child.map_or_else(
            || {
                let launch = sandbox.launch(Part::waiting(waiting), ROOT_OPTIONS, &descriptors);
                Child::spawn(child::namespaces(&sandbox.identity), birth, &|| launch.run())
            },
            Ok,
        )?;
        drop((named, go));
        let mut blank = Self { child, outer, group, task, used: CpuTime::default() };
        let Inner { stdout, stderr, status, lifeline: _ } = inner;
        let mut descriptors = vec![stdout, stderr, status, name, gone, task_inner];
        descriptors.extend(blank.expect(Message::Standing)?);
        descriptors.extend(blank.group.as_ref().map(Group::entrances).transpose()?.unwrap_or_default());
        enter(Handover { descriptors });
        blank.expect(Message::Entered)?;
        blank.used = blank.group.as_ref().and_then(Group::cpu).unwrap_or_default();
        Ok(blank)
    }

    /// Waits for this message of init, and takes the descriptors that come with it.
    fn expect(&self, expected: Message) -> io::Result<Vec<OwnedFd>> {
        let deadline = Instant::now() + PATIENCE;
        let mut over = false;
        loop {
            match channel::receive(&self.outer.status) {
                Some((message, descriptors)) if message == expected => return Ok(descriptors),
                Some((Message::Failed { stage, errno, .. }, _)) => {
                    let reason = io::Error::from_raw_os_error(errno);
                    return Err(io::Error::other(format!("{}: {reason}", Stage::describe(stage))));
                }
                Some(_) => return Err(io::Error::from(io::ErrorKind::InvalidData)),
                None if over => return Err(io::Error::other("its first process died")),
                None => {}
            }
            [_, over] = readable([self.outer.status.as_raw_fd(), self.child.pidfd()], TICK);
            if Instant::now() > deadline {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
        }
    }

    /// The number of the jail's first process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Whether the jail still waits.
    pub(crate) fn is_alive(&self) -> bool {
        readable([self.child.pidfd(), self.outer.status.as_raw_fd()], Duration::ZERO) == [false; 2]
    }

    /// Confines what waits in the jail to these processors.
    pub(super) fn confine(&self, cores: &Cores) {
        let init = self.child.pid();
        let deadline = Instant::now() + PATIENCE;
        // What entered is init's child once the process has ended that brought it in.
        while process::descendants(init).is_empty() && self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        cores.confine(init);
    }

    /// Gives the job, and waits until its script starts.
    ///
    /// # Errors
    /// When it did not start; then nothing of it was done.
    pub(super) fn assign(&self, steps: &[Step], program: &Program, cancel: &Cancel) -> io::Result<()> {
        let job = packet::file(&handover::job(program))?;
        packet::send(&self.task, &[job.as_raw_fd()])?;
        channel::assign(&self.outer.status, &packet::file(&order::encode(steps))?)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let [started, over] = readable([self.task.as_raw_fd(), self.child.pidfd()], TICK);
            // A failure is told by init, or by the outcome.
            if started || over || cancel.is_cancelled() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
        }
    }
}

/// The time between two looks at the clock.
const TICK: Duration = Duration::from_millis(20);

/// Which of the descriptors have something to be read, or are closed on the other side.
fn readable(fds: [RawFd; 2], within: Duration) -> [bool; 2] {
    let mut watched = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    // SAFETY: the array is live and its length is given.
    unsafe { libc::poll(watched.as_mut_ptr(), 2, within.as_millis() as i32) };
    watched.map(|watched| watched.revents != 0)
}
