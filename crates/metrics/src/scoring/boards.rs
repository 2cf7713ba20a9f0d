//! Boards of Conway's Game of Life whose first state is predicted.

use crate::answers::{AnswerSheet, AnswersError};
use crate::life::{self, Board};
use crate::rejection::{CellProblem, Rejection};
use crate::scoring::{Scorer, undefined_on_answers};
use crate::sheet::{self, Sheet};
use crate::spec::{Metric, Rules};

/// The last board of each game, and how many steps lead to it.
#[derive(Debug)]
pub(crate) struct Boards {
    width: usize,
    steps: Vec<u32>,
    last: Vec<Board>,
}

impl Boards {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        /// More steps than any board of this size needs to settle; bounds the time of a grade.
        const MOST_STEPS: f64 = 1_000.0;
        let Metric::GameOfLifeError { width, steps, stop_prefix } = &rules.metric else {
            return Err(undefined_on_answers(&rules.metric, "it has no boards"));
        };
        let prefix = rules.submission.target_prefix.as_deref().unwrap_or_default();
        let step_count = |text: &str| match crate::number::parse(text)? {
            count if count.fract() == 0.0 && (0.0..=MOST_STEPS).contains(&count) => Ok(count as u32),
            _ => Err(CellProblem::OutOfRange.into()),
        };
        let steps = answers.read(answers.column(steps)?, "a number of steps from 0 to 1000", step_count)?;
        let cells = answers
            .targets
            .iter()
            .map(|target| {
                let place = target.name().strip_prefix(prefix).unwrap_or_default();
                let column = answers.column(&format!("{stop_prefix}{place}"))?;
                answers.read(column, sheet::BINARY, |text| Ok(sheet::parse_binary(text)?))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let last = boards(*width, &cells);
        let last =
            last.ok_or_else(|| undefined_on_answers(&rules.metric, "the cells do not make boards of this width"))?;
        Ok(Self { width: *width, steps, last })
    }
}

impl Scorer for Boards {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let read = |&target: &_| {
            sheet.read(target, "a cell of the board, 0 or 1", false, |text| Ok(sheet::parse_binary(text)?))
        };
        let cells = sheet.targets.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(boards(self.width, &cells).and_then(|first| life::stepped_error(&self.steps, &self.last, &first)))
    }
}

/// A board a row, from columns of cells.
fn boards(width: usize, cells: &[Vec<bool>]) -> Option<Vec<Board>> {
    let rows = cells.first()?.len();
    (0..rows).map(|row| Board::new(width, cells.iter().map(|column| column[row]).collect())).collect()
}
