//! The `namespace` sandbox: Linux namespaces, a root of its own, a system call filter, control groups.
//!
//! One run, in the order of the files: [`skeleton`] and [`program`] compute all that the run needs; [`child`] clones the
//! first process; in it, [`setup`] builds the jail and [`init`] starts Python; meanwhile [`supervise`] watches from
//! outside, and [`verdict`] says what it was.

mod access;
mod capture;
mod cgroup;
mod cgroup_mounts;
mod channel;
mod child;
mod handover;
mod identity;
mod init;
mod mounts;
mod process;
mod program;
mod raw;
mod seccomp;
mod setup;
mod skeleton;
mod supervise;
mod syscalls;
mod trial;
mod verdict;
mod watchdog;

use std::collections::BTreeMap;
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Instant, SystemTime};

use seccompiler::BpfProgram;

use self::cgroup::{Cgroups, Group};
use self::channel::Inner;
use self::child::Child;
use self::identity::Identity;
use self::init::Launch;
use self::mounts::Step;
use self::program::Program;
use self::setup::Jail;
use self::skeleton::Skeleton;
use self::verdict::Evidence;
use self::watchdog::Watchdog;
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::job::Job;
use crate::report::Report;
use crate::sandbox::{Cancel, Sandbox};

pub(crate) use self::handover::{Handover, SealedExecutable, prepare_exec};
pub(crate) use self::trial::{control_groups, privileged, setup_works, usable_namespaces};

/// Runs each job in new Linux namespaces, with nothing of the host but the interpreter, the inputs and the working
/// folder.
///
/// As root, the code runs as a host user that no account has, and the working folder is given to that user; otherwise
/// it runs in a user namespace of the caller's own. Memory and processes of a run are limited by control groups where
/// the host lets us make them, else by a watchdog that looks every 20 ms and by `RLIMIT_NPROC`:
/// [`describe`](Self::describe) says which.
#[derive(Debug)]
pub struct NamespaceSandbox {
    interpreter: Interpreter,
    identity: Identity,
    skeleton: Skeleton,
    filters: [BpfProgram; 2],
    cgroups: Option<Cgroups>,
    secrets: [(usize, usize); 2],
}

/// Room in the jail's root for folders, links and small files, beside the script.
const ROOT_SIZE: usize = 1 << 20;
/// Above the limit on processes where a control group holds it, so that it's the group that refuses, and tells.
const RLIMIT_SLACK: u64 = 64;

impl NamespaceSandbox {
    /// Prepares to run this interpreter.
    ///
    /// # Errors
    /// `Unsupported` when the host cannot isolate code; there is no fallback. `Runtime` when the interpreter would not
    /// be visible in the jail.
    pub fn new(interpreter: Interpreter) -> Result<Self, SandboxError> {
        let identity = Identity::detect()?;
        trial::check(&identity)?;
        let skeleton = Skeleton::new(&interpreter)?;
        let executable = &interpreter.executable;
        let resolved = std::fs::canonicalize(executable).map_err(|source| SandboxError::Io {
            action: "find the interpreter",
            path: executable.clone(),
            source,
        })?;
        if !skeleton.shows(&resolved) {
            return Err(SandboxError::Runtime {
                reason: format!(
                    "the interpreter `{}` leads to `{}`, which is in none of its folders",
                    executable.display(),
                    resolved.display()
                ),
                hint: "name every folder that the interpreter needs, the base of a virtual environment too".into(),
            });
        }
        Ok(Self {
            interpreter,
            identity,
            skeleton,
            filters: seccomp::filters()?,
            cgroups: Cgroups::detect(),
            secrets: process::string_areas(),
        })
    }

    /// One line for people: as whom the code runs, and what limits memory and processes.
    #[must_use]
    pub fn describe(&self) -> String {
        let user = match &self.identity {
            Identity::Unprivileged { .. } => "in an unprivileged user namespace".to_owned(),
            Identity::Privileged { host_id, .. } => format!("as host user {host_id}"),
        };
        let limits = self.cgroups.as_ref().map_or_else(|| "a 20 ms watchdog".to_owned(), Cgroups::describe);
        format!("code runs {user}; memory and processes are limited by {limits}")
    }

    fn launch<'a>(
        &'a self,
        job: &Job,
        steps: Vec<Step>,
        program: &'a Program,
        group: Option<&Group>,
        inner: &Inner,
        handover: Option<&OwnedFd>,
    ) -> Launch<'a> {
        let join = group.map(Group::join).unwrap_or_default();
        let [stdout, stderr, status, lifeline] =
            [&inner.stdout, &inner.stderr, &inner.status, &inner.lifeline].map(AsRawFd::as_raw_fd);
        let mut keep = join.clone();
        let handover = handover.map(AsRawFd::as_raw_fd);
        keep.extend([stdout, stderr, status, lifeline]);
        keep.extend(handover);
        keep.sort_unstable();
        let root_options = format!("size={},mode=755", job.script.len() + ROOT_SIZE);
        let jail = Jail {
            identity: self.identity.clone(),
            steps,
            root_options: CString::new(root_options).unwrap_or_default(),
            join,
            keep,
            secrets: self.secrets,
        };
        Launch { jail, program, filters: &self.filters, stdout, stderr, status, lifeline, handover }
    }
}

impl Sandbox for NamespaceSandbox {
    fn name(&self) -> &'static str {
        "namespace"
    }

    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        self.run_by(job, cancel, None)
    }
}

impl NamespaceSandbox {
    /// Runs a job in an interpreter of its own, or with `warm` in one that is handed over to enter the jail.
    pub(crate) fn run_by(
        &self,
        job: &Job,
        cancel: &Cancel,
        warm: Option<&dyn Fn(Handover)>,
    ) -> Result<Report, SandboxError> {
        let steps = self.skeleton.for_job(job)?;
        let tasks = u64::from(job.limits.processes.max(1));
        let mut group = self.new_group(job, tasks)?;
        let counted = group.as_ref().is_some_and(Group::has_processes);
        let program =
            Program::new(&self.interpreter.executable, job, if counted { tasks + RLIMIT_SLACK } else { tasks + 1 })?;
        if let Some(owner) = self.identity.owner() {
            for input in &job.inputs {
                access::check_readable(&input.host)?;
            }
            access::give_to(&job.work_dir, owner)?;
        }
        let accounted = group.as_ref().is_some_and(Group::has_memory);
        let mut watchdog =
            Watchdog::new((!accounted).then(|| job.limits.memory.unwrap_or(u64::MAX)), (!counted).then_some(tasks));
        let (outer, inner) = channel::open()?;
        let (start, began) = (Instant::now(), SystemTime::now());
        let (named, name) =
            if warm.is_some() { channel::one_way().map(|(r, w)| (Some(r), Some(w)))? } else { (None, None) };
        let launch = self.launch(job, steps, &program, group.as_ref(), &inner, named.as_ref());
        let birth = group.as_ref().and_then(Group::birth);
        let child = Child::spawn(child::namespaces(&self.identity), birth, &|| launch.run())
            .map_err(|source| SandboxError::System { action: "create the sandbox's namespaces", source })?;
        drop(named);
        let mut handover = None;
        match (warm, name) {
            (Some(warm), Some(name)) => {
                let entrances = group.as_ref().map(Group::entrances).transpose();
                let entrances = entrances
                    .map_err(|source| SandboxError::System { action: "open the run's control group", source })?;
                let payload = handover::payload(&self.identity, &program, &self.filters);
                let descriptors = [inner.stdout, inner.stderr, inner.status, name].into_iter();
                let descriptors = descriptors.chain(entrances.unwrap_or_default()).collect();
                handover = Some((warm, Handover { payload, descriptors }));
            }
            _ => drop(inner),
        }
        let mut hand_over = |namespaces: Vec<OwnedFd>| {
            if let Some((warm, mut handover)) = handover.take() {
                handover.descriptors.splice(handover::FIXED..handover::FIXED, namespaces);
                warm(handover);
            }
        };
        let ended = supervise::supervise(
            child,
            outer,
            group.as_mut(),
            &mut watchdog,
            &job.limits,
            cancel,
            start,
            &mut hand_over,
        )?;
        let wall = start.elapsed();
        let cpu = group.as_ref().and_then(Group::cpu).unwrap_or(ended.cpu);
        let evidence = Evidence {
            out_of_memory: group.as_mut().is_some_and(Group::out_of_memory),
            out_of_processes: group.as_ref().is_some_and(Group::out_of_processes) || watchdog.out_of_processes(),
            cpu,
            private: watchdog.private(),
            began,
            steps: &launch.jail.steps,
        };
        Ok(Report {
            outcome: verdict::outcome(job, &ended, &evidence),
            peak_memory: group.as_ref().and_then(Group::peak_memory).or_else(|| watchdog.peak_memory()),
            stdout: ended.stdout,
            stderr: ended.stderr,
            wall,
            cpu,
            warm: warm.is_some(),
        })
    }
}

impl NamespaceSandbox {
    pub(crate) fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// All variables that a job's code gets.
    pub(crate) fn variables(&self, job: &Job) -> Result<BTreeMap<String, String>, SandboxError> {
        program::variables(&self.interpreter.executable, job)
    }

    /// The interpreter's file as a jail shows it, which nobody can write or change.
    pub(crate) fn sealed_executable(&self) -> Result<SealedExecutable, SandboxError> {
        handover::seal(&self.identity, &self.skeleton.steps, &self.interpreter.executable)
    }

    fn new_group(&self, job: &Job, tasks: u64) -> Result<Option<Group>, SandboxError> {
        let Some(cgroups) = &self.cgroups else { return Ok(None) };
        // The jail's init is a task too.
        let group = cgroups.create(job.limits.memory, tasks + 1);
        group.map(Some).map_err(|source| SandboxError::System { action: "make the run's control group", source })
    }
}
