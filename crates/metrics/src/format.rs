//! What a submission must look like, whatever scores it: start with [`Format`].

use crate::answers::{self, AnswersError};
use crate::holdout::{Holdout, Part};
use crate::layout::Layout;
use crate::matching::{Entries, Matcher};
use crate::rejection::Rejection;
use crate::scoring;
use crate::sheet::UNSCORED;
use crate::spec::Rules;
use crate::table::{Column, Table};

/// The columns and ids that the answers ask for: all of a [`Grader`](crate::Grader) but its formula, for formulas that
/// are computed elsewhere.
///
/// ```
/// use mledojo_metrics::{Format, Metric, ReadLimits, Rules, Table};
///
/// let answers = Table::parse(b"id,y\n1,5\n2,6\n", &ReadLimits::default())?;
/// let (format, scored) = Format::new(&Rules::new(Metric::Rmse, &["id"], &["y"]), &answers, None)?;
/// assert_eq!(scored, [0, 1]);
/// let submission = Table::parse(b"id,y\n2,anything\n1,\n", &ReadLimits::default())?;
/// assert_eq!(format.scored(&submission)?, [0, 1]);
/// let submission = Table::parse(b"id,y\n2,anything\n3,\n", &ReadLimits::default())?;
/// assert_eq!(format.scored(&submission).unwrap_err().kind(), "unknown_ids");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Format {
    pub(crate) layout: Layout,
    pub(crate) matcher: Matcher,
}

/// What a format says of the answers that it was made from.
pub(crate) struct Answered<'a> {
    pub(crate) ids: Vec<Column<'a>>,
    pub(crate) targets: Vec<Column<'a>>,
    pub(crate) entries: Entries,
}

impl Format {
    /// The format of submissions to these answers, and the rows (from 0) of the answers that are scored: all that the
    /// rules keep, or those of them in one part.
    ///
    /// # Errors
    /// If the answers do not fit the rules.
    pub fn new(
        rules: &Rules,
        answers: &Table,
        part: Option<(Holdout, Part)>,
    ) -> Result<(Self, Vec<usize>), AnswersError> {
        let (format, answered) = Self::of(rules, answers, part)?;
        Ok((format, scored(&answered.entries.slots)))
    }

    pub(crate) fn of<'a>(
        rules: &Rules,
        answers: &'a Table,
        part: Option<(Holdout, Part)>,
    ) -> Result<(Self, Answered<'a>), AnswersError> {
        if answers.rows() == 0 {
            return Err(AnswersError::NoRows);
        }
        let (layout, ids, targets) = Layout::new(rules, answers)?;
        let kept = answers::kept(rules.answers.scored.as_ref(), answers, &ids, &targets)?;
        let by_text = scoring::needs_order_of_ids(&rules.metric);
        let (matcher, entries) = Matcher::new(&rules.submission, &ids, answers, &kept, part, by_text)?;
        if entries.scored == 0 {
            return Err(AnswersError::NothingScored);
        }
        Ok((Self { layout, matcher }, Answered { ids, targets, entries }))
    }

    /// The rows (from 0) of a submission that are scored.
    ///
    /// # Errors
    /// If the submission has other columns or ids than asked for.
    pub fn scored(&self, submission: &Table) -> Result<Vec<usize>, Rejection> {
        let (ids, _) = self.layout.find(submission)?;
        Ok(scored(&self.matcher.align(&ids, submission)?))
    }
}

fn scored(slots: &[u32]) -> Vec<usize> {
    (0..slots.len()).filter(|&row| slots[row] != UNSCORED).collect()
}
