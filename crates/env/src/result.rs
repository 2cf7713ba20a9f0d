//! What came of an action, before anyone comments on it.

use mledojo_metrics::Rejection;
use mledojo_sandbox::{Outcome, SyntaxProblem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::ActionError;
use crate::grade::Grade;
use crate::history::HistoryLine;
use crate::submission::SubmissionFileError;

/// What came of an action.
#[derive(Debug)]
pub enum ActionResult {
    /// What `request_info` found.
    Info {
        /// What was asked.
        info_type: String,
        /// The answer.
        value: Value,
    },
    /// Code ran, and nothing was graded.
    Validation(Run),
    /// Code ran, and its submission was looked at.
    Execution {
        /// The run.
        run: Run,
        /// What became of the submission.
        submission: Submission,
    },
    /// The latest steps, oldest first.
    History(Vec<HistoryLine>),
    /// The working folder is empty again.
    Reset,
    /// The agent is done.
    Finish,
    /// What a registered action answered.
    Custom {
        /// Its words.
        text: String,
        /// The same, as data.
        data: Value,
    },
    /// The action was not carried out.
    Refused(Refusal),
}

/// Why an action was not carried out.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The call is no action.
    BadAction(ActionError),
    /// No such information.
    UnknownInfo {
        /// What was asked.
        info_type: String,
        /// What can be asked.
        known: Vec<String>,
    },
    /// The information exists but could not be had.
    InfoFailed {
        /// What was asked.
        info_type: String,
        /// Why.
        reason: String,
    },
    /// Nothing but blanks.
    EmptyCode,
    /// More code than the environment takes.
    CodeTooLong {
        /// Its bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// It does not compile.
    Syntax(SyntaxProblem),
    /// A registered action failed.
    CustomFailed(String),
    /// The time of the episode is used up.
    TimeUsedUp,
    /// The episode has ended.
    EpisodeOver,
}

/// One run of code, as the agent may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// Standard output, head and tail.
    pub stdout: String,
    /// Standard error, head and tail.
    pub stderr: String,
    /// Seconds it took.
    pub seconds: f64,
    /// The wall-clock limit it ran under, in seconds.
    pub limit_seconds: f64,
    /// Whether the working folder took more than it may, so that what the run wrote there was removed.
    pub undone: bool,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Submission {
    /// It has a score.
    Graded(Grade),
    /// The run ended well and wrote none.
    Missing,
    /// The run failed, so nothing is graded, even if a file was written.
    RunFailed,
    /// What lies at its path is no file to be read.
    BadFile(SubmissionFileError),
    /// It is no valid submission.
    Rejected(Rejection),
}

/// Why a step failed: a stable word, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Unknown action or wrong parameters.
    BadAction,
    /// Unknown or unavailable information.
    Info,
    /// Empty or too much code.
    Code,
    /// A syntax error.
    Syntax,
    /// The run failed; its outcome says how.
    Run,
    /// No submission was written.
    SubmissionMissing,
    /// The submission is no regular file, or too large.
    SubmissionFile,
    /// The submission's content is invalid.
    SubmissionInvalid,
    /// A registered action failed.
    Custom,
    /// The time of the episode was used up before the step.
    TimeUsedUp,
    /// The episode had ended before.
    EpisodeOver,
}

impl ActionResult {
    /// Why it failed; `None` when it did not.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Info { .. } | Self::History(_) | Self::Reset | Self::Finish | Self::Custom { .. } => None,
            Self::Validation(run) => (!run.outcome.is_ok()).then_some(Failure::Run),
            Self::Execution { submission, .. } => match submission {
                Submission::Graded(_) => None,
                Submission::Missing => Some(Failure::SubmissionMissing),
                Submission::RunFailed => Some(Failure::Run),
                Submission::BadFile(_) => Some(Failure::SubmissionFile),
                Submission::Rejected(_) => Some(Failure::SubmissionInvalid),
            },
            Self::Refused(refusal) => Some(match refusal {
                Refusal::BadAction(_) => Failure::BadAction,
                Refusal::UnknownInfo { .. } | Refusal::InfoFailed { .. } => Failure::Info,
                Refusal::EmptyCode | Refusal::CodeTooLong { .. } => Failure::Code,
                Refusal::Syntax(_) => Failure::Syntax,
                Refusal::CustomFailed(_) => Failure::Custom,
                Refusal::TimeUsedUp => Failure::TimeUsedUp,
                Refusal::EpisodeOver => Failure::EpisodeOver,
            }),
        }
    }

    /// The grade that this action earned.
    #[must_use]
    pub fn grade(&self) -> Option<&Grade> {
        match self {
            Self::Execution { submission: Submission::Graded(grade), .. } => Some(grade),
            _ => None,
        }
    }

    /// The run, if code ran.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Validation(run) | Self::Execution { run, .. } => Some(run),
            _ => None,
        }
    }
}
