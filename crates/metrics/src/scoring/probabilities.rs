//! Metrics on one predicted probability a class.

use crate::answers::{AnswerSheet, AnswersError};
use crate::cross_entropy::{self, RowRule};
use crate::numeric::Domain;
use crate::rejection::Rejection;
use crate::scoring::{Scorer, by_row};
use crate::sheet::{self, Sheet};
use crate::spec::{BlankCells, Metric, RowScaling, RowSum, Rules};

#[derive(Debug)]
enum Truth {
    /// The class of each row.
    Classes(Vec<u32>),
    /// Whether each row is of the second of two classes.
    Second(Vec<bool>),
    /// The share of each class, row by row.
    Shares(Vec<f64>),
}

/// The true class of each row, or the share of each class in it.
#[derive(Debug)]
pub(crate) struct Probabilities {
    metric: Metric,
    truth: Truth,
    domain: Domain,
    row_sum: Option<RowSum>,
}

impl Probabilities {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let truth = match &metric {
            Metric::BalancedLogLoss { .. } => {
                let second = |text: &str| Ok(sheet::parse_binary(text)?);
                Truth::Second(answers.read(answers.targets[0], sheet::BINARY, second)?)
            }
            Metric::KlDivergence { .. } => {
                let share = Domain::at_least(0.0);
                let read = |&target: &_| answers.read_each(target, share.expected(), |text| share.parse(text));
                Truth::Shares(by_row(&answers.targets.iter().map(read).collect::<Result<Vec<_>, _>>()?))
            }
            _ => Truth::Classes(one_hot(answers)?),
        };
        let blank = (rules.submission.blank == BlankCells::Skipped).then_some(f64::NAN);
        let domain = rules.submission.limits.map_or(Domain::PROBABILITY, Domain::from).with_blank(blank);
        Ok(Self { metric, truth, domain, row_sum: rules.submission.row_sum })
    }
}

impl Scorer for Probabilities {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let classes = sheet.targets.len();
        let read = |&target: &_| sheet.read_each(target, self.domain.expected(), 0.0, |text| self.domain.parse(text));
        let matrix = by_row(&sheet.targets.iter().map(read).collect::<Result<Vec<_>, _>>()?);
        let sum = |slot: usize| matrix[slot * classes..(slot + 1) * classes].iter().sum::<f64>();
        if let Some(RowSum { is, within }) = self.row_sum {
            let is_off = |slot| (sum(slot) - is).abs() > within;
            sheet.check_slots(is_off, |rows| Rejection::RowSum { is, within, rows })?;
        }
        if let Metric::MulticlassLogLoss { rows: RowScaling::Strict, .. } = self.metric {
            sheet.check_slots(|slot| sum(slot) <= 0.0, |rows| Rejection::ZeroProbabilities { rows })?;
        }
        Ok(match (&self.metric, &self.truth) {
            (Metric::BalancedLogLoss { eps }, Truth::Second(second)) => {
                let pairs: Vec<[f64; 2]> = matrix.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
                cross_entropy::balanced_log_loss(second, &pairs, *eps)
            }
            (Metric::KlDivergence { eps }, Truth::Shares(shares)) => {
                cross_entropy::kl_divergence(shares, &matrix, classes, *eps)
            }
            (Metric::MulticlassLogLoss { eps, rows }, Truth::Classes(truth)) => {
                let rule = match rows {
                    RowScaling::Strict | RowScaling::ScaleThenClip => RowRule::ScaleThenClip(*eps),
                    RowScaling::ClipThenScale => RowRule::ClipThenScale(*eps),
                    RowScaling::ClipScaleClip => RowRule::ClipScaleClip(*eps, f64::EPSILON),
                    RowScaling::Clip => RowRule::Clip(*eps),
                };
                cross_entropy::ruled_log_loss(truth, &matrix, classes, rule)
            }
            _ => None,
        })
    }
}

/// The class of each row, as the place of the column that is 1.
fn one_hot(answers: &AnswerSheet<'_>) -> Result<Vec<u32>, AnswersError> {
    let mut classes = vec![0_u32; answers.scored];
    let mut ones = vec![0_usize; answers.scored];
    for (class, &target) in (0_u32..).zip(&answers.targets) {
        let column = answers.read(target, sheet::BINARY, |text| Ok(sheet::parse_binary(text)?))?;
        for row in (0..answers.scored).filter(|&row| column[row]) {
            classes[row] = class;
            ones[row] += 1;
        }
    }
    match ones.iter().position(|&ones| ones != 1) {
        Some(slot) => {
            let row = answers.slots.iter().position(|&other| other as usize == slot).unwrap_or(0);
            Err(AnswersError::NotOneClass { line: answers.table.line(row), ones: ones[slot] })
        }
        None => Ok(classes),
    }
}
