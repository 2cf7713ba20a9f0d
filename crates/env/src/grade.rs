//! A graded submission, and the one place where grades are made.

use std::path::Path;
use std::sync::Arc;

use mledojo_catalog::{Competition, Leaderboard, Standing};
use mledojo_metrics::{Grader, Metric, ReadLimits, Rejection, Score, Scoring, Table, TableError};
use mledojo_sandbox::Cancel;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::EnvError;
use crate::judging::{Judging, Parts};
use crate::python_metric::PythonMetric;

/// What a submission is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The competition's metric.
    pub raw_score: f64,
    /// Positions, HumanRank and medal.
    #[serde(flatten)]
    pub standing: Standing,
    /// What to know about the score, such as a correlation that a constant column leaves undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The grades of one submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Grades {
    /// What the agent is shown, and what its steps are paid by.
    pub shown: Grade,
    /// The grade on the rows that are held out, if some are: what decides in the end, and no agent sees.
    pub held_out: Option<Grade>,
}

/// Grades submissions of one competition: answers parsed once, shared by any number of environments.
///
/// Every score, position, HumanRank and medal that a user sees comes from [`Judge::grade`].
pub struct Judge {
    metric: Metric,
    judging: Judging,
    scorer: Scorer,
    leaderboard: Leaderboard,
    limits: ReadLimits,
}

/// Who computes the scores.
enum Scorer {
    BuiltIn(Box<Parts<Grader>>),
    Own(Box<dyn Scoring>),
    Python(Box<PythonMetric>),
}

impl Judge {
    /// A judge by the answers in a file. `engine` runs metrics that are Python files; others need none.
    ///
    /// # Errors
    /// Answers that cannot be read, or on which the metric is undefined; a Python metric without an engine.
    pub fn new(
        competition: &Competition,
        judging: Judging,
        answers: &Path,
        engine: Option<&Arc<Engine>>,
    ) -> Result<Self, EnvError> {
        let failed = |reason: String| EnvError::Answers { file: answers.to_owned(), reason };
        let limits = ReadLimits::default();
        let table = Table::read(answers, &limits).map_err(|error| failed(error.to_string()))?;
        let spec = &competition.spec;
        let rules = spec.grading().rules(judging.protocol).map_err(|error| failed(error.to_string()))?;
        let parts = judging.parts(&spec.slug);
        let metric = rules.metric.clone();
        let scorer = match (&metric, engine) {
            (Metric::Python { file, .. }, Some(engine)) => {
                let metric = PythonMetric::new(competition, file, &rules, &parts, answers, &table, engine)?;
                Scorer::Python(Box::new(metric))
            }
            (Metric::Python { file, .. }, None) => {
                return Err(EnvError::Metric { file: file.into(), reason: "it needs a runtime to run in".to_owned() });
            }
            _ => {
                let grader = |part: &_| match *part {
                    None => Grader::new(rules.clone(), &table),
                    Some((holdout, part)) => Grader::of_part(rules.clone(), &table, holdout, part),
                };
                Scorer::BuiltIn(Box::new(parts.try_map(grader).map_err(|error| failed(error.to_string()))?))
            }
        };
        let leaderboard = competition.leaderboard.clone().under(judging.protocol);
        Ok(Self { metric, judging, scorer, leaderboard, limits })
    }

    /// Scores come from a metric of one's own from now on; all rows are shown.
    ///
    /// # Errors
    /// A metric that gets better in the other direction than the competition's spec says, by which boards are read.
    pub fn with_scoring(self, scoring: Box<dyn Scoring>) -> Result<Self, EnvError> {
        let (own, spec) = (scoring.direction(), self.metric.direction());
        if own != spec {
            let reason = format!("its direction is `{own}`, that of the competition's spec `{spec}`");
            return Err(EnvError::Metric { file: "a metric in Rust".into(), reason });
        }
        let judging = Judging { public_fraction: 1.0, ..self.judging };
        Ok(Self { scorer: Scorer::Own(scoring), judging, ..self })
    }

    /// Grades the submission in a file: a pure function of its bytes. The inner error is what is wrong with the
    /// submission, in words for the agent that never tell an answer.
    ///
    /// # Errors
    /// Only of a Python metric: it failed, or was cancelled.
    pub fn grade(&self, submission: &Path, cancel: &Cancel) -> Result<Result<Grades, Rejection>, EnvError> {
        self.grade_read(submission, Table::read(submission, &self.limits), cancel)
    }

    /// Makes a judge and grades one submission, whose file is read meanwhile.
    ///
    /// # Errors
    /// As [`Judge::new`] and [`Judge::grade`].
    pub fn grade_once(
        competition: &Competition,
        judging: Judging,
        answers: &Path,
        submission: &Path,
        engine: Option<&Arc<Engine>>,
    ) -> Result<(Self, Result<Grades, Rejection>), EnvError> {
        let judge = || Self::new(competition, judging, answers, engine);
        let (judge, read) = Table::read_during(submission, &ReadLimits::default(), judge);
        let judge = judge?;
        let grades = judge.grade_read(submission, read, &Cancel::default())?;
        Ok((judge, grades))
    }

    fn grade_read(
        &self,
        submission: &Path,
        read: Result<Table, TableError>,
        cancel: &Cancel,
    ) -> Result<Result<Grades, Rejection>, EnvError> {
        let table = match read {
            Ok(table) => table,
            Err(error) => return Ok(Err(error.into())),
        };
        let scores = match &self.scorer {
            Scorer::BuiltIn(graders) => graders.try_map(|grader| grader.score(&table)),
            Scorer::Own(scoring) => scoring.score(&table).map(|shown| Parts { shown, held_out: None }),
            Scorer::Python(metric) => metric.score(submission, &table, cancel)?,
        };
        let score = |score: Score| Grade {
            raw_score: score.value,
            standing: self.leaderboard.standing(score.value),
            note: score.note,
        };
        Ok(scores.map(|scores| {
            let mut grades = Grades { shown: score(scores.shown), held_out: scores.held_out.map(score) };
            if grades.held_out.is_some() {
                let percent = 100.0 * self.judging.public_fraction;
                let note = format!("scored on a fixed {percent:.0} % of the rows; the others decide in the end");
                grades.shown.note = Some(grades.shown.note.map_or(note.clone(), |other| format!("{other}; {note}")));
            }
            grades
        }))
    }

    /// The metric that scores are in.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// How it judges.
    #[must_use]
    pub fn judging(&self) -> Judging {
        self.judging
    }

    /// The boards it places scores on.
    #[must_use]
    pub fn leaderboard(&self) -> &Leaderboard {
        &self.leaderboard
    }
}
