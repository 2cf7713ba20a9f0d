//! Metrics on texts, and on sequences of numbers, items and characters in a cell.

use std::collections::BTreeSet;

use crate::answers::{AnswerSheet, AnswersError};
use crate::masks::{self, Mask};
use crate::rejection::Rejection;
use crate::scoring::{Scorer, not_empty};
use crate::sheet::{CellError, Sheet};
use crate::spans::{self, Malformed};
use crate::spec::{BlankCells, Metric, Rules};
use crate::{columns, permutations, sequences, sets};

#[derive(Debug)]
enum Truth {
    Texts(Vec<String>),
    Words(Vec<BTreeSet<String>>),
    Numbers(Vec<Vec<i64>>),
    Items(Vec<Vec<String>>),
    Positions(Vec<Mask>),
}

/// What each row's cell really holds.
#[derive(Debug)]
pub(crate) struct Sequences {
    metric: Metric,
    truth: Truth,
    /// Whether an empty cell is an error.
    filled: bool,
}

impl Sequences {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let target = answers.targets[0];
        let truth = match &metric {
            Metric::JaccardWords { .. } => {
                Truth::Words(answers.read(target, "", |text| Ok(sets::lowercase_words(text)))?)
            }
            Metric::TokenErrorRate | Metric::MeanRowSpearman { .. } => {
                Truth::Numbers(answers.read(target, "", whole_numbers)?)
            }
            Metric::KendallTau => Truth::Items(answers.read(target, "", |text| Ok(items(text)))?),
            Metric::CharSpanMicroF1 { .. } => {
                Truth::Positions(answers.read(target, "", |text| positions(text, Malformed::Skipped))?)
            }
            _ => Truth::Texts(answers.read(target, "", |text| Ok(text.to_owned()))?),
        };
        Ok(Self { metric, truth, filled: rules.submission.blank == BlankCells::Rejected })
    }

    fn check<'a>(&self, text: &'a str) -> Result<&'a str, CellError> {
        if self.filled { not_empty(text) } else { Ok(text) }
    }
}

impl Scorer for Sequences {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let target = sheet.targets[0];
        match &self.truth {
            Truth::Texts(truth) => {
                let predicted = sheet.read(target, "a text", "", |text| self.check(text))?;
                let truth: Vec<&str> = truth.iter().map(String::as_str).collect();
                Ok(sequences::mean_levenshtein(&truth, &predicted))
            }
            Truth::Words(truth) => {
                let both_empty = match &self.metric {
                    Metric::JaccardWords { both_empty } => *both_empty,
                    _ => sets::BothEmpty::One,
                };
                let words = |text| Ok(sets::lowercase_words(self.check(text)?));
                let predicted = sheet.read(target, "a text", BTreeSet::new(), words)?;
                Ok(sets::mean_jaccard(truth, &predicted, both_empty))
            }
            Truth::Numbers(truth) => {
                let numbers = |text| whole_numbers(self.check(text)?);
                let predicted = sheet.read(target, "whole numbers separated by blanks", Vec::new(), numbers)?;
                match self.metric {
                    Metric::MeanRowSpearman { permutations } => row_spearman(truth, &predicted, permutations, sheet),
                    _ => Ok(sequences::token_error_rate(truth, &predicted)),
                }
            }
            Truth::Items(truth) => {
                let listed = |text| Ok(items(self.check(text)?));
                let predicted = sheet.read(target, "items separated by blanks", Vec::new(), listed)?;
                let same_items = |slot: usize| {
                    let set = |items: &[String]| items.iter().cloned().collect::<BTreeSet<_>>();
                    set(&truth[slot]) == set(&predicted[slot])
                };
                sheet.check_slots(
                    |slot| !same_items(slot),
                    |rows| Rejection::Malformed {
                        column: target.name().to_owned(),
                        reason: "the items are not those to be ordered; each must be there".to_owned(),
                        rows,
                    },
                )?;
                let lengths: Vec<usize> = truth.iter().map(Vec::len).collect();
                let places: Option<Vec<Vec<usize>>> = truth
                    .iter()
                    .zip(&predicted)
                    .map(|(truth, order)| permutations::true_places(truth, order))
                    .collect();
                // Where no notebook has two items there is nothing to get wrong.
                Ok(places.map(|places| permutations::kendall_tau(&lengths, &places).unwrap_or(1.0)))
            }
            Truth::Positions(truth) => {
                let malformed = match self.metric {
                    Metric::CharSpanMicroF1 { malformed } => malformed,
                    _ => Malformed::Rejected,
                };
                let read = |text| positions(text, malformed);
                let predicted = sheet.read(target, "spans", Mask::default(), read)?;
                // Nothing to mark and nothing marked is all right.
                Ok(masks::micro_dice(truth, &predicted).or(Some(1.0)))
            }
        }
    }
}

fn items(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn whole_numbers(text: &str) -> Result<Vec<i64>, CellError> {
    let number = |(place, token): (usize, &str)| {
        token.parse().map_err(|_| {
            CellError::Malformed(format!(
                "token {} is not a whole number; expected whole numbers separated by blanks",
                place + 1
            ))
        })
    };
    text.split_whitespace().enumerate().map(number).collect()
}

/// The mean over the rows of the correlation of lists of the same length.
fn row_spearman(
    truth: &[Vec<i64>],
    predicted: &[Vec<i64>],
    permutations: bool,
    sheet: &Sheet<'_>,
) -> Result<Option<f64>, Rejection> {
    let malformed = |reason: &str| {
        let (column, reason) = (sheet.targets[0].name().to_owned(), reason.to_owned());
        move |rows| Rejection::Malformed { column, reason, rows }
    };
    let length = |slot: usize| truth[slot].len() != predicted[slot].len();
    sheet.check_slots(length, malformed("the list has another number of items than asked for"))?;
    if permutations {
        let sorted = |list: &[i64]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        let other = |slot: usize| sorted(&truth[slot]) != sorted(&predicted[slot]);
        sheet.check_slots(other, malformed("the list is no permutation of the numbers asked for, each once"))?;
    }
    let numbers = |lists: &[Vec<i64>]| -> Vec<Vec<f64>> {
        lists.iter().map(|list| list.iter().map(|&item| item as f64).collect()).collect()
    };
    Ok(columns::mean_column_spearman(&numbers(truth), &numbers(predicted), columns::UndefinedColumn::Propagates))
}

/// The character positions of a cell: spans, or a Python list of texts with spans.
fn positions(text: &str, malformed: Malformed) -> Result<Mask, CellError> {
    let read =
        |segment: &str| spans::parse(segment, malformed).map_err(|error| CellError::Malformed(error.to_string()));
    match spans::list_items(text) {
        None => read(text),
        Some(segments) => {
            let masks = segments.iter().map(|segment| read(segment)).collect::<Result<Vec<_>, _>>()?;
            Ok(Mask::from_runs(masks.iter().flat_map(|mask| mask.runs().iter().map(|run| (run.0, run.1 - run.0)))))
        }
    }
}
