//! Scoring a submission against the answers: start with [`Grader`].

use serde::{Deserialize, Serialize};

use crate::answers::{self, AnswerSheet, AnswersError};
use crate::layout::Layout;
use crate::matching::Matcher;
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
    layout: Layout,
    matcher: Matcher,
    scorer: Box<dyn Scorer>,
}

impl Grader {
    /// Parses the answers.
    ///
    /// # Errors
    /// If the answers do not fit the rules, or the metric is undefined on them.
    pub fn new(rules: Rules, answers: &Table) -> Result<Self, AnswersError> {
        let everything = |_: &str| true;
        Self::of_part(rules, answers, everything)
    }

    /// Parses the answers of which the ids in `part` are scored.
    pub(crate) fn of_part(rules: Rules, answers: &Table, part: impl Fn(&str) -> bool) -> Result<Self, AnswersError> {
        if answers.rows() == 0 {
            return Err(AnswersError::NoRows);
        }
        let (layout, ids, targets) = Layout::new(&rules, answers)?;
        let spec = &rules.submission;
        let kept = answers::kept(rules.answers.scored.as_ref(), answers, &ids, &targets)?;
        let keep = |row: usize, key: &str| kept[row] && part(key);
        let by_text = scoring::needs_order_of_ids(&rules.metric);
        let (matcher, entries) = Matcher::new(spec.rows, spec.ids, spec.most, &ids, answers, keep, by_text)?;
        if entries.scored == 0 {
            return Err(AnswersError::NothingScored);
        }
        let sheet = AnswerSheet { table: answers, ids, targets, slots: entries.slots, scored: entries.scored };
        let scorer = scoring::new(&rules, &sheet)?;
        Ok(Self { metric: rules.metric, layout, matcher, scorer })
    }

    /// Number of rows that a submission must have; of ids, if an id may have several.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.matcher.len()
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
        let (ids, targets) = self.layout.find(submission)?;
        let slots = self.matcher.align(&ids, submission)?;
        let sheet = Sheet { submission, ids: &ids, targets: &targets, slots: &slots, scored: self.matcher.scored() };
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
