//! A metric of a user's own: `score(answers, submission)` in a Python file, run in the sandbox.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mledojo_catalog::Competition;
use mledojo_metrics::{AnswersError, Format, Holdout, Part, Rejection, Rules, Score, Table};
use mledojo_sandbox::{Cancel, Input, Job, Limits, Network, Outcome, Report};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::code::HASH_SEED;
use crate::engine::Engine;
use crate::error::EnvError;
use crate::judging::Parts;

/// Runs the metric: the answers and it lie in a folder that no other job sees.
pub(crate) struct PythonMetric {
    engine: Arc<Engine>,
    file: String,
    range: (f64, f64),
    folder: TempDir,
    parts: Parts<PartOfRows>,
}

/// The rows of one part: who finds those of a submission, and those of the answers.
struct PartOfRows {
    format: Format,
    answers: Option<Vec<usize>>,
}

/// What the driver reads: rows from 0; nothing for all.
#[derive(Serialize)]
struct Rows<'a> {
    answers: Option<&'a [usize]>,
    submission: Option<Vec<usize>>,
}

/// What it answers.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Answer {
    Score(String),
    Invalid(String),
}

const DRIVER: &str = include_str!("python_metric.py");
/// Bytes of the driver's answer, messages of the metric included.
const LONGEST_ANSWER: u64 = 1 << 20;

impl PythonMetric {
    /// The metric `file` of a competition's folder, for each of these parts.
    pub(crate) fn new(
        competition: &Competition,
        file: &str,
        rules: &Rules,
        parts: &Parts<Option<(Holdout, Part)>>,
        answers: &Path,
        table: &Table,
        engine: &Arc<Engine>,
    ) -> Result<Self, EnvError> {
        let failed = |reason: String| EnvError::Metric { file: file.into(), reason };
        let home = competition.folder.as_ref();
        let home = home.ok_or_else(|| failed("only a competition in a folder of your own can have one".to_owned()))?;
        let rows = |part: &_| {
            let (format, scored) = Format::new(rules, table, *part)?;
            Ok::<_, AnswersError>(PartOfRows { format, answers: unless_all(scored, table) })
        };
        let parts = parts
            .try_map(rows)
            .map_err(|error| EnvError::Answers { file: answers.to_owned(), reason: error.to_string() })?;
        let folder = temporary()?;
        let inside = folder.path().join("metric");
        create(&inside)?;
        copy(&home.join(file), &inside.join(file))?;
        copy(answers, &inside.join("answers.csv"))?;
        Ok(Self { engine: Arc::clone(engine), file: file.to_owned(), range: rules.metric.range(), folder, parts })
    }

    /// The score of each part. The inner error is what the format, or the metric by a `ValueError`, says of the
    /// submission.
    pub(crate) fn score(
        &self,
        submission: &Path,
        table: &Table,
        cancel: &Cancel,
    ) -> Result<Result<Parts<Score>, Rejection>, EnvError> {
        let rows = self.parts.try_map(|part| {
            let submission = unless_all(part.format.scored(table)?, table);
            Ok(Rows { answers: part.answers.as_deref(), submission })
        });
        let rows = match rows {
            Ok(rows) => rows,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let json = serde_json::to_vec(&rows.iter().collect::<Vec<_>>()).map_err(|error| self.failed(error))?;
        let folder = temporary()?;
        let (inside, work) = (folder.path().join("submission"), folder.path().join("work"));
        create(&inside)?;
        create(&work)?;
        copy(submission, &inside.join("submission.csv"))?;
        let file = inside.join("parts.json");
        fs::write(&file, json).map_err(|error| EnvError::io("write", &file, error))?;
        let report = self.engine.sandbox().run(&self.job(&inside, &work), cancel)?;
        match report.outcome {
            Outcome::Ok => self.read(&work.join("result.json")),
            Outcome::Cancelled => Err(EnvError::Cancelled),
            _ => Err(self.failed(story(&report))),
        }
    }

    fn job(&self, submission: &Path, work: &Path) -> Job {
        Job {
            script: DRIVER.as_bytes().to_vec(),
            script_name: "score.py".to_owned(),
            args: vec![self.file.clone()],
            work_dir: work.to_owned(),
            inputs: vec![
                Input { host: self.folder.path().join("metric"), name: "metric".to_owned() },
                Input { host: submission.to_owned(), name: "submission".to_owned() },
            ],
            masked: Vec::new(),
            host_paths: false,
            hidden: Vec::new(),
            env: vec![("PYTHONHASHSEED".to_owned(), HASH_SEED.to_owned()), ("MLEDOJO_SEED".to_owned(), "0".to_owned())],
            network: Network::None,
            limits: Limits::default(),
        }
    }

    fn read(&self, file: &Path) -> Result<Result<Parts<Score>, Rejection>, EnvError> {
        let bytes = fs::metadata(file).map_err(|error| EnvError::io("read", file, error))?.len();
        if bytes > LONGEST_ANSWER {
            return Err(self.failed(format!("it answered {bytes} bytes; the most is {LONGEST_ANSWER}")));
        }
        let json = fs::read(file).map_err(|error| EnvError::io("read", file, error))?;
        let answers: Vec<Answer> = serde_json::from_slice(&json).map_err(|error| self.failed(error))?;
        let mut answers = answers.into_iter();
        let scores = self.parts.try_map(|_| match answers.next() {
            Some(Answer::Score(text)) => self.checked(&text).map(|value| Score { value, note: None }).map_err(Err),
            Some(Answer::Invalid(reason)) => Err(Ok(Rejection::Custom { reason })),
            None => Err(Err(self.failed("it answered too little"))),
        });
        match scores {
            Ok(scores) => Ok(Ok(scores)),
            Err(Ok(rejection)) => Ok(Err(rejection)),
            Err(Err(fault)) => Err(fault),
        }
    }

    /// A score within the range that the spec states.
    fn checked(&self, text: &str) -> Result<f64, EnvError> {
        let (least, most) = self.range;
        match text.parse::<f64>() {
            Ok(score) if score.is_finite() && score >= least && score <= most => Ok(score),
            _ => Err(self.failed(format!(
                "`score` gave {text}; expected a number from {least} to {most}, as `range` says, or a ValueError for a \
                 submission that has none"
            ))),
        }
    }

    fn failed(&self, reason: impl ToString) -> EnvError {
        EnvError::Metric { file: self.file.as_str().into(), reason: reason.to_string() }
    }
}

/// Why a run gave no answer.
fn story(report: &Report) -> String {
    const SHOWN: usize = 4000;
    let stderr = report.stderr.text_within(SHOWN);
    match (&report.outcome, stderr.trim_end()) {
        (outcome, "") => format!("its run ended so: {outcome:?}"),
        (Outcome::ExitCode { .. }, stderr) => format!("it raised\n{stderr}"),
        (outcome, stderr) => format!("its run ended so: {outcome:?}\n{stderr}"),
    }
}

/// Rows, unless they are all of the table's.
fn unless_all(rows: Vec<usize>, table: &Table) -> Option<Vec<usize>> {
    (rows.len() < table.rows()).then_some(rows)
}

/// A folder that other users of the host cannot look into; what lies in it, a jail can.
fn temporary() -> Result<TempDir, EnvError> {
    tempfile::Builder::new()
        .prefix("mledojo-metric-")
        .tempdir()
        .map_err(|error| EnvError::io("create a folder in", &std::env::temp_dir(), error))
}

fn create(folder: &Path) -> Result<(), EnvError> {
    fs::create_dir(folder).and_then(|()| open(folder, 0o755)).map_err(|error| EnvError::io("create", folder, error))
}

fn copy(from: &Path, to: &Path) -> Result<(), EnvError> {
    fs::copy(from, to).map_err(|error| EnvError::io("copy", from, error))?;
    open(to, 0o644).map_err(|error| EnvError::io("open", to, error))
}

/// Lets the jail's user read what only its owner might.
fn open(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}
