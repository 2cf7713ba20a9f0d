//! Why steps failed, from the records of steps.

use std::collections::BTreeMap;

use mledojo_env::{Failure, StepRecord};
use mledojo_sandbox::Outcome;
use serde::Serialize;
use serde_json::Value;

/// Failures of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureCount {
    /// The kind, as records have it: `run`, `syntax`, `submission_invalid`.
    pub kind: String,
    /// What exactly: an exception's class, how a run ended, what was wrong with a submission.
    pub detail: String,
    /// How many.
    pub count: usize,
}

/// What failed among an agent's steps.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Failures {
    /// Steps.
    pub steps: usize,
    /// Steps that failed.
    pub failed: usize,
    /// `validate_code` actions, and how many of them failed.
    pub validations: (usize, usize),
    /// `execute_code` actions, and how many of them failed.
    pub executions: (usize, usize),
    /// Failed `execute_code` actions: the run failed (a syntax error included), no submission was written, the submission
    /// was invalid. MLE-Dojo's three kinds.
    pub execution_kinds: [usize; 3],
    /// By kind and detail, the most frequent first.
    pub kinds: Vec<FailureCount>,
    /// Calls of a model to repair a reply that was no action.
    pub repairs: usize,
    /// Calls of a model that got no reply.
    pub model_errors: usize,
}

impl Failures {
    /// The share of code actions that failed; `None` without any.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let (actions, failed) = (self.validations.0 + self.executions.0, self.validations.1 + self.executions.1);
        (actions > 0).then(|| failed as f64 / actions as f64)
    }
}

/// Counts failures while steps are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    failures: Failures,
    kinds: BTreeMap<(String, String), usize>,
}

impl Tally {
    pub(crate) fn step(&mut self, record: &StepRecord) {
        let failure = record.info.failure;
        let failed = usize::from(failure.is_some());
        self.failures.steps += 1;
        self.failures.failed += failed;
        let actions = match record.call.action.as_str() {
            "validate_code" => Some(&mut self.failures.validations),
            "execute_code" => Some(&mut self.failures.executions),
            _ => None,
        };
        if let Some((count, of_them)) = actions {
            *count += 1;
            *of_them += failed;
        }
        let Some(failure) = failure else { return };
        if record.call.action == "execute_code" {
            let kind = match failure {
                Failure::SubmissionMissing => 1,
                Failure::SubmissionInvalid | Failure::SubmissionFile => 2,
                _ => 0,
            };
            self.failures.execution_kinds[kind] += 1;
        }
        let kind = serde_json::to_value(failure).ok();
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("other").to_owned();
        *self.kinds.entry((kind, detail(failure, record))).or_default() += 1;
    }

    pub(crate) fn repair(&mut self) {
        self.failures.repairs += 1;
    }

    pub(crate) fn model_error(&mut self) {
        self.failures.model_errors += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let (into, from) = (&mut self.failures, &other.failures);
        into.steps += from.steps;
        into.failed += from.failed;
        into.repairs += from.repairs;
        into.model_errors += from.model_errors;
        for (into, from) in [(&mut into.validations, from.validations), (&mut into.executions, from.executions)] {
            *into = (into.0 + from.0, into.1 + from.1);
        }
        for (into, from) in into.execution_kinds.iter_mut().zip(from.execution_kinds) {
            *into += from;
        }
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind.clone()).or_default() += count;
        }
    }

    pub(crate) fn finish(mut self) -> Failures {
        let kinds = self.kinds.into_iter().map(|((kind, detail), count)| FailureCount { kind, detail, count });
        self.failures.kinds = kinds.collect();
        self.failures.kinds.sort_by(|one, other| {
            other.count.cmp(&one.count).then_with(|| (&one.kind, &one.detail).cmp(&(&other.kind, &other.detail)))
        });
        self.failures
    }
}

/// What exactly failed.
fn detail(failure: Failure, record: &StepRecord) -> String {
    let data = record.observation.feedback.get("base").map_or(&Value::Null, |feedback| &feedback.data);
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str);
    match failure {
        Failure::Syntax => text("/error/syntax/kind").unwrap_or("SyntaxError").to_owned(),
        Failure::SubmissionInvalid => text("/submission/error/kind").unwrap_or_default().to_owned(),
        Failure::SubmissionFile => text("/submission/error/details/kind").unwrap_or_default().to_owned(),
        Failure::Run => match record.info.run.as_ref().map(|run| &run.outcome) {
            Some(Outcome::ExitCode { code }) => {
                let class = text("/execution/stderr").and_then(exception);
                class.map_or_else(|| format!("exit code {code}"), str::to_owned)
            }
            Some(Outcome::Signal { signal }) => format!("signal {signal}"),
            Some(outcome) => {
                let outcome = serde_json::to_value(outcome).unwrap_or_default();
                outcome["kind"].as_str().unwrap_or_default().to_owned()
            }
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// The class of the exception that the last traceback of an output ends with.
fn exception(stderr: &str) -> Option<&str> {
    let (_, traceback) = stderr.rsplit_once("Traceback (most recent call last):")?;
    let line = traceback.lines().skip(1).find(|line| !line.is_empty() && !line.starts_with([' ', '\t']))?;
    let class = line.split(':').next()?.trim();
    let class = class.rsplit('.').next()?;
    let is_name = !class.is_empty() && class.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_exception_counts() {
        let stderr = "x\nTraceback (most recent call last):\n  File \"a\", line 1\nKeyError: 'a'\n\nDuring handling of \
                      the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \
                      \"a\", line 2, in <module>\n    f()\n    ^^^\npandas.errors.ParserError: bad\n  more: text\n";
        assert_eq!(exception(stderr), Some("ParserError"));
        assert_eq!(
            exception("Traceback (most recent call last):\n  File \"a\"\nKeyboardInterrupt\n"),
            Some("KeyboardInterrupt")
        );
        assert_eq!(exception("killed"), None);
        assert_eq!(exception("Traceback (most recent call last):\n  File"), None);
    }
}
