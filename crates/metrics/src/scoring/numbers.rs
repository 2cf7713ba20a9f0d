//! Metrics on predicted numbers.

use crate::answers::{AnswerSheet, AnswersError};
use crate::numeric::Domain;
use crate::rejection::Rejection;
use crate::scoring::{Scorer, is_constant, undefined_on_answers};
use crate::sheet::Sheet;
use crate::spec::{BlankCells, Metric, RowWeights, Rules};
use crate::table::Column;
use crate::{columns, correlation, cross_entropy, geometry, gini, number, regression, weighted};

/// True numbers, a list a target column.
#[derive(Debug)]
pub(crate) struct Numbers {
    metric: Metric,
    truth: Vec<Vec<f64>>,
    domain: Domain,
    /// What a row weighs, where rows weigh.
    weights: Vec<f64>,
    /// The group of each row, where there are groups.
    groups: Vec<u32>,
}

impl Numbers {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let natural = match &metric {
            Metric::Rmsle { domain: regression::LogDomain::Strict }
            | Metric::Mcrmsle { domain: regression::LogDomain::Strict } => Domain::above(-1.0),
            _ => Domain::ANY,
        };
        let blank = match rules.submission.blank {
            BlankCells::Skipped => Some(f64::NAN),
            BlankCells::Lowest => Some(f64::NEG_INFINITY),
            BlankCells::Highest => Some(f64::INFINITY),
            _ => None,
        };
        // Answers keep to what the metric is defined on, whatever more a submission must keep to.
        let reads_confidence = matches!(metric, Metric::LaplaceLogLikelihood { .. });
        let truth = answers
            .targets
            .iter()
            .take(if reads_confidence { 1 } else { usize::MAX })
            .map(|&target| answers.read_each(target, natural.expected(), |text| natural.parse(text)))
            .collect::<Result<Vec<_>, _>>()?;
        let undefined = match &metric {
            Metric::R2 | Metric::Pearson | Metric::Spearman | Metric::NormalizedGini { .. }
                if is_constant(&truth[0]) =>
            {
                Some("all rows have the same value")
            }
            Metric::Rmspe if truth[0].iter().all(|&value| value == 0.0) => Some("all rows are 0"),
            Metric::MeanColumnSpearman { undefined: columns::UndefinedColumn::Propagates }
                if truth.iter().any(|column| is_constant(column)) =>
            {
                Some("all rows of a column have the same value")
            }
            _ => None,
        };
        if let Some(reason) = undefined {
            return Err(undefined_on_answers(&metric, reason));
        }
        let weights = match &metric {
            Metric::Wmae { weights, .. } => read_weights(weights, answers)?,
            _ => Vec::new(),
        };
        let groups = match &metric {
            Metric::MeanGroupLogMae { group, .. } => groups(answers.column(group)?, answers)?,
            Metric::HaversineP50P95Mean => groups(answers.ids[0], answers)?,
            _ => Vec::new(),
        };
        let domain = rules.submission.limits.map_or(natural, Domain::from).with_blank(blank);
        Ok(Self { metric, truth, domain, weights, groups })
    }

    /// The rows (of one column) that have a prediction.
    fn present(truth: &[f64], predicted: &[f64]) -> (Vec<f64>, Vec<f64>) {
        truth.iter().zip(predicted).filter(|(_, predicted)| !predicted.is_nan()).unzip()
    }
}

impl Scorer for Numbers {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let read = |(place, &target): (usize, &_)| {
            let domain = match self.metric {
                Metric::LaplaceLogLikelihood { blank_confidence, .. } if place == 1 => {
                    Domain::ANY.with_blank(blank_confidence)
                }
                _ => self.domain,
            };
            sheet.read_each(target, domain.expected(), f64::NAN, |text| domain.parse(text))
        };
        let predicted = sheet.targets.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        let may_lack = predicted.iter().flatten().any(|value| value.is_nan());
        if !may_lack {
            return Ok(self.of(&self.truth, &predicted));
        }
        // Confidences and coordinates are left out together with their row; other columns each by themselves.
        if let Metric::LaplaceLogLikelihood { .. } | Metric::MeanAngularError = self.metric {
            let whole = |row: &usize| predicted.iter().all(|column| !column[*row].is_nan());
            let rows: Vec<usize> = (0..sheet.scored).filter(whole).collect();
            let pick = |columns: &[Vec<f64>]| -> Vec<Vec<f64>> {
                columns.iter().map(|column| rows.iter().map(|&row| column[row]).collect()).collect()
            };
            return Ok(self.of(&pick(&self.truth), &pick(&predicted)));
        }
        let (truth, predicted): (Vec<_>, Vec<_>) =
            self.truth.iter().zip(&predicted).map(|(truth, predicted)| Self::present(truth, predicted)).unzip();
        Ok(self.of(&truth, &predicted))
    }
}

impl Numbers {
    fn of(&self, truth: &[Vec<f64>], predicted: &[Vec<f64>]) -> Option<f64> {
        let single = |formula: fn(&[f64], &[f64]) -> Option<f64>| formula(&truth[0], &predicted[0]);
        match &self.metric {
            Metric::Mse => pooled(truth, predicted, regression::mse),
            Metric::Mae => pooled(truth, predicted, regression::mae),
            Metric::MedianAe => single(regression::median_absolute_error),
            Metric::Rmsle { domain } => {
                pooled(truth, predicted, |truth, predicted| regression::rmsle_with(truth, predicted, *domain))
            }
            Metric::Rmspe => single(regression::rmspe),
            Metric::R2 => single(regression::r2),
            Metric::Mape => single(regression::mape),
            Metric::Smape => single(regression::smape),
            Metric::Pearson => single(correlation::pearson),
            Metric::Spearman => single(correlation::spearman),
            Metric::NormalizedGini { ties } => gini::normalized_gini(&truth[0], &predicted[0], *ties),
            Metric::Wmae { divisor, .. } => weighted::weighted_mae(&truth[0], &predicted[0], &self.weights, *divisor),
            Metric::MeanGroupLogMae { floor, .. } => {
                weighted::mean_group_log_mae(&truth[0], &predicted[0], &self.groups, *floor)
            }
            Metric::Mcrmse => columns::mean_column_rmse(truth, predicted),
            Metric::Mcrmsle { domain } => columns::mean_column_rmsle(truth, predicted, *domain),
            Metric::MeanColumnSpearman { undefined } => columns::mean_column_spearman(truth, predicted, *undefined),
            Metric::LaplaceLogLikelihood { sigma_min, error_max, .. } => {
                cross_entropy::laplace_log_likelihood(&truth[0], &predicted[0], &predicted[1], *sigma_min, *error_max)
            }
            Metric::MeanAngularError => geometry::mean_angular_error(&pairs(truth), &pairs(predicted)),
            Metric::HaversineP50P95Mean => {
                geometry::haversine_p50_p95_mean(&self.groups, &pairs(truth), &pairs(predicted))
            }
            _ => pooled(truth, predicted, regression::rmse),
        }
    }
}

/// A formula on all columns together.
fn pooled(truth: &[Vec<f64>], predicted: &[Vec<f64>], formula: impl Fn(&[f64], &[f64]) -> Option<f64>) -> Option<f64> {
    match (truth, predicted) {
        ([truth], [predicted]) => formula(truth, predicted),
        _ => formula(&truth.concat(), &predicted.concat()),
    }
}

fn pairs(columns: &[Vec<f64>]) -> Vec<(f64, f64)> {
    columns[0].iter().zip(&columns[1]).map(|(&a, &b)| (a, b)).collect()
}

/// The number of each row's group, in the groups' order.
fn groups(column: Column<'_>, answers: &AnswerSheet<'_>) -> Result<Vec<u32>, AnswersError> {
    let names = answers.read(column, "a group", Ok)?;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    Ok(names.iter().map(|name| sorted.partition_point(|other| other < name) as u32).collect())
}

fn read_weights(weights: &RowWeights, answers: &AnswerSheet<'_>) -> Result<Vec<f64>, AnswersError> {
    let domain = Domain::at_least(0.0);
    let numbers = |name: &str| answers.read(answers.column(name)?, domain.expected(), |text| domain.parse(text));
    match weights {
        RowWeights::Column { column } => numbers(column),
        RowWeights::Flag { flag, no, optional: true, .. } if answers.table.column(flag).is_none() => {
            Ok(vec![*no; answers.scored])
        }
        RowWeights::Flag { flag, yes, no, .. } => {
            let weigh = |text: &str| Ok(if number::parse(text)? == 0.0 { *no } else { *yes });
            answers.read(answers.column(flag)?, "True or False", weigh)
        }
        RowWeights::Index { first, last, column, then } => {
            let (near, far) = (numbers(column)?, numbers(then)?);
            let is_near = answers.read(answers.ids[0], "an index after an underscore", |id| {
                let index = id.split_once('_').and_then(|(_, index)| index.parse::<u32>().ok());
                match index.filter(|index| (1..=*last).contains(index)) {
                    Some(index) => Ok(index <= *first),
                    None => Err(crate::rejection::CellProblem::OutOfRange.into()),
                }
            })?;
            Ok((0..answers.scored).map(|row| if is_near[row] { near[row] } else { far[row] }).collect())
        }
    }
}
