//! A graded submission, and the one place where grades are made.

use std::path::Path;

use mledojo_catalog::{Leaderboard, Spec, Standing};
use mledojo_metrics::{Grader, Metric, Protocol, ReadLimits, Rejection, Table};
use serde::{Deserialize, Serialize};

use crate::error::EnvError;

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

/// Grades submissions of one competition: answers parsed once, shared by any number of environments.
///
/// Every score, position, HumanRank and medal that a user sees comes from [`Judge::grade`].
pub struct Judge {
    grader: Grader,
    leaderboard: Leaderboard,
    limits: ReadLimits,
}

impl Judge {
    /// A judge by a protocol and the answers in a file.
    ///
    /// # Errors
    /// Answers that cannot be read, or on which the metric is undefined.
    pub fn new(spec: &Spec, leaderboard: Leaderboard, protocol: Protocol, answers: &Path) -> Result<Self, EnvError> {
        let failed = |reason: String| EnvError::Answers { file: answers.to_owned(), reason };
        let limits = ReadLimits::default();
        let table = Table::read(answers, &limits).map_err(|error| failed(error.to_string()))?;
        let rules = spec.grading().rules(protocol).map_err(|error| failed(error.to_string()))?;
        let grader = Grader::new(rules, &table).map_err(|error| failed(error.to_string()))?;
        Ok(Self { grader, leaderboard: leaderboard.under(protocol), limits })
    }

    /// Grades the submission in a file: a pure function of its bytes.
    ///
    /// # Errors
    /// What is wrong with the submission, in words for the agent that never tell an answer.
    pub fn grade(&self, submission: &Path) -> Result<Grade, Rejection> {
        let table = Table::read(submission, &self.limits)?;
        let score = self.grader.score(&table)?;
        Ok(Grade { raw_score: score.value, standing: self.leaderboard.standing(score.value), note: score.note })
    }

    /// The metric that scores are in.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        self.grader.metric()
    }

    /// The boards it places scores on.
    #[must_use]
    pub fn leaderboard(&self) -> &Leaderboard {
        &self.leaderboard
    }
}
