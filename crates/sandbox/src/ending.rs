//! From how a process ended to the outcome: which limit was it, if any.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::full_file::has_full_file;
use crate::job::Limits;
use crate::report::Outcome;

/// How the code's own process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// What is known beside that.
pub(crate) struct Clues<I> {
    /// CPU time of all its processes.
    pub(crate) cpu: Duration,
    /// Whether it had as many processes as it may.
    pub(crate) out_of_processes: bool,
    /// Where it could write.
    pub(crate) folders: I,
    /// When it began, by the clock that stamps files.
    pub(crate) began: SystemTime,
}

/// The outcome of a run that nobody stopped.
pub(crate) fn outcome<I: IntoIterator<Item = PathBuf>>(end: End, limits: &Limits, clues: Clues<I>) -> Outcome {
    let plain = match end {
        End::Code(0) => return Outcome::Ok,
        End::Code(code) => Outcome::ExitCode { code },
        End::Signal(signal) => Outcome::Signal { signal },
    };
    let cpu_used_up = limits.cpu.is_some_and(|limit| clues.cpu >= limit);
    match end {
        End::Signal(libc::SIGXCPU) => return Outcome::CpuTime,
        // A process that ignores SIGXCPU is killed at the hard limit.
        End::Signal(libc::SIGKILL) if cpu_used_up => return Outcome::CpuTime,
        End::Signal(libc::SIGXFSZ) => return Outcome::FileSize,
        _ => {}
    }
    if clues.out_of_processes {
        return Outcome::Processes;
    }
    if has_full_file(clues.folders, limits.file_size, clues.began) {
        return Outcome::FileSize;
    }
    plain
}
