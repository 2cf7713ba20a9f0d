//! From a command's result to the process's exit code.

use std::process::ExitCode;

use anyhow::Result;
use mledojo_catalog::CatalogError;
use mledojo_env::EnvError;
use mledojo_prepare::PrepareError;
use mledojo_prepare::kaggle::KaggleError;
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
            let message = message(&error);
            if json {
                println!("{}", json!({ "error": { "kind": kind(&error), "message": message } }));
            } else {
                eprintln!("error: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// What a program may want to tell apart; `failure` for the rest.
fn kind(error: &anyhow::Error) -> &'static str {
    for cause in error.chain() {
        let (catalog, prepare) = match cause.downcast_ref::<EnvError>() {
            Some(EnvError::Catalog(error)) => (Some(error), None),
            Some(EnvError::Prepare(error)) => (None, Some(error)),
            _ => (cause.downcast_ref::<CatalogError>(), cause.downcast_ref::<PrepareError>()),
        };
        match catalog {
            Some(CatalogError::Unknown { .. }) => return "unknown_competition",
            Some(CatalogError::IsSet { .. }) => return "set_of_competitions",
            _ => {}
        }
        match prepare {
            Some(PrepareError::NoRecipe { .. }) => return "no_recipe",
            Some(PrepareError::NotDownloaded { .. }) => return "not_downloaded",
            _ => {}
        }
        if let Some(error) = cause.downcast_ref::<KaggleError>() {
            return error.kind();
        }
    }
    "failure"
}

/// The error and its causes in one text. Many errors of ours say their cause already.
fn message(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |mut message, cause| {
        if message.is_empty() {
            return cause;
        }
        if !message.contains(&cause) {
            message.push_str(": ");
            message.push_str(&cause);
        }
        message
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        let inner = std::io::Error::other("disk gone");
        let error = anyhow::Error::new(inner).context("cannot read `x`: disk gone").context("cannot start");
        assert_eq!(message(&error), "cannot start: cannot read `x`: disk gone");
    }
}
