//! The feedback that is always there: what the action gave, for a model and as data.

use std::fmt::Write;

use mledojo_sandbox::Outcome;
use serde_json::{Value, json};

use crate::feedback::{Feedback, FeedbackContext, FeedbackProvider};
use crate::grade::Grade;
use crate::result::{ActionResult, Refusal, Run, Submission};
use crate::submission::SUBMISSION_FILE;

/// Reports results as MLE-Dojo does: blocks headed `=== … ===`, one line a fact.
#[derive(Debug, Clone, Copy, Default)]
pub struct BaseFeedback;

impl FeedbackProvider for BaseFeedback {
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
        let (text, mut data) = match context.result {
            ActionResult::Info { info_type, value } => info(info_type, value),
            ActionResult::Validation(run) => {
                let text = format!("=== Code Validation Results ===\nSyntax: OK\n{}", run_text(run));
                (text, json!({ "execution": run_data(run) }))
            }
            ActionResult::Execution { run, submission } => execution(run, submission, context),
            ActionResult::History(lines) => {
                let mut text = "=== History ===\n".to_owned();
                for line in lines {
                    let _ = writeln!(text, "{line}");
                }
                (text, json!({ "steps": lines }))
            }
            ActionResult::Reset => ("The working folder is empty again.".to_owned(), json!({})),
            ActionResult::Finish => ("You declared the task done. The episode ends.".to_owned(), json!({})),
            ActionResult::Custom { text, data } => (text.clone(), json!({ "data": data })),
            ActionResult::Refused(refusal) => refused(refusal),
        };
        if let Some(object) = data.as_object_mut() {
            let status = if context.result.failure().is_none() { "SUCCESS" } else { "FAILED" };
            object.insert("status".to_owned(), status.into());
            if let Some(failure) = context.result.failure() {
                object.insert("failure".to_owned(), json!(failure));
            }
        }
        Feedback { text, data }
    }
}

fn info(info_type: &str, value: &Value) -> (String, Value) {
    let mut text = "=== Competition Info ===\n".to_owned();
    match value {
        Value::Object(values) if info_type == "all" => {
            for (name, value) in values {
                let _ = writeln!(text, "[{name}]\n{}", plain(value));
            }
        }
        _ => text.push_str(&plain(value)),
    }
    let data = match value {
        Value::Object(_) if info_type == "all" => value.clone(),
        _ => json!({ info_type: value }),
    };
    (text, json!({ "data": data }))
}

/// Texts as they are, tables as CSV, other values as indented JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(table) if table.len() == 2 && table.contains_key("columns") && table.contains_key("rows") => {
            let line = |cells: &Value| {
                let cells = cells.as_array().map(Vec::as_slice).unwrap_or_default();
                cells.iter().map(|cell| cell.as_str().unwrap_or_default()).collect::<Vec<_>>().join(",")
            };
            let rows = table["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
            std::iter::once(&table["columns"]).chain(rows).map(line).collect::<Vec<_>>().join("\n")
        }
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn execution(run: &Run, submission: &Submission, context: FeedbackContext<'_>) -> (String, Value) {
    let mut text = format!("=== Code Execution Results ===\n{}", run_text(run));
    let data = match submission {
        Submission::Graded(grade) => {
            text.push_str("=== Submission Evaluation ===\n");
            text.push_str(&grade_text(grade));
            if let Some(best) = context.best {
                let _ = writeln!(text, "Best Raw Score: {}", best.raw_score);
                let _ = writeln!(text, "Best Position Score: {:.4}", best.standing.human_rank);
            }
            json!(grade)
        }
        Submission::Missing => {
            let message = format!("the code ended well but wrote no `{SUBMISSION_FILE}` in its working folder");
            let _ = writeln!(text, "=== Submission Evaluation ===\nNot graded: {message}");
            json!({ "error": { "kind": "missing", "message": message } })
        }
        Submission::RunFailed => {
            let message = "the run failed, so nothing was graded";
            let _ = writeln!(text, "=== Submission Evaluation ===\nNot graded: {message}");
            json!({ "error": { "kind": "run_failed", "message": message } })
        }
        Submission::BadFile(error) => {
            let _ = writeln!(text, "=== Submission Evaluation ===\nNot graded: {error}");
            json!({ "error": { "kind": "bad_file", "message": error.to_string(), "details": error } })
        }
        Submission::Rejected(rejection) => {
            let _ = writeln!(text, "=== Submission Evaluation ===\nInvalid submission: {rejection}");
            json!({ "error": rejection })
        }
    };
    (text, json!({ "execution": run_data(run), "submission": data }))
}

fn grade_text(grade: &Grade) -> String {
    let mut text = format!("Raw Score: {}\n", grade.raw_score);
    for (name, placing) in [("Private", grade.standing.private), ("Public", grade.standing.public)] {
        if let Some(placing) = placing {
            let _ = writeln!(text, "{name} Leaderboard: Position {} / {}", placing.position, placing.teams);
        }
    }
    let _ = writeln!(text, "Average Position Score: {:.4}", grade.standing.human_rank);
    if let Some(medal) = grade.standing.medal {
        let _ = writeln!(text, "Medal: {medal}");
    }
    if let Some(note) = &grade.note {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

fn run_text(run: &Run) -> String {
    let mut text = format!("Execution: {}\nExecution Time: {:.2}s\n", outcome_text(run), run.seconds);
    if run.undone {
        text.push_str("What the run wrote in the working folder was removed.\n");
    }
    for (name, stream) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if !stream.is_empty() {
            let _ = writeln!(text, "--- {name} ---\n{}", stream.trim_end());
        }
    }
    if !(run.stdout.is_empty() && run.stderr.is_empty()) {
        text.push_str("--- end of output ---\n");
    }
    text
}

/// The outcome in words that help to mend the code.
fn outcome_text(run: &Run) -> String {
    match &run.outcome {
        Outcome::Ok => "OK".to_owned(),
        Outcome::ExitCode { code } => format!("FAILED with exit code {code}"),
        Outcome::Signal { signal } => format!("FAILED: killed by signal {signal}"),
        Outcome::Timeout => format!("FAILED: stopped at the time limit of {:.0} s", run.limit_seconds),
        Outcome::CpuTime => "FAILED: stopped at the limit on CPU time".to_owned(),
        Outcome::Memory => "FAILED: out of memory; use smaller batches, types or models".to_owned(),
        Outcome::GpuMemory => "FAILED: out of GPU memory; use smaller batches, types or models".to_owned(),
        Outcome::Processes => "FAILED: too many processes or threads at once".to_owned(),
        Outcome::Output => "FAILED: too much output; print less".to_owned(),
        Outcome::FileSize => "FAILED: a file grew over the limit on file size".to_owned(),
        Outcome::Disk if run.undone => {
            "FAILED: too much in the working folder; write less, or remove what is not needed".to_owned()
        }
        Outcome::Disk => "FAILED: no room left in /tmp or /dev/shm; write less, or to the working folder".to_owned(),
        Outcome::Seccomp => "FAILED: killed for a system call that code here may not make".to_owned(),
        Outcome::Cancelled => "FAILED: the run was cancelled".to_owned(),
        Outcome::StartFailure { message } => format!("FAILED: the sandbox did not start: {message}"),
    }
}

fn run_data(run: &Run) -> Value {
    json!({
        "outcome": run.outcome,
        "stdout": run.stdout,
        "stderr": run.stderr,
        "execution_time": run.seconds,
    })
}

fn refused(refusal: &Refusal) -> (String, Value) {
    let text = match refusal {
        Refusal::BadAction(error) => format!("Invalid action: {error}"),
        Refusal::UnknownInfo { info_type, known } => {
            format!("There is no information `{info_type}`; the types are {}", known.join(", "))
        }
        Refusal::InfoFailed { info_type, reason } => format!("`{info_type}` is not available: {reason}"),
        Refusal::EmptyCode => "The code is empty; send a whole Python script".to_owned(),
        Refusal::CodeTooLong { bytes, limit } => format!("The code has {bytes} bytes; the limit is {limit}"),
        Refusal::Syntax(problem) => {
            let mut text = "=== Code Validation Results ===\nSyntax: FAILED, so nothing was run\n".to_owned();
            text.push_str(&problem.to_string());
            text
        }
        Refusal::CustomFailed(reason) => reason.clone(),
        Refusal::TimeUsedUp => "The time of this episode is used up".to_owned(),
        Refusal::EpisodeOver => "The episode has ended; nothing more is done or counted".to_owned(),
    };
    let mut data = json!({ "error": { "message": text } });
    if let Refusal::Syntax(problem) = refusal {
        data["error"]["syntax"] = json!(problem);
    }
    (text, data)
}
