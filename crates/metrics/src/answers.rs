//! The answers of a competition, parsed into what its metric compares with.

use std::collections::{BTreeSet, HashMap};

use crate::number;
use crate::predictions::{self, Domain};
use crate::rejection::{CellProblem, excerpt};
use crate::spec::{Average, Metric};
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
    /// The id column and the target columns are not different columns.
    #[error("the submission format names the column `{column}` twice")]
    RepeatedColumn {
        /// The column.
        column: String,
    },
    /// The metric takes another number of target columns.
    #[error("the metric {metric} takes {expected}, but the submission format has {found}")]
    TargetCount {
        /// The metric's name.
        metric: &'static str,
        /// What it takes, in words.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A column of the format is not in the answers.
    #[error("the answers lack the column `{column}`; they must have the columns of a submission")]
    MissingColumn {
        /// The column.
        column: String,
    },
    /// A column of the answers is not in the format.
    #[error("the answers have the column `{column}`, which a submission does not; they must have the same columns")]
    SurplusColumn {
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
        expected: &'static str,
    },
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
}

/// The true values in the form that the metric compares with.
#[derive(Debug)]
pub(crate) enum Truth {
    /// Numbers, and what a prediction may be.
    Numbers { values: Vec<f64>, domain: Domain },
    /// Labels 0 and 1, predicted by a number.
    Scores { positive: Vec<bool>, domain: Domain },
    /// Labels 0 and 1, predicted by labels.
    Binary { positive: Vec<bool> },
    /// Classes by number, and the numbers of their labels.
    Labels { classes: Vec<u32>, labels: Labels },
    /// Whole numbers, and their range.
    Ordinal { values: Vec<i64>, low: i64, high: i64 },
    /// The class of each row, as the number of its column.
    OneHot { classes: Vec<u32> },
}

impl Truth {
    /// Reads the target columns (at least one) as `metric` wants them.
    pub(crate) fn new(metric: &Metric, targets: &[Column<'_>], answers: &Table) -> Result<Self, AnswersError> {
        let name = metric.name();
        let undefined = |reason| Err(AnswersError::Undefined { metric: name, reason });
        if matches!(metric, Metric::MulticlassLogLoss { .. }) {
            return match targets {
                [] | [_] => Err(AnswersError::TargetCount {
                    metric: name,
                    expected: "one target column per class, so two or more",
                    found: targets.len(),
                }),
                _ => Ok(Self::OneHot { classes: one_hot(targets, answers)? }),
            };
        }
        let &[target] = targets else {
            let expected = "one target column";
            return Err(AnswersError::TargetCount { metric: name, expected, found: targets.len() });
        };
        let binary = || read(target, answers, predictions::BINARY, predictions::parse_binary);
        let numbers = |domain: Domain| read(target, answers, domain.expected(), |text| domain.parse(text));
        match metric {
            Metric::RocAuc => {
                let positive = binary()?;
                if is_constant(&positive) {
                    return undefined("all rows have the same label");
                }
                Ok(Self::Scores { positive, domain: Domain::Finite })
            }
            Metric::LogLoss { .. } => Ok(Self::Scores { positive: binary()?, domain: Domain::Probability }),
            Metric::F1 { average: Average::Binary } => {
                let positive = binary()?;
                if !positive.contains(&true) {
                    return undefined("no row has the label 1");
                }
                Ok(Self::Binary { positive })
            }
            Metric::Accuracy | Metric::BalancedAccuracy | Metric::F1 { .. } | Metric::Mcc => {
                let (classes, labels) = Labels::read(target, answers)?;
                if *metric == Metric::Mcc && is_constant(&classes) {
                    return undefined("all rows have the same label");
                }
                Ok(Self::Labels { classes, labels })
            }
            Metric::QuadraticWeightedKappa { .. } => ordinal(name, target, answers),
            Metric::Rmsle { .. } => {
                let domain = Domain::AboveMinusOne;
                Ok(Self::Numbers { values: numbers(domain)?, domain })
            }
            Metric::R2 | Metric::Pearson | Metric::Spearman => {
                let domain = Domain::Finite;
                let values = numbers(domain)?;
                if is_constant(&values) {
                    return undefined("all rows have the same value");
                }
                Ok(Self::Numbers { values, domain })
            }
            _ => {
                let domain = Domain::Finite;
                Ok(Self::Numbers { values: numbers(domain)?, domain })
            }
        }
    }
}

/// Labels by number. If every label of the answers is a number, labels are compared as numbers, else as text.
#[derive(Debug)]
pub(crate) struct Labels {
    numeric: bool,
    numbers: HashMap<Box<str>, u32>,
}

impl Labels {
    fn read(target: Column<'_>, answers: &Table) -> Result<(Vec<u32>, Self), AnswersError> {
        let numeric = target.iter().all(|text| number::parse(text).is_ok());
        let mut labels = Self { numeric, numbers: HashMap::new() };
        let mut key = String::new();
        let mut sorted = BTreeSet::<Box<str>>::new();
        read(target, answers, labels.expected(), |text| {
            // A prediction may be blank, which is then a wrong label; an answer that is, is a hole in the data.
            if text.trim_matches([' ', '\t']).is_empty() {
                return Err(CellProblem::Blank);
            }
            let label = labels.key(text, &mut key)?;
            if !sorted.contains(label) {
                sorted.insert(label.into());
            }
            Ok(())
        })?;
        // Numbered in sorted order, so that sums over classes do not depend on the order of the rows.
        labels.numbers = sorted.into_iter().zip(0..).collect();
        let classes =
            target.iter().filter_map(|text| labels.numbers.get(labels.key(text, &mut key).ok()?).copied()).collect();
        Ok((classes, labels))
    }

    pub(crate) fn expected(&self) -> &'static str {
        if self.numeric { "a label, which is a number here" } else { "a label" }
    }

    /// A reader of predicted labels; those that the answers lack get numbers of their own.
    pub(crate) fn reader(&self) -> impl FnMut(&str) -> Result<u32, CellProblem> + '_ {
        let mut key = String::new();
        let mut unknown = HashMap::<Box<str>, u32>::new();
        move |text| {
            let label = self.key(text, &mut key)?;
            if let Some(&class) = self.numbers.get(label).or_else(|| unknown.get(label)) {
                return Ok(class);
            }
            let class = (self.numbers.len() + unknown.len()) as u32;
            unknown.insert(label.into(), class);
            Ok(class)
        }
    }

    /// The text that stands for a label; `scratch` may hold it.
    fn key<'a>(&self, text: &'a str, scratch: &'a mut String) -> Result<&'a str, CellProblem> {
        if self.numeric {
            number::write_canonical(text, scratch)?;
            Ok(scratch)
        } else {
            Ok(text)
        }
    }
}

fn is_constant<T: PartialEq>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

fn read<T>(
    column: Column<'_>,
    answers: &Table,
    expected: &'static str,
    mut parse: impl FnMut(&str) -> Result<T, CellProblem>,
) -> Result<Vec<T>, AnswersError> {
    column
        .iter()
        .enumerate()
        .map(|(row, text)| {
            parse(text).map_err(|problem| AnswersError::Cell {
                column: column.name().to_owned(),
                line: answers.line(row),
                text: excerpt(text),
                problem,
                expected,
            })
        })
        .collect()
}

fn ordinal(metric: &'static str, target: Column<'_>, answers: &Table) -> Result<Truth, AnswersError> {
    /// Keeps the sums of squares of four billion rows inside 128 bits.
    const WIDEST: i64 = 1 << 31;
    let values = read(target, answers, predictions::WHOLE, predictions::parse_whole)?;
    let low = values.iter().copied().min().unwrap_or(0);
    let high = values.iter().copied().max().unwrap_or(0);
    if low == high {
        return Err(AnswersError::Undefined { metric, reason: "all rows have the same label" });
    }
    if high - low > WIDEST {
        return Err(AnswersError::Undefined { metric, reason: "the labels are more than 2147483648 apart" });
    }
    Ok(Truth::Ordinal { values, low, high })
}

fn one_hot(targets: &[Column<'_>], answers: &Table) -> Result<Vec<u32>, AnswersError> {
    let mut classes = vec![0_u32; answers.rows()];
    let mut ones = vec![0_usize; answers.rows()];
    for (class, &target) in (0_u32..).zip(targets) {
        let column = read(target, answers, predictions::BINARY, predictions::parse_binary)?;
        for row in (0..answers.rows()).filter(|&row| column[row]) {
            classes[row] = class;
            ones[row] += 1;
        }
    }
    match ones.iter().position(|&ones| ones != 1) {
        Some(row) => Err(AnswersError::NotOneClass { line: answers.line(row), ones: ones[row] }),
        None => Ok(classes),
    }
}
