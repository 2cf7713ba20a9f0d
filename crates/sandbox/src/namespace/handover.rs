//! What a process outside needs in order to enter a jail, and later to run a job there.
//!
//! The process that enters does, step by step, what [`init`](super::init) does with a fresh one, and then names itself
//! to init.

use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use seccompiler::BpfProgram;

use super::channel::{self, Message};
use super::child::{self, Child};
use super::identity::{INSIDE_ID, Identity};
use super::mounts::c;
use super::order::Steps;
use super::program::{Program, Vector};
use super::raw;
use super::seccomp;
use super::setup::{self, Jail, Stage};
use super::skeleton::Skeleton;
use crate::error::SandboxError;

/// A jail, on its way to a warm interpreter, a fork of which is to enter it.
pub(crate) struct Handover {
    /// stdout, stderr, status, the pipe to name oneself on, the pipe on which the jail is said to be complete, the
    /// socket on which the job comes, seven namespaces, then files of control groups.
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// What a process that enters jails must know: lists of byte strings, each list led by its length, each string by its
/// own (native `u32`): user and stages, the filters that it can have before it enters, and the last one.
pub(super) fn entry(identity: &Identity) -> Result<Vec<u8>, SandboxError> {
    let (early, late) = seccomp::in_two_parts(ENTERING)?;
    let map = match identity {
        Identity::Privileged { map, .. } => map.bytes().to_vec(),
        // Entering the jail's user namespace is enough.
        Identity::Unprivileged { .. } => Vec::new(),
    };
    let number = |number: i64| number.to_string().into_bytes();
    let user = vec![map, number(INSIDE_ID.into()), number(Stage::Handover as i64)];
    Ok(lists([user, early.iter().map(bytes).collect(), vec![bytes(&late)]]))
}

/// Calls that the filters refuse or forbid, and that a process makes in order to enter a jail.
const ENTERING: &[libc::c_long] = &[libc::SYS_setns, libc::SYS_unshare];

fn bytes(filter: &BpfProgram) -> Vec<u8> {
    let words = filter.iter().flat_map(|step| {
        let [high, low] = step.code.to_ne_bytes();
        [[high, low, step.jt, step.jf], step.k.to_ne_bytes()]
    });
    words.flatten().collect()
}

/// What it must know of the job, in the same form: arguments, variables, limits (`resource soft hard`).
pub(super) fn job(program: &Program) -> Vec<u8> {
    let strings = |vector: &Vector| vector.strings().iter().map(|s| s.to_bytes().to_vec()).collect();
    let limits = program
        .limits
        .iter()
        .map(|(resource, limit)| format!("{resource} {} {}", limit.rlim_cur, limit.rlim_max).into_bytes());
    lists([strings(&program.arguments), strings(&program.environment), limits.collect()])
}

fn lists<const N: usize>(lists: [Vec<Vec<u8>>; N]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_ne_bytes();
    for list in lists {
        bytes.extend(length(list.len()));
        for string in list {
            bytes.extend(length(string.len()));
            bytes.extend(string);
        }
    }
    bytes
}

/// An interpreter's file on a read-only mount, and the mount namespace that holds it.
///
/// Every process can reach its own program's file by `/proc/self/exe`; started from here, that file lies where
/// nothing can be changed, whoever owns it.
#[derive(Debug)]
pub(crate) struct SealedExecutable {
    pub(crate) file: OwnedFd,
    _namespace: OwnedFd,
}

/// Builds a jail for as long as it takes to open the file in it.
pub(super) fn seal(
    identity: &Identity,
    skeleton: &Skeleton,
    executable: &Path,
) -> Result<SealedExecutable, SandboxError> {
    let failed = |reason: &str| SandboxError::Runtime {
        reason: format!("`{}` cannot be opened in a sandbox: {reason}", executable.display()),
        hint: "run `mledojo doctor`".into(),
    };
    let (outer, inner) = channel::open()?;
    let status = inner.status.as_raw_fd();
    let path = c(executable)?;
    let jail = Jail {
        identity,
        steps: Steps(&skeleton.encoded),
        root_options: c"size=1m,mode=755",
        join: &[],
        keep: &[status],
        secrets: [(0, 0); 2],
    };
    let open = || -> raw::Sys<()> {
        let file = raw::open(&path, libc::O_PATH | libc::O_CLOEXEC, 0)?;
        let namespace = raw::open(c"/proc/self/ns/mnt", libc::O_RDONLY | libc::O_CLOEXEC, 0)?;
        channel::send(status, Message::Ready, &[file, namespace])
    };
    let child = Child::spawn(child::namespaces(identity), None, &|| {
        if let Err(failure) = setup::enter(&jail).and_then(|()| setup::complete(skeleton.over_private(), 0)) {
            let (stage, step, errno) = (failure.stage as i32, failure.step, failure.errno.0);
            let _ = channel::send(status, Message::Failed { stage, step, errno }, &[]);
        } else if let Err(errno) = open() {
            let _ =
                channel::send(status, Message::Failed { stage: Stage::Execute as i32, step: -1, errno: errno.0 }, &[]);
        }
    });
    let child = child.map_err(|source| SandboxError::System { action: "create a sandbox's namespaces", source })?;
    child.wait().map_err(|source| SandboxError::System { action: "wait for a sandbox", source })?;
    match channel::receive(&outer.status) {
        Some((Message::Ready, descriptors)) => {
            let mut descriptors = descriptors.into_iter();
            let (Some(file), Some(namespace)) = (descriptors.next(), descriptors.next()) else {
                return Err(failed("its descriptor did not arrive"));
            };
            Ok(SealedExecutable { file, _namespace: namespace })
        }
        Some((Message::Failed { stage, errno, .. }, _)) => {
            Err(failed(&format!("{}: {}", Stage::describe(stage), std::io::Error::from_raw_os_error(errno))))
        }
        _ => Err(failed("its first process died")),
    }
}

/// Makes a command that ends with the calling thread, has a fresh program's signals, and keeps one descriptor.
pub(crate) fn prepare_exec(command: &mut std::process::Command, kept: std::os::fd::RawFd) {
    use std::os::unix::process::CommandExt as _;
    let parent = std::process::id();
    // SAFETY: between fork and exec only system calls are made; nothing is allocated and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            raw::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64, 0)?;
            // The parent may have been gone before the request was in force.
            if libc::getppid().unsigned_abs() != parent {
                return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
            }
            libc::fcntl(kept, libc::F_SETFD, 0);
            raw::reset_signals();
            Ok(())
        });
    }
}
