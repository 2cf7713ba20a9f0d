//! Finding out what this host allows, by doing it.

use std::io;
use std::os::fd::AsRawFd;

use libc::c_int;

use super::cgroup::Cgroups;
use super::channel::{self, Message};
use super::child::{self, Child};
use super::identity::Identity;
use super::mounts::Step;
use super::order::{self, Steps};
use super::setup::{self, Jail, Stage};
use crate::error::SandboxError;

const HINT: &str = "`mledojo doctor` says what is missing. Without root: allow user namespaces \
(`sysctl user.max_user_namespaces=15000`, on Debian `kernel.unprivileged_userns_clone=1`, on Ubuntu \
`kernel.apparmor_restrict_unprivileged_userns=0`). In a container: start it with `--security-opt \
seccomp=unconfined --security-opt systempaths=unconfined`, or `--privileged`";

/// Builds an empty jail, all but the program in it.
pub(super) fn check(identity: &Identity) -> Result<(), SandboxError> {
    attempt(identity).map_err(|reason| SandboxError::Unsupported { reason, hint: HINT.into() })
}

fn attempt(identity: &Identity) -> Result<(), String> {
    let (outer, inner) = channel::open().map_err(|error| error.to_string())?;
    let status = inner.status.as_raw_fd();
    let steps = order::encode(&[Step::Dir(c"/proc".into()), Step::Proc]);
    let jail = Jail {
        identity,
        steps: Steps(&steps),
        root_options: c"size=64k,mode=755",
        join: &[],
        keep: &[status],
        secrets: [(0, 0); 2],
    };
    let child = Child::spawn(child::namespaces(identity), None, &|| {
        let message = match setup::enter(&jail).and_then(|()| setup::complete(std::iter::empty(), 0)) {
            Ok(()) => Message::Ready,
            Err(failure) => Message::Failed { stage: failure.stage as i32, step: failure.step, errno: failure.errno.0 },
        };
        let _ = channel::send(status, message, &[]);
    });
    let child = child.map_err(|error| format!("creating namespaces: {error}"))?;
    child.wait().map_err(|error| format!("waiting for a child: {error}"))?;
    match channel::receive(&outer.status) {
        Some((Message::Ready, _)) => Ok(()),
        Some((Message::Failed { stage, errno, .. }, _)) => {
            Err(format!("{}: {}", Stage::describe(stage), io::Error::from_raw_os_error(errno)))
        }
        _ => Err("the first process in the jail died".into()),
    }
}

/// Whether a jail can be built here, and why not.
pub(crate) fn setup_works() -> Result<(), String> {
    let identity = Identity::detect().map_err(|error| error.to_string())?;
    attempt(&identity)
}

/// Whether jails are built with the rights of root.
pub(crate) fn privileged() -> bool {
    matches!(Identity::detect(), Ok(Identity::Privileged { .. }))
}

/// Each kind of namespace, and why it can't be made.
pub(crate) fn usable_namespaces() -> Vec<(&'static str, Result<(), io::Error>)> {
    const KINDS: [(&str, c_int); 7] = [
        ("user", libc::CLONE_NEWUSER),
        ("mount", libc::CLONE_NEWNS),
        ("pid", libc::CLONE_NEWPID),
        ("network", libc::CLONE_NEWNET),
        ("ipc", libc::CLONE_NEWIPC),
        ("uts", libc::CLONE_NEWUTS),
        ("cgroup", libc::CLONE_NEWCGROUP),
    ];
    let base = if privileged() { 0 } else { libc::CLONE_NEWUSER };
    let make = |flag| Child::spawn(base | flag, None, &|| {}).and_then(Child::wait).map(drop);
    KINDS.map(|(name, flag)| (name, make(flag))).into()
}

/// The control groups in use.
pub(crate) struct ControlGroups {
    /// For people: version and controllers.
    pub(crate) description: String,
    /// Whether they count processes.
    pub(crate) processes: bool,
    /// Whether they limit the share of processors.
    pub(crate) processors: bool,
}

/// The control groups in use; `None`: the watchdog is.
pub(crate) fn control_groups() -> Option<ControlGroups> {
    let cgroups = Cgroups::detect()?;
    let (processes, processors) = (cgroups.has_processes(), cgroups.has_quota());
    Some(ControlGroups { description: cgroups.describe(), processes, processors })
}
