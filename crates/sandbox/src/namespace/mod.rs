//! The `namespace` sandbox: Linux namespaces, a root of its own, a system call filter, control groups.
//!
//! One run, in the order of the files: [`skeleton`] and [`program`] compute all that the run needs; [`child`] clones the
//! first process; in it, [`setup`] builds the jail and [`init`] starts Python; meanwhile [`supervise`] watches from
//! outside, and [`verdict`] says what it was. A [`blank`] is a jail made before its job is known, for a process that
//! enters from outside.

mod blank;
mod cgroup;
mod cgroup_mounts;
mod channel;
mod child;
mod cores;
mod devices;
mod disk;
mod grants;
mod handover;
mod identity;
mod init;
mod memory;
mod mounts;
mod nursery;
mod order;
pub(crate) mod process;
mod program;
mod raw;
mod seccomp;
mod setup;
mod skeleton;
mod supervise;
mod syscalls;
mod trial;
mod verdict;
mod walk;
mod watchdog;

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::time::Instant;

use self::cgroup::{Cgroups, CpuTime, Group};
use self::channel::{Inner, Outer};
use self::child::Child;
use self::cores::Cores;
use self::disk::Disk;
use self::grants::Grants;
use self::identity::Identity;
use self::init::{Launch, Part};
use self::mounts::{Step, c};
use self::order::Steps;
use self::program::Program;
use self::seccomp::Filters;
use self::setup::Jail;
use self::skeleton::Skeleton;
use self::verdict::Evidence;
use self::watchdog::Watchdog;
use crate::access;
use crate::error::SandboxError;
use crate::gpu::GpuDriver;
use crate::interpreter::Interpreter;
use crate::job::Job;
use crate::network::PROXY_PORT;
use crate::report::{DiskUse, Outcome, Report};
use crate::sandbox::{Cancel, Sandbox};
use crate::variables::variables;

pub(crate) use self::blank::{Blank, LARGEST_SCRIPT};
pub(crate) use self::handover::{Handover, SealedExecutable, prepare_exec};
pub(crate) use self::nursery::Nursery;
pub(crate) use self::trial::{ControlGroups, control_groups, privileged, setup_works, usable_namespaces};

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
    filters: Filters,
    cgroups: Option<Cgroups>,
    secrets: [(usize, usize); 2],
    gpus: GpuDriver,
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
            gpus: GpuDriver::of_host(),
        })
    }

    /// Takes GPUs from another driver than [`GpuDriver::of_host`].
    #[must_use]
    pub fn with_gpu_driver(mut self, driver: GpuDriver) -> Self {
        self.gpus = driver;
        self
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

    /// What the first process of a jail needs.
    fn launch<'a>(&'a self, part: Part<'a>, root_options: &'a CStr, descriptors: &'a Descriptors) -> Launch<'a> {
        let Descriptors { streams: [stdout, stderr, status, lifeline], join, keep } = descriptors;
        let jail = Jail {
            identity: &self.identity,
            steps: Steps(&self.skeleton.encoded),
            root_options,
            join,
            keep,
            secrets: self.secrets,
        };
        Launch { jail, part, stdout: *stdout, stderr: *stderr, status: *status, lifeline: *lifeline }
    }
}

/// The descriptors with which a jail's first process begins.
struct Descriptors {
    /// stdout, stderr, status, lifeline.
    streams: [RawFd; 4],
    join: Vec<RawFd>,
    /// All that stay open, in ascending order.
    keep: Vec<RawFd>,
}

impl Descriptors {
    fn new(group: Option<&Group>, inner: &Inner, more: &[RawFd]) -> Self {
        let join = group.map(Group::join).unwrap_or_default();
        let streams = [&inner.stdout, &inner.stderr, &inner.status, &inner.lifeline].map(AsRawFd::as_raw_fd);
        let mut keep = [&join, &streams[..], more].concat();
        keep.sort_unstable();
        Self { streams, join, keep }
    }
}

impl Sandbox for NamespaceSandbox {
    fn name(&self) -> &'static str {
        "namespace"
    }

    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        let grants = Grants::of(job, &self.gpus)?;
        let order = self.order(job, &grants)?;
        let group = self.new_group(job.limits.cpus.is_some())?;
        let (program, cores) = self.ready(job, group.as_ref(), &grants)?;
        let (outer, inner) = channel::open()?;
        let (start, disk) = (Instant::now(), Disk::new(job)?);
        let listen = job.network.allow_list().map(|_| PROXY_PORT);
        let part = Part::Start { steps: &order, program: &program, filters: &self.filters, listen };
        let descriptors = Descriptors::new(group.as_ref(), &inner, &[]);
        let root_options = c(format!("size={},mode=755", job.script.len() + ROOT_SIZE))?;
        let launch = self.launch(part, &root_options, &descriptors);
        let birth = group.as_ref().and_then(Group::birth);
        let life = || {
            if let Some((cores, _)) = &cores {
                cores.confine_self();
            }
            launch.run()
        };
        let child = Child::spawn(child::namespaces(&self.identity), birth, &life)
            .map_err(|source| SandboxError::System { action: "create the sandbox's namespaces", source })?;
        drop(inner);
        self.watch(job, cancel, Running { child, outer, group, cores, order, grants, start, disk, used: None })
    }
}

/// The processors of a run that may not use all, and whether a control group holds it to as many.
type Share = (Cores, bool);

/// A jail with its job.
struct Running {
    child: Child,
    outer: Outer,
    group: Option<Group>,
    cores: Option<Share>,
    /// What the job has added to the jail.
    order: Vec<Step>,
    grants: Grants,
    start: Instant,
    disk: Disk,
    /// In a warm interpreter: CPU time that the jail had used before.
    used: Option<CpuTime>,
}

impl NamespaceSandbox {
    /// Runs a job in a jail that was made ahead.
    ///
    /// # Errors
    /// Those of [`Sandbox::run`].
    pub(crate) fn run_in(&self, blank: Blank, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        let grants = Grants::of(job, &self.gpus)?;
        let order = self.order(job, &grants)?;
        let (program, cores) = self.ready(job, blank.group.as_ref(), &grants)?;
        if let Some((cores, _)) = &cores {
            blank.confine(cores);
        }
        let (start, disk) = (Instant::now(), Disk::new(job)?);
        let assigned = blank.assign(&order, &program, cancel);
        if let Err(error) = assigned {
            let outcome = Outcome::StartFailure { message: format!("giving the job to a warm interpreter: {error}") };
            return Ok(Report::without_run(outcome, start.elapsed()));
        }
        let Blank { child, outer, group, used, .. } = blank;
        self.watch(job, cancel, Running { child, outer, group, cores, order, grants, start, disk, used: Some(used) })
    }

    /// What a job adds to a jail.
    fn order(&self, job: &Job, grants: &Grants) -> Result<Vec<Step>, SandboxError> {
        let devices = devices::of(grants.gpus(), self.identity.owner().is_some())?;
        let order = self.skeleton.for_job(job, devices)?;
        if let Some(owner) = self.identity.owner() {
            for input in &job.inputs {
                access::check_readable(&input.host)?;
            }
            access::give_to(&job.work_dir, owner)?;
        }
        Ok(order)
    }

    /// Sets the limits of the group, and computes what is to be started.
    fn ready(
        &self,
        job: &Job,
        group: Option<&Group>,
        grants: &Grants,
    ) -> Result<(Program, Option<Share>), SandboxError> {
        let tasks = tasks(job);
        if let Some(group) = group {
            // The jail's init is a task too.
            group
                .limit(job.limits.memory, tasks + 1)
                .map_err(|source| SandboxError::System { action: "limit the run's control group", source })?;
        }
        let counted = group.is_some_and(Group::has_processes);
        let program = Program::new(
            &self.interpreter.executable,
            job,
            if counted { tasks + RLIMIT_SLACK } else { tasks + 1 },
            grants.variables(),
        )?;
        let cores = job.limits.cpus.and_then(|cpus| Some((cpus, Cores::take(cpus)?)));
        let share = cores.map(|(cpus, cores)| {
            // A group that cannot hold it leaves it to the watchdog.
            let held = self.cgroups.as_ref().is_some_and(Cgroups::has_quota)
                && group.is_some_and(|group| group.limit_cpus(Some(cpus)).is_ok());
            (cores, held)
        });
        Ok((program, share))
    }

    /// Watches a run to its end.
    fn watch(&self, job: &Job, cancel: &Cancel, run: Running) -> Result<Report, SandboxError> {
        let Running { child, outer, group, cores, order, mut grants, start, mut disk, used } = run;
        let accounted = group.as_ref().is_some_and(Group::has_memory);
        let counted = group.as_ref().is_some_and(Group::has_processes);
        let mut watchdog = Watchdog::new(
            (!accounted).then(|| job.limits.memory.unwrap_or(u64::MAX)),
            (!counted).then_some(tasks(job)),
            cores.filter(|(_, held)| !held).map(|(cores, _)| cores),
        );
        grants.begin(job, child.pid())?;
        let watched = supervise::Watched { watchdog: &mut watchdog, disk: &mut disk, grants: &mut grants };
        let ended = supervise::supervise(child, outer, group.as_ref(), watched, &job.limits, cancel, start)?;
        let wall = start.elapsed();
        let granted = grants.finish();
        let written = disk.finish(watchdog.private());
        let cpu = group.as_ref().and_then(Group::cpu).map(|cpu| cpu.since(used.unwrap_or_default()));
        let cpu = cpu.unwrap_or(CpuTime { user: ended.used.user, system: ended.used.system });
        let evidence = Evidence {
            out_of_memory: group.as_ref().is_some_and(Group::out_of_memory),
            out_of_processes: group.as_ref().is_some_and(Group::out_of_processes) || watchdog.out_of_processes(),
            cpu: cpu.total(),
            private: watchdog.private(),
            written,
            steps: [&self.skeleton.steps, &order],
        };
        Ok(Report {
            outcome: verdict::outcome(job, &ended, &evidence),
            peak_memory: group.as_ref().and_then(Group::peak_memory).or_else(|| watchdog.peak_memory()),
            disk: Some(DiskUse {
                work_bytes: written.work.bytes,
                work_files: written.work.entries,
                changed_bytes: written.work.changed_bytes,
                changed_files: written.work.changed_files,
                complete: written.complete,
                over: written.over || ended.stop == Some(supervise::Stop::Disk),
                tmp_peak: written.private_peak,
                written: ended.used.written,
            }),
            stdout: ended.stdout,
            stderr: ended.stderr,
            wall,
            cpu: cpu.total(),
            system_cpu: cpu.system,
            network: granted.network,
            gpu: granted.gpu,
            warm: used.is_some(),
        })
    }
}

/// Processes and threads that a job may have at once.
fn tasks(job: &Job) -> u64 {
    u64::from(job.limits.processes.max(1))
}

impl NamespaceSandbox {
    /// All variables that a job's code gets.
    pub(crate) fn variables(&self, job: &Job) -> Result<BTreeMap<String, String>, SandboxError> {
        variables(&self.interpreter.executable, job, Path::new("/tmp"))
    }

    /// The interpreter's file as a jail shows it, which nobody can write or change.
    pub(crate) fn sealed_executable(&self) -> Result<SealedExecutable, SandboxError> {
        handover::seal(&self.identity, &self.skeleton, &self.interpreter.executable)
    }

    /// What a warm interpreter must know before it enters jails.
    pub(crate) fn entry(&self) -> Result<Vec<u8>, SandboxError> {
        handover::entry(&self.identity)
    }

    fn new_group(&self, limits_cpus: bool) -> Result<Option<Group>, SandboxError> {
        let group = self.cgroups.as_ref().map(|cgroups| cgroups.create(limits_cpus && cgroups.has_quota())).transpose();
        group.map_err(|source| SandboxError::System { action: "make the run's control group", source })
    }
}
