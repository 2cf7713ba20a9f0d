//! Metrics on scores of rows that are positive or not: rankings, and probabilities of the positive class.

use crate::answers::{AnswerSheet, AnswersError};
use crate::columns::UndefinedColumn;
use crate::numeric::Domain;
use crate::rejection::{CellProblem, Rejection};
use crate::scoring::{Scorer, by_row, is_constant, undefined_on_answers};
use crate::sheet::{self, CellError, Sheet};
use crate::spec::{BlankCells, GiniForm, Metric, Rules};
use crate::{columns, cross_entropy, curve, gini, number, precision, ranking, sum};

/// Whether each row is positive, a list a target column.
#[derive(Debug)]
pub(crate) struct Scores {
    metric: Metric,
    positive: Vec<Vec<bool>>,
    domain: Domain,
    /// Whether each row belongs to a group, a list a group.
    groups: Vec<Vec<bool>>,
    /// Whether the score is 0 whatever is predicted.
    void: bool,
}

impl Scores {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let threshold = match &metric {
            Metric::BiasWeightedAuc { threshold, .. } => Some(*threshold),
            _ => None,
        };
        let positive = |text: &str| match threshold {
            Some(threshold) => Ok(Domain::ANY.parse(text)? >= threshold),
            None => Ok(sheet::parse_binary(text)?),
        };
        let expected = if threshold.is_some() { "a finite number" } else { sheet::BINARY };
        let read = |&target: &_| answers.read_each(target, expected, positive);
        let positive = answers.targets.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let groups = match &metric {
            Metric::BiasWeightedAuc { identities, threshold, .. } => identities
                .iter()
                .filter_map(|name| answers.table.column(name))
                .map(|column| answers.read_each(column, "a number or nothing", |text| is_member(text, *threshold)))
                .collect::<Result<Vec<_>, _>>()?,
            _ => Vec::new(),
        };
        let one_class = positive.iter().any(|column| is_constant(column));
        // A single class leaves nothing to rank. The Gini coefficient of such answers is 0.
        let void = one_class && matches!(metric, Metric::Gini { form: GiniForm::Auc });
        let ranks = match &metric {
            Metric::RocAuc | Metric::Gini { .. } | Metric::WeightedRocAuc { .. } => true,
            Metric::MeanColumnRocAuc { undefined, .. } => *undefined == UndefinedColumn::Propagates,
            _ => false,
        };
        if one_class && ranks && !void {
            return Err(undefined_on_answers(&metric, "all rows have the same label"));
        }
        let natural = if matches!(metric, Metric::LogLoss { .. }) { Domain::PROBABILITY } else { Domain::ANY };
        let blank = match rules.submission.blank {
            BlankCells::Lowest => Some(f64::NEG_INFINITY),
            BlankCells::Highest => Some(f64::INFINITY),
            _ => None,
        };
        let domain = rules.submission.limits.map_or(natural, Domain::from).with_blank(blank);
        Ok(Self { metric, positive, domain, groups, void })
    }
}

/// Whether a row belongs to a group; where that is not known, it does not.
fn is_member(text: &str, threshold: f64) -> Result<bool, CellError> {
    match number::parse(text) {
        Ok(value) => Ok(value >= threshold),
        Err(number::NotNumber::Blank) => Ok(false),
        Err(reason) => Err(CellProblem::from(reason).into()),
    }
}

impl Scorer for Scores {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let read = |&target: &_| sheet.read_each(target, self.domain.expected(), 0.0, |text| self.domain.parse(text));
        if let Metric::MeanColumnRocAuc { unreadable: Some(instead), .. } = self.metric {
            let areas = sheet.targets.iter().zip(&self.positive).map(|(target, truth)| match read(target) {
                Ok(scores) => ranking::roc_auc(truth, &scores),
                Err(_) => Some(instead),
            });
            let areas: Option<Vec<f64>> = areas.collect();
            return Ok(areas.and_then(|areas| sum::mean(areas.iter().copied(), areas.len())));
        }
        let predicted = sheet.targets.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if self.void {
            return Ok(Some(0.0));
        }
        let (truth, scores) = (&self.positive[0], &predicted[0]);
        Ok(match &self.metric {
            Metric::Gini { form } => gini::gini_of_auc(truth, scores).map(|value| match form {
                GiniForm::Auc => value,
                GiniForm::Area => {
                    let share = truth.iter().filter(|&&positive| positive).count() as f64 / truth.len() as f64;
                    value * (1.0 - share) / 2.0
                }
            }),
            Metric::WeightedRocAuc { bands, area } => curve::banded_roc_auc(truth, scores, bands, *area),
            Metric::BiasWeightedAuc { weight, power, .. } => {
                curve::bias_weighted_auc(truth, scores, &self.groups, *weight, *power)
            }
            Metric::LogLoss { eps, clip } => cross_entropy::clipped_log_loss(truth, scores, *eps, *clip),
            Metric::MeanColumnRocAuc { undefined, zeros, .. } => {
                let mean = columns::mean_column_roc_auc(&self.positive, &predicted, *undefined);
                let columns = predicted.len() as f64;
                mean.map(|mean| if *zeros == 0 { mean } else { mean * columns / (columns + *zeros as f64) })
            }
            Metric::MeanAveragePrecision => {
                let no_positive = UndefinedColumn::Counts(0.0);
                columns::mean_over_columns(&self.positive, &predicted, no_positive, precision::average_precision)
            }
            Metric::Lwlrap => precision::lwlrap(&by_row(&self.positive), &by_row(&predicted), predicted.len()),
            _ => ranking::roc_auc(truth, scores),
        })
    }
}
