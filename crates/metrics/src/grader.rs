//! Scoring a submission against the answers: start with [`Grader`].

use serde::{Deserialize, Serialize};

use crate::answers::{AnswerSheet, AnswersError};
use crate::direction::Direction;
use crate::format::{Answered, Format};
use crate::holdout::{Holdout, Part};
use crate::rejection::Rejection;
use crate::scoring::{self, Scorer};
use crate::sheet::Sheet;
use crate::spec::{Metric, Rules};
use crate::table::Table;

/// What a submission earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric's value; always finite.
    pub value: f64,
    /// Something about the value that its reader should know, such as that the metric was undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Anything that scores submissions of one competition: a [`Grader`], or a metric of a user's own.
///
/// Implementations must be pure: the same submission gives the same score, whatever was scored before.
///
/// ```
/// use mledojo_metrics::{Direction, ReadLimits, Rejection, Score, Scoring, Table};
///
/// /// The number of rows, as a metric.
/// struct RowCount;
///
/// impl Scoring for RowCount {
///     fn direction(&self) -> Direction {
///         Direction::Maximize
///     }
///
///     fn score(&self, submission: &Table) -> Result<Score, Rejection> {
///         if submission.column("id").is_none() {
///             return Err(Rejection::Custom { reason: "there is no column `id`".to_owned() });
///         }
///         Ok(Score { value: submission.rows() as f64, note: None })
///     }
/// }
///
/// let submission = Table::parse(b"id\n1\n2\n", &ReadLimits::default())?;
/// assert_eq!(RowCount.score(&submission)?.value, 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Scoring: Send + Sync {
    /// Which way scores get better.
    fn direction(&self) -> Direction;

    /// Scores a submission.
    ///
    /// # Errors
    /// What is wrong with the submission, in words that never tell an answer.
    fn score(&self, submission: &Table) -> Result<Score, Rejection>;
}

impl Scoring for Grader {
    fn direction(&self) -> Direction {
        self.metric.direction()
    }

    fn score(&self, submission: &Table) -> Result<Score, Rejection> {
        Self::score(self, submission)
    }
}

/// The answers of a competition, ready to score submissions.
///
/// Every sum runs in the answers' order, so where rows are matched by id the same predictions give the same bits
/// whatever the order of the submission's rows.
///
/// ```
/// use mledojo_metrics::{Grader, Metric, ReadLimits, Rules, Table};
///
/// let limits = ReadLimits::default();
/// let answers = Table::parse(b"id,label\n1,cat\n2,dog\n3,cat\n", &limits)?;
/// let grader = Grader::new(Rules::new(Metric::Accuracy, &["id"], &["label"]), &answers)?;
///
/// let submission = Table::parse(b"id,label\n3,cat\n2,cat\n1,cat\n", &limits)?;
/// assert_eq!(grader.score(&submission)?.value, 2.0 / 3.0);
///
/// let submission = Table::parse(b"id,Label\n3,cat\n2,cat\n1,cat\n", &limits)?;
/// assert_eq!(grader.score(&submission).unwrap_err().kind(), "missing_columns");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Grader {
    metric: Metric,
    format: Format,
    scorer: Box<dyn Scorer>,
}

impl Grader {
    /// Parses the answers.
    ///
    /// # Errors
    /// If the answers do not fit the rules, or the metric is undefined on them.
    pub fn new(rules: Rules, answers: &Table) -> Result<Self, AnswersError> {
        Self::of(rules, answers, None)
    }

    /// Parses the answers, of which only one part is scored. A submission still has a row for every id.
    ///
    /// # Errors
    /// If the answers do not fit the rules, or the metric is undefined on the part.
    ///
    /// ```
    /// use mledojo_metrics::{Grader, Holdout, Metric, Part, ReadLimits, Rules, Table};
    ///
    /// let answers = Table::parse(b"id,y\na,1\nb,2\nc,4\n", &ReadLimits::default())?;
    /// let rules = Rules::new(Metric::Mae, &["id"], &["y"]);
    /// let holdout = Holdout { public_fraction: 0.33, seed: 7 };
    /// let part = |part| Grader::of_part(rules.clone(), &answers, holdout, part);
    /// let submission = Table::parse(b"id,y\na,0\nb,0\nc,0\n", &ReadLimits::default())?;
    /// let (public, private) = (part(Part::Public)?.score(&submission)?, part(Part::Private)?.score(&submission)?);
    /// assert_eq!(public.value + 2.0 * private.value, 7.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_part(rules: Rules, answers: &Table, holdout: Holdout, part: Part) -> Result<Self, AnswersError> {
        Self::of(rules, answers, Some((holdout, part)))
    }

    fn of(rules: Rules, answers: &Table, part: Option<(Holdout, Part)>) -> Result<Self, AnswersError> {
        let (format, Answered { ids, targets, entries }) = Format::of(&rules, answers, part)?;
        let sheet = AnswerSheet { table: answers, ids, targets, slots: entries.slots, scored: entries.scored };
        let scorer = scoring::new(&rules, &sheet)?;
        Ok(Self { metric: rules.metric, format, scorer })
    }

    /// Number of rows that a submission must have; of ids, if an id may have several.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.format.matcher.len()
    }

    /// The metric that scores are in.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// Scores a submission.
    ///
    /// # Errors
    /// If the submission has other columns or ids than asked for, or cells that cannot be a prediction.
    pub fn score(&self, submission: &Table) -> Result<Score, Rejection> {
        let Format { layout, matcher } = &self.format;
        let (ids, targets) = layout.find(submission)?;
        let slots = matcher.align(&ids, submission)?;
        let sheet = Sheet { submission, ids: &ids, targets: &targets, slots: &slots, scored: matcher.scored() };
        Ok(self.finish(self.scorer.score(&sheet)?))
    }

    /// A score that is always finite. The answers were found fit for the metric, so an undefined value is due to the
    /// submission.
    fn finish(&self, value: Option<f64>) -> Score {
        match value {
            Some(value) if value.is_finite() => Score { value, note: None },
            Some(value) if !value.is_nan() => Score {
                value: if value < 0.0 { f64::MIN } else { f64::MAX },
                note: Some("the error is too large for a 64-bit float; it counts as the largest one".to_owned()),
            },
            _ => {
                let (value, reason) = scoring::undefined(&self.metric);
                Score { value, note: Some(format!("{reason}; it counts as {value}")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::with_threads;
    use crate::table::ReadLimits;

    const ROWS: usize = 120_000;

    fn table(cell: impl Fn(usize) -> String) -> Table {
        // Prime to the number of rows: every id once, far from where the answers have it.
        let text: String = (0..ROWS).map(|row| row * 7_919 % ROWS).map(|id| format!("{id},{}\n", cell(id))).collect();
        Table::parse(format!("id,target\n{text}").as_bytes(), &ReadLimits::default()).unwrap()
    }

    /// What a grade says on so many threads, as text with every bit of the score.
    fn graded(threads: usize, metric: &Metric, answers: &Table, submission: &Table) -> String {
        with_threads(threads, || {
            let grader = Grader::new(Rules::new(metric.clone(), &["id"], &["target"]), answers).unwrap();
            match grader.score(submission) {
                Ok(score) => format!("{:016x}", score.value.to_bits()),
                Err(rejection) => serde_json::to_string(&rejection).unwrap(),
            }
        })
    }

    #[test]
    fn threads_change_nothing() {
        let answers = table(|id| (id % 3 / 2).to_string());
        let good = table(|id| format!("0.{}", id * 104_729 % 9_973));
        let bad_cells = table(|id| match id % 29_989 {
            5 => "word".to_owned(),
            6 => String::new(),
            _ => "0.5".to_owned(),
        });
        let mut text = String::from("id,target\n");
        (0..ROWS).for_each(|row| text.push_str(&format!("{},0.5\n", if row % 40_009 == 9 { row + ROWS } else { row })));
        let bad_ids = Table::parse(text.as_bytes(), &ReadLimits::default()).unwrap();
        for metric in [Metric::RocAuc, Metric::Rmse] {
            for submission in [&good, &bad_cells, &bad_ids] {
                let alone = graded(1, &metric, &answers, submission);
                assert!(alone.starts_with('{') != std::ptr::eq(submission, &raw const good), "{alone}");
                for threads in [2, 3] {
                    assert_eq!(graded(threads, &metric, &answers, submission), alone);
                }
            }
        }
    }
}
