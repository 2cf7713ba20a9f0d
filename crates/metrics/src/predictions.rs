//! Reading the predicted values of a submission.

use crate::number::{self, NotNumber};
use crate::rejection::{CellProblem, Offenders, Rejection};
use crate::table::{Column, Table};

impl From<NotNumber> for CellProblem {
    fn from(reason: NotNumber) -> Self {
        match reason {
            NotNumber::Blank => Self::Blank,
            NotNumber::Text => Self::NotANumber,
            NotNumber::NotFinite => Self::NotFinite,
        }
    }
}

/// The numbers that a metric takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Finite,
    /// From 0 to 1.
    Probability,
    /// Above −1, where ln(1 + x) exists.
    AboveMinusOne,
}

impl Domain {
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Finite => "a finite number",
            Self::Probability => "a probability from 0 to 1",
            Self::AboveMinusOne => "a number above -1",
        }
    }

    pub(crate) fn parse(self, text: &str) -> Result<f64, CellProblem> {
        let number = number::parse(text)?;
        let inside = match self {
            Self::Finite => true,
            Self::Probability => (0.0..=1.0).contains(&number),
            Self::AboveMinusOne => number > -1.0,
        };
        if inside { Ok(number) } else { Err(CellProblem::OutOfRange) }
    }
}

/// What binary labels are, in words.
pub(crate) const BINARY: &str = "the label 0 or 1";

pub(crate) fn parse_binary(text: &str) -> Result<bool, CellProblem> {
    match number::parse(text)? {
        0.0 => Ok(false),
        1.0 => Ok(true),
        _ => Err(CellProblem::NotALabel),
    }
}

/// What ordinal labels are, in words.
pub(crate) const WHOLE: &str = "a whole number";

/// A whole number that an `f64` holds exactly, so that no two labels are confused.
pub(crate) fn parse_whole(text: &str) -> Result<i64, CellProblem> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    let number = number::parse(text)?;
    if number.fract() != 0.0 {
        return Err(CellProblem::NotALabel);
    }
    if number.abs() > LARGEST {
        return Err(CellProblem::OutOfRange);
    }
    Ok(number as i64)
}

/// The cells of a column in the answers' order, each read by `parse`.
///
/// `order` is the answers' row of each row of the submission. The rejection is about the first problem in the file,
/// and counts all rows that have the same one.
pub(crate) fn read<T: Copy + Default>(
    submission: &Table,
    ids: Column<'_>,
    column: Column<'_>,
    order: &[u32],
    expected: &'static str,
    mut parse: impl FnMut(&str) -> Result<T, CellProblem>,
) -> Result<Vec<T>, Rejection> {
    let mut values = vec![T::default(); order.len()];
    let mut first = None;
    let mut offenders: [Offenders; CellProblem::ALL.len()] = Default::default();
    for (row, (text, &answer)) in column.iter().zip(order).enumerate() {
        match parse(text) {
            Ok(value) => values[answer as usize] = value,
            Err(problem) => {
                first.get_or_insert(problem);
                offenders[problem as usize].push(submission.line(row), ids.get(row), Some(text));
            }
        }
    }
    match first {
        None => Ok(values),
        Some(problem) => Err(Rejection::Cells {
            column: column.name().to_owned(),
            problem,
            expected,
            rows: std::mem::take(&mut offenders[problem as usize]),
        }),
    }
}
