//! What is started in the jail: Python, with its arguments, its environment and its limits.

use std::ffi::CString;
use std::path::Path;
use std::ptr;

use libc::{c_char, rlimit64};

use super::mounts::c;
use crate::error::SandboxError;
use crate::job::{Job, Limits, SOURCE_DIR};
use crate::variables::variables;

/// Everything that `execve` needs, ready before the process exists that calls it.
pub(super) struct Program {
    pub(super) executable: CString,
    pub(super) arguments: Vector,
    pub(super) environment: Vector,
    pub(super) limits: Vec<(u32, rlimit64)>,
}

/// Strings in the form of `argv`: pointers, the last one null.
pub(super) struct Vector {
    pointers: Vec<*const c_char>,
    /// What the pointers point to.
    strings: Vec<CString>,
}

impl Vector {
    fn new(strings: Vec<CString>) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr()).chain([ptr::null()]).collect();
        Self { pointers, strings }
    }

    pub(super) fn strings(&self) -> &[CString] {
        &self.strings
    }

    pub(super) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

/// Files that one run may hold open at once.
const OPEN_FILES: u64 = 4096;
const LOCKED_MEMORY: u64 = 64 << 10;

impl Program {
    /// `processes` is the limit on tasks of the code's user that the kernel enforces; `granted` are the variables of what
    /// the job is granted.
    pub(super) fn new(
        executable: &Path,
        job: &Job,
        processes: u64,
        granted: &[(&'static str, String)],
    ) -> Result<Self, SandboxError> {
        let mut environment = variables(executable, job, Path::new("/tmp"))?;
        for (name, value) in granted {
            // The job's own word counts more.
            environment.entry((*name).to_owned()).or_insert_with(|| value.clone());
        }
        let script = Path::new(SOURCE_DIR).join(&job.script_name);
        let mut arguments = vec![c(executable)?, c(script)?];
        for argument in &job.args {
            arguments.push(c(argument)?);
        }
        Ok(Self {
            executable: c(executable)?,
            arguments: Vector::new(arguments),
            environment: Vector::new(
                environment.iter().map(|(name, value)| c(format!("{name}={value}"))).collect::<Result<_, _>>()?,
            ),
            limits: limits(&job.limits, processes),
        })
    }
}

fn limits(limits: &Limits, processes: u64) -> Vec<(u32, rlimit64)> {
    let mut list = vec![
        both(libc::RLIMIT_FSIZE, limits.file_size),
        both(libc::RLIMIT_NPROC, processes),
        both(libc::RLIMIT_CORE, 0),
        both(libc::RLIMIT_NOFILE, OPEN_FILES),
        both(libc::RLIMIT_MEMLOCK, LOCKED_MEMORY),
    ];
    if let Some(cpu) = limits.cpu {
        // Whole seconds, rounded up. SIGXCPU comes at the soft limit, SIGKILL at the hard one.
        let seconds = cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0);
        let soft = seconds.max(1);
        list.push((libc::RLIMIT_CPU, clamp(libc::RLIMIT_CPU, rlimit64 { rlim_cur: soft, rlim_max: soft + 1 })));
    }
    list
}

fn both(resource: u32, value: u64) -> (u32, rlimit64) {
    (resource, clamp(resource, rlimit64 { rlim_cur: value, rlim_max: value }))
}

/// A limit can't be raised above the supervisor's own.
fn clamp(resource: u32, wanted: rlimit64) -> rlimit64 {
    let mut own = rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and of the type that the call fills.
    if unsafe { libc::getrlimit64(resource, &raw mut own) } != 0 {
        return wanted;
    }
    rlimit64 { rlim_cur: wanted.rlim_cur.min(own.rlim_max), rlim_max: wanted.rlim_max.min(own.rlim_max) }
}
