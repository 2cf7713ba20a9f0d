//! The answers of a competition: why they cannot be graded against, and reading them slot by slot.

use std::borrow::Cow;

use crate::number;
use crate::offenders::excerpt;
use crate::parallel;
use crate::rejection::CellProblem;
use crate::sheet::{CellError, UNSCORED};
use crate::spec::{RowFilter, TargetCondition};
use crate::table::{Column, Table};

/// Why answers cannot be graded against: a mistake of the competition, not of a submission.
///
/// Messages quote the answers, so they are for the author and never for an agent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswersError {
    /// No rows.
    #[error("the answers have no rows")]
    NoRows,
    /// The metric takes another number of target columns.
    #[error("the metric {metric} takes {}, but {found} are predicted", number_of_columns(*.expected, *.most))]
    TargetCount {
        /// The metric's name.
        metric: &'static str,
        /// The fewest it takes.
        expected: usize,
        /// The most it takes.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A column of the format is not in the answers.
    #[error("the answers lack the column `{column}`")]
    MissingColumn {
        /// The column.
        column: String,
    },
    /// An id that occurs twice.
    #[error("answers, line {line}, column `{column}`: the id `{id}` occurs twice")]
    DuplicateId {
        /// The id column.
        column: String,
        /// Line of the second occurrence, from 1.
        line: u64,
        /// The id.
        id: String,
    },
    /// A cell that the metric cannot use.
    #[error("answers, line {line}, column `{column}`: `{text}` is {problem}; expected {expected}")]
    Cell {
        /// The column.
        column: String,
        /// Line, from 1.
        line: u64,
        /// The cell's text, cut short.
        text: String,
        /// What is wrong with it.
        problem: CellProblem,
        /// What belongs there, in words.
        expected: Cow<'static, str>,
    },
    /// A cell that holds no list, mask or other structure.
    #[error("answers, line {line}, column `{column}`: {reason}")]
    Malformed {
        /// The column.
        column: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No row is scored.
    #[error("no row of the answers is scored")]
    NothingScored,
    /// A row of 0/1 columns that does not name one class.
    #[error("answers, line {line}: {ones} of the class columns are 1; exactly one must be")]
    NotOneClass {
        /// Line, from 1.
        line: u64,
        /// How many are 1.
        ones: usize,
    },
    /// The metric does not exist for these answers, whatever is predicted.
    #[error("the metric {metric} is undefined on these answers: {reason}")]
    Undefined {
        /// The metric's name.
        metric: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The formula is none of this crate's.
    #[error("the metric {metric} is computed by whoever runs Python")]
    Elsewhere {
        /// The metric's name.
        metric: &'static str,
    },
}

fn number_of_columns(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "one target column".to_owned(),
        (least, most) if least == most => format!("{least} target columns"),
        (least, _) => format!("{least} target columns or more"),
    }
}

/// The answers, each row with its slot.
pub(crate) struct AnswerSheet<'a> {
    pub(crate) table: &'a Table,
    pub(crate) ids: Vec<Column<'a>>,
    pub(crate) targets: Vec<Column<'a>>,
    /// The slot of each row.
    pub(crate) slots: Vec<u32>,
    /// Number of slots.
    pub(crate) scored: usize,
}

impl<'a> AnswerSheet<'a> {
    /// A column of the answers by name.
    pub(crate) fn column(&self, name: &str) -> Result<Column<'a>, AnswersError> {
        self.table.column(name).ok_or_else(|| AnswersError::MissingColumn { column: name.to_owned() })
    }

    /// The cells of a column by slot, each read by `parse`.
    pub(crate) fn read<T: Clone + Default>(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        mut parse: impl FnMut(&'a str) -> Result<T, CellError>,
    ) -> Result<Vec<T>, AnswersError> {
        let mut values = vec![T::default(); self.scored];
        self.visit(column, expected, |slot, text| {
            values[slot] = parse(text)?;
            Ok(())
        })?;
        Ok(values)
    }

    /// As [`AnswerSheet::read`], on several cores: for what depends on the cell's text alone.
    pub(crate) fn read_each<T: Copy + Default + Send>(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        parse: impl Fn(&'a str) -> Result<T, CellError> + Sync,
    ) -> Result<Vec<T>, AnswersError> {
        // A row that is not scored may hold anything, but if it is no value, all are read row by row.
        let by_row = parallel::collect_rows(self.slots.len(), |row| parse(column.get(row)).ok());
        let Some(by_row) = by_row else { return self.read(column, expected, parse) };
        let in_order = self.slots.iter().zip(0..).all(|(&slot, row)| slot == row);
        if in_order && self.scored == by_row.len() {
            return Ok(by_row);
        }
        let mut values = vec![T::default(); self.scored];
        for (value, &slot) in by_row.into_iter().zip(&self.slots) {
            if let Some(place) = values.get_mut(slot as usize) {
                *place = value;
            }
        }
        Ok(values)
    }

    /// The cells of a column by slot, in the file's order where a slot has several.
    pub(crate) fn read_lists<T>(
        &self,
        column: Column<'a>,
        mut parse: impl FnMut(&'a str) -> Result<Option<T>, CellError>,
    ) -> Result<Vec<Vec<T>>, AnswersError> {
        let mut lists: Vec<Vec<T>> = (0..self.scored).map(|_| Vec::new()).collect();
        self.visit(column, "", |slot, text| {
            lists[slot].extend(parse(text)?);
            Ok(())
        })?;
        Ok(lists)
    }

    fn visit(
        &self,
        column: Column<'a>,
        expected: impl Into<Cow<'static, str>>,
        mut visit: impl FnMut(usize, &'a str) -> Result<(), CellError>,
    ) -> Result<(), AnswersError> {
        for (row, (text, &slot)) in column.iter().zip(&self.slots).enumerate() {
            if slot == UNSCORED {
                continue;
            }
            if let Err(error) = visit(slot as usize, text) {
                let (column, line) = (column.name().to_owned(), self.table.line(row));
                return Err(match error {
                    CellError::Problem(problem) => {
                        AnswersError::Cell { column, line, text: excerpt(text), problem, expected: expected.into() }
                    }
                    CellError::Malformed(reason) => AnswersError::Malformed { column, line, reason },
                });
            }
        }
        Ok(())
    }
}

/// Which rows of the answers a filter keeps.
pub(crate) fn kept(
    filter: Option<&RowFilter>,
    answers: &Table,
    ids: &[Column<'_>],
    targets: &[Column<'_>],
) -> Result<Vec<bool>, AnswersError> {
    let column = |name: &String| answers.column(name).ok_or(AnswersError::MissingColumn { column: name.clone() });
    let number = |column: Column<'_>, row: usize| {
        let text = column.get(row);
        number::parse(text).map_err(|problem| AnswersError::Cell {
            column: column.name().to_owned(),
            line: answers.line(row),
            text: excerpt(text),
            problem: problem.into(),
            expected: "a number".into(),
        })
    };
    let present = |row| targets.iter().all(|target| !target.get(row).trim_matches([' ', '\t']).is_empty());
    let rows = 0..answers.rows();
    match filter {
        None | Some(RowFilter::Any(_)) => Ok(vec![true; answers.rows()]),
        Some(RowFilter::Is { column: name, is }) => {
            let column = column(name)?;
            rows.map(|row| Ok(number(column, row)? == *is)).collect()
        }
        Some(RowFilter::Above { column: name, above }) => {
            let column = column(name)?;
            rows.map(|row| Ok(number(column, row)? > *above)).collect()
        }
        Some(RowFilter::Targets { targets: TargetCondition::Present }) => Ok(rows.map(present).collect()),
        Some(RowFilter::Targets { targets: TargetCondition::NotNegative }) => rows
            .map(|row| Ok(targets.iter().map(|&target| number(target, row)).sum::<Result<f64, _>>()? >= 0.0))
            .collect(),
        Some(RowFilter::Last { last, of }) => {
            let group = column(of)?;
            let mut groups = std::collections::BTreeMap::<&str, Vec<(i64, usize)>>::new();
            for row in rows.filter(|&row| present(row)) {
                let id = ids[0].get(row);
                let time = id.rsplit('_').next().and_then(|time| time.parse().ok());
                let time = time.ok_or_else(|| AnswersError::Malformed {
                    column: ids[0].name().to_owned(),
                    line: answers.line(row),
                    reason: "expected an id that ends in an underscore and a whole number".to_owned(),
                })?;
                groups.entry(group.get(row)).or_default().push((time, row));
            }
            let mut kept = vec![false; answers.rows()];
            for rows in groups.values_mut() {
                rows.sort_unstable();
                rows.iter().rev().take(*last).for_each(|&(_, row)| kept[row] = true);
            }
            Ok(kept)
        }
    }
}
