//! From a command's result to the process's exit code.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

/// How a command that did its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well: 0.
    Ok,
    /// It worked, and what it found is bad (a host that can't isolate, a replay that differs): 1.
    Failure,
    /// The submission is invalid: 3.
    InvalidSubmission,
    /// Ctrl-C: 130, as shells have it.
    Interrupted,
}

/// Prints an error, if there is one, and gives the exit code.
pub(crate) fn report(done: Result<Exit>, json: bool) -> ExitCode {
    match done {
        Ok(Exit::Ok) => ExitCode::SUCCESS,
        Ok(Exit::Failure) => ExitCode::FAILURE,
        Ok(Exit::InvalidSubmission) => ExitCode::from(3),
        Ok(Exit::Interrupted) => ExitCode::from(130),
        Err(error) => {
            // A reader that went away, such as `head`, is no failure of ours.
            if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
                return ExitCode::SUCCESS;
            }
            if json {
                println!("{}", json!({ "error": { "message": format!("{error:#}") } }));
            } else {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
