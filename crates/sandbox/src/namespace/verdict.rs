//! Which outcome a run has: the limit that it reached, or else how the code ended.

use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::mounts::Step;
use super::setup::Stage;
use super::supervise::{Ended, Stop};
use crate::ending::{self, Clues, End};
use crate::job::Job;
use crate::report::Outcome;

/// What is known beside how the processes ended.
pub(super) struct Evidence<'a> {
    pub(super) out_of_memory: bool,
    pub(super) out_of_processes: bool,
    pub(super) cpu: Duration,
    /// The run's private file systems.
    pub(super) private: &'a [OwnedFd],
    /// When the run began, by the clock that stamps files.
    pub(super) began: SystemTime,
    /// The steps that every jail has, and those of the job.
    pub(super) steps: [&'a [Step]; 2],
}

pub(super) fn outcome(job: &Job, ended: &Ended, evidence: &Evidence<'_>) -> Outcome {
    if evidence.out_of_memory || ended.stop == Some(Stop::Memory) {
        return Outcome::Memory;
    }
    if ended.stop == Some(Stop::GpuMemory) {
        return Outcome::GpuMemory;
    }
    if ended.stop == Some(Stop::Output) {
        return Outcome::Output;
    }
    if let Some((stage, step, errno)) = ended.failed {
        return start_failure(stage, step, errno, evidence.steps);
    }
    match (ended.code, ended.stop) {
        // What ended by itself before the kill arrived has ended by itself.
        (Some(status), _) => code_outcome(job, status, evidence),
        (None, Some(Stop::Cancelled)) => Outcome::Cancelled,
        (None, Some(_)) => Outcome::Timeout,
        (None, None) if ended.ready => Outcome::Signal { signal: libc::SIGKILL },
        (None, None) => Outcome::StartFailure {
            message: "the sandbox's first process was killed while it set the sandbox up".into(),
        },
    }
}

fn start_failure(stage: i32, step: i32, errno: i32, steps: [&[Step]; 2]) -> Outcome {
    let reason = std::io::Error::from_raw_os_error(errno);
    let path = usize::try_from(step)
        .ok()
        .and_then(|step| steps.into_iter().flatten().nth(step))
        .map(|step| step.path().to_string_lossy());
    let path = path.map(|path| format!(" `{path}`")).unwrap_or_default();
    Outcome::StartFailure { message: format!("{}{path}: {reason}", Stage::describe(stage)) }
}

fn code_outcome(job: &Job, status: i32, evidence: &Evidence<'_>) -> Outcome {
    let signalled = libc::WIFSIGNALED(status);
    let end = if signalled { End::Signal(libc::WTERMSIG(status)) } else { End::Code(libc::WEXITSTATUS(status)) };
    let private = evidence.private.iter().map(|fd| PathBuf::from(format!("/proc/self/fd/{}/", fd.as_raw_fd())));
    let clues = Clues {
        cpu: evidence.cpu,
        out_of_processes: evidence.out_of_processes,
        folders: private.chain([job.work_dir.clone()]),
        began: evidence.began,
    };
    ending::outcome(end, &job.limits, clues)
}
