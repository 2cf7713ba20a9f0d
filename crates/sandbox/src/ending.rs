//! From how a process ended to the outcome: which limit was it, if any.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::full_file::has_full_file;
use crate::job::Limits;
use crate::report::{Captured, Outcome};

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

/// The number of the `OSError` with which a Python script ended.
pub(crate) fn uncaught_error(stderr: &Captured) -> Option<i32> {
    let end = if stderr.tail.is_empty() { &stderr.head } else { &stderr.tail };
    let last = end.trim_ascii_end().rsplit(|byte| *byte == b'\n').next()?;
    let rest = last.strip_prefix(b"OSError: [Errno ")?;
    let number = rest.split(|byte| *byte == b']').next()?;
    str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_script_is_the_one_on_its_last_line() {
        let error = |text: &str| uncaught_error(&Captured { head: text.into(), ..Captured::default() });
        assert_eq!(error("Traceback …\nOSError: [Errno 27] File too large: 'x'\n"), Some(27));
        assert_eq!(error("OSError: [Errno 28] No space left on device\nValueError: x\n"), None);
        assert_eq!(error("ValueError: OSError: [Errno 28] x"), None);
        assert_eq!(error("OSError: [Errno x"), None);
        let cut = Captured { head: b"x".into(), tail: b"\nOSError: [Errno 28] y\n".into(), total: 1000 };
        assert_eq!(uncaught_error(&cut), Some(28));
    }
}
