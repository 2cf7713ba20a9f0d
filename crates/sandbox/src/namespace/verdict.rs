//! Which outcome a run has: the limit that it reached, or else how the code ended.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::mounts::Step;
use super::setup::Stage;
use super::supervise::{Ended, Stop};
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
    let signal = libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status));
    let plain = match signal {
        None => match libc::WEXITSTATUS(status) {
            0 => return Outcome::Ok,
            code => Outcome::ExitCode { code },
        },
        Some(signal) => Outcome::Signal { signal },
    };
    let cpu_used_up = job.limits.cpu.is_some_and(|limit| evidence.cpu >= limit);
    match signal {
        Some(libc::SIGXCPU) => return Outcome::CpuTime,
        // A process that ignores SIGXCPU is killed at the hard limit.
        Some(libc::SIGKILL) if cpu_used_up => return Outcome::CpuTime,
        Some(libc::SIGXFSZ) => return Outcome::FileSize,
        _ => {}
    }
    if evidence.out_of_processes {
        return Outcome::Processes;
    }
    if has_full_file(job, evidence) {
        return Outcome::FileSize;
    }
    plain
}

/// Entries looked at before the search for a full file is given up.
const SEARCHED: usize = 20_000;
/// File stamps lag behind the clock by up to a timer tick.
const STAMP_LAG: Duration = Duration::from_millis(20);

/// Whether the run left a file that is as large as a file may be. The kernel cuts a write off at the limit, and Python
/// turns the signal that follows into an exception, so the file is what tells.
fn has_full_file(job: &Job, evidence: &Evidence<'_>) -> bool {
    let began = (evidence.began - STAMP_LAG).duration_since(UNIX_EPOCH).unwrap_or_default();
    let private = evidence.private.iter().map(|fd| PathBuf::from(format!("/proc/self/fd/{}/", fd.as_raw_fd())));
    let mut open: Vec<PathBuf> = private.chain([job.work_dir.clone()]).collect();
    let mut left = SEARCHED;
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            left = left.saturating_sub(1);
            if left == 0 {
                return false;
            }
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                open.push(entry.path());
                continue;
            }
            let changed = Duration::new(metadata.ctime().unsigned_abs(), metadata.ctime_nsec().unsigned_abs() as u32);
            if metadata.is_file() && metadata.len() >= job.limits.file_size && changed >= began {
                return true;
            }
        }
    }
    false
}
