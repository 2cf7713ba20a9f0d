//! The cells of a submission, each beside the answer that it predicts.

use std::borrow::Cow;

use crate::ids;
use crate::number::{self, NotNumber};
use crate::offenders::Offenders;
use crate::parallel;
use crate::rejection::{CellProblem, Rejection};
use crate::table::{Column, Table};

/// Why a cell cannot be a prediction.
#[derive(Debug)]
pub(crate) enum CellError {
    /// It is not the number or label that is asked for.
    Problem(CellProblem),
    /// It holds no list, mask or other structure, for this reason.
    Malformed(String),
}

impl From<CellProblem> for CellError {
    fn from(problem: CellProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<NotNumber> for CellProblem {
    fn from(reason: NotNumber) -> Self {
        match reason {
            NotNumber::Blank => Self::Blank,
            NotNumber::Text => Self::NotANumber,
            NotNumber::NotFinite => Self::NotFinite,
        }
    }
}

impl From<NotNumber> for CellError {
    fn from(reason: NotNumber) -> Self {
        Self::Problem(reason.into())
    }
}

/// The slot of a row that is not scored.
pub(crate) const UNSCORED: u32 = u32::MAX;

/// A submission whose rows are matched with the answers.
///
/// What is compared has a slot: usually one row of the answers that is scored, in their order.
pub(crate) struct Sheet<'a> {
    pub(crate) submission: &'a Table,
    pub(crate) ids: &'a [Column<'a>],
    pub(crate) targets: &'a [Column<'a>],
    /// The slot of each row of the submission.
    pub(crate) slots: &'a [u32],
    /// Number of slots with an answer. Where unknown ids are allowed, theirs come after.
    pub(crate) scored: usize,
}

impl<'a> Sheet<'a> {
    /// The cells of a column by slot, each read by `parse`; a slot without a row keeps `vacant`.
    ///
    /// The rejection is about the first problem in the file, and counts all rows that have the same one.
    pub(crate) fn read<T: Clone>(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        vacant: T,
        mut parse: impl FnMut(&'a str) -> Result<T, CellError>,
    ) -> Result<Vec<T>, Rejection> {
        let mut by_row = Vec::with_capacity(self.slots.len());
        self.visit(column, expected, |slot, text| {
            match (slot, parse(text)) {
                (Some(_), value) => by_row.push(value?),
                // A row that is not scored may hold nothing, or any number; but a word makes the column one of texts.
                (None, Err(CellError::Problem(CellProblem::NotANumber))) => return Err(CellProblem::NotANumber.into()),
                (None, _) => by_row.push(vacant.clone()),
            }
            Ok(())
        })?;
        Ok(self.by_slot(by_row, vacant))
    }

    /// As [`Sheet::read`], on several cores: for what depends on the cell's text alone.
    pub(crate) fn read_each<T: Copy + Default + Send>(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        vacant: T,
        parse: impl Fn(&'a str) -> Result<T, CellError> + Sync,
    ) -> Result<Vec<T>, Rejection> {
        // Whatever is not simply a value is left to the reader that goes row by row, which knows what to say of it.
        let by_row = parallel::collect_rows(self.slots.len(), |row| parse(column.get(row)).ok());
        match by_row {
            Some(by_row) => Ok(self.by_slot(by_row, vacant)),
            None => self.read(column, expected, vacant, parse),
        }
    }

    /// The values of rows by slot.
    fn by_slot<T: Clone>(&self, by_row: Vec<T>, vacant: T) -> Vec<T> {
        // By slot only now: stores all over memory wait for each other, unless nothing else happens between them.
        let mut values = vec![vacant; self.scored];
        for (value, &slot) in by_row.into_iter().zip(self.slots) {
            if let Some(place) = values.get_mut(slot as usize) {
                *place = value;
            }
        }
        values
    }

    /// The cells of a column by slot, in the file's order where a slot has several.
    pub(crate) fn read_lists<T>(
        &self,
        column: Column<'a>,
        mut parse: impl FnMut(&'a str) -> Result<Option<T>, CellError>,
    ) -> Result<Vec<Vec<T>>, Rejection> {
        let mut lists: Vec<Vec<T>> = (0..self.scored).map(|_| Vec::new()).collect();
        self.visit(column, "", |slot, text| {
            let Some(slot) = slot else { return Ok(()) };
            if lists.len() <= slot {
                lists.resize_with(slot + 1, Vec::new);
            }
            lists[slot].extend(parse(text)?);
            Ok(())
        })?;
        Ok(lists)
    }

    fn visit(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        mut visit: impl FnMut(Option<usize>, &'a str) -> Result<(), CellError>,
    ) -> Result<(), Rejection> {
        // The problem of the first bad cell; its reason, if it is a structure; and the offenders of each problem.
        let mut first: Option<Result<CellProblem, String>> = None;
        let mut offenders: [Offenders; CellProblem::ALL.len()] = Default::default();
        let mut malformed = Offenders::default();
        for (row, (text, &slot)) in column.iter().zip(self.slots).enumerate() {
            let slot = (slot != UNSCORED).then_some(slot as usize);
            let Err(error) = visit(slot, text) else { continue };
            let (line, id) = (self.submission.line(row), ids::joined(self.ids, row));
            match error {
                CellError::Problem(problem) => {
                    offenders[problem as usize].push(line, &id, Some(text));
                    first.get_or_insert(Ok(problem));
                }
                CellError::Malformed(reason) => {
                    malformed.push(line, &id, Some(text));
                    first.get_or_insert(Err(reason));
                }
            }
        }
        let column = column.name().to_owned();
        match first {
            None => Ok(()),
            Some(Ok(problem)) => Err(Rejection::Cells {
                column,
                problem,
                expected: expected.into(),
                rows: std::mem::take(&mut offenders[problem as usize]),
            }),
            Some(Err(reason)) => Err(Rejection::Malformed { column, reason, rows: malformed }),
        }
    }

    /// Rejects the submission if a slot is bad: for what concerns whole rows, after their cells have been read.
    pub(crate) fn check_slots(
        &self,
        is_bad: impl Fn(usize) -> bool,
        rejection: impl FnOnce(Offenders) -> Rejection,
    ) -> Result<(), Rejection> {
        let mut rows = Offenders::default();
        for (row, &slot) in self.slots.iter().enumerate() {
            if slot != UNSCORED && is_bad(slot as usize) {
                rows.push(self.submission.line(row), &ids::joined(self.ids, row), None);
            }
        }
        if rows.count == 0 { Ok(()) } else { Err(rejection(rows)) }
    }
}

/// What binary labels are, in words.
pub(crate) const BINARY: &str = "the label 0 or 1";

pub(crate) fn parse_binary(text: &str) -> Result<bool, CellProblem> {
    match text {
        "0" => return Ok(false),
        "1" => return Ok(true),
        _ => {}
    }
    match number::parse(text)? {
        0.0 => Ok(false),
        1.0 => Ok(true),
        _ => Err(CellProblem::NotALabel),
    }
}

/// What whole labels are, in words.
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
