//! The `process` sandbox, which is none: code runs as a plain child of this program.
//!
//! It is for code that one trusts on systems where nothing better works, and is only ever chosen by name. It has the
//! clean environment, the capture and, as far as a plain process can, the limits and the outcomes of the others:
//! [`spawn`] starts Python, [`supervise`] watches it, [`tree`] finds and ends what it started.

mod spawn;
mod supervise;
mod tree;

use std::time::{Instant, SystemTime};

use self::spawn::Scratch;
use self::supervise::{Stop, supervise};
use crate::check::check_no_grants;
use crate::ending::{self, Clues};
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::job::Job;
use crate::network::NetworkLog;
use crate::report::{Outcome, Report};
use crate::sandbox::{Cancel, CodePaths, Sandbox};

/// Runs each job as a child process, with no isolation at all.
///
/// The code runs as the user who runs this program: it can read and change that user's files, keys, network and other
/// runs, and what a job wants `masked` or `hidden` can be read by it. A job that would hand a hidden folder to the
/// code is refused all the same.
///
/// Without mounts there is no `/kaggle`: the working folder is the current one, the variables `MLEDOJO_WORK_DIR` and
/// `MLEDOJO_INPUT_DIR` name it and a folder that holds each input by its name. Limits: wall time, output, CPU time and
/// file size (`RLIMIT_CPU`, `RLIMIT_FSIZE`); memory on Linux alone, looked at every 50 ms. The number of processes is
/// not limited, as `RLIMIT_NPROC` counts all processes of the user, not those of the run; nor is the size of `/tmp`.
#[derive(Debug)]
pub struct ProcessSandbox {
    interpreter: Interpreter,
}

impl ProcessSandbox {
    /// Runs jobs in this interpreter.
    #[must_use]
    pub fn new(interpreter: Interpreter) -> Self {
        Self { interpreter }
    }
}

impl Sandbox for ProcessSandbox {
    fn name(&self) -> &'static str {
        "process"
    }

    fn warning(&self) -> Option<&'static str> {
        Some(
            "the `process` sandbox isolates NOTHING: agents' code runs as you and can read your files and keys, use the \
             network, and read the competition's answers. Use it only for code that you trust; its scores prove nothing",
        )
    }

    fn paths(&self) -> CodePaths {
        CodePaths::Host
    }

    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError> {
        check_no_grants(job, self.name())?;
        let scratch = Scratch::new(job)?;
        let command = scratch.command(&self.interpreter.executable, job)?;
        let (start, began) = (Instant::now(), SystemTime::now());
        let ended = match spawn::spawn(command, &job.limits) {
            Ok(child) => supervise(child, scratch.mark(), &job.limits, cancel, start)?,
            Err(error) => {
                let python = self.interpreter.executable.display();
                let outcome = Outcome::StartFailure { message: format!("start `{python}`: {error}") };
                return Ok(Report::without_run(outcome, start.elapsed()));
            }
        };
        let outcome = match (ended.stop, ended.end) {
            (Some(Stop::Memory), _) => Outcome::Memory,
            (Some(Stop::Output), _) => Outcome::Output,
            // What ended by itself before the kill arrived has ended by itself.
            (None, Some(end)) => {
                let folders = [scratch.work_dir().to_owned(), scratch.tmp()];
                let clues = Clues { cpu: ended.cpu, out_of_processes: false, folders, began };
                ending::outcome(end, &job.limits, clues)
            }
            (Some(Stop::Cancelled), _) => Outcome::Cancelled,
            (Some(Stop::Timeout) | None, _) => Outcome::Timeout,
        };
        Ok(Report {
            outcome,
            stdout: ended.stdout,
            stderr: ended.stderr,
            wall: start.elapsed(),
            cpu: ended.cpu,
            peak_memory: ended.peak_memory,
            network: NetworkLog::default(),
            gpu: None,
            warm: false,
        })
    }
}
