//! From cells to a score: one module a family of metrics, each with what it keeps of the answers.

mod boards;
mod boxes;
mod labels;
mod lists;
mod masks;
mod numbers;
mod points;
mod probabilities;
mod scores;
mod tokens;
mod volumes;

use std::fmt;

use crate::answers::{AnswerSheet, AnswersError};
use crate::printed::ColumnType;
use crate::rejection::{CellProblem, Rejection};
use crate::sheet::{CellError, Sheet};
use crate::spec::{Average, IouCells, LabelKind, MaskDistance, Metric, Rules};
use crate::table::Column;

/// The answers in the shape that a metric compares with.
pub(crate) trait Scorer: fmt::Debug + Send + Sync {
    /// The metric's value; `None` if the submission leaves it undefined.
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection>;
}

/// Reads the answers for the rules' metric.
pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Box<dyn Scorer>, AnswersError> {
    use Metric as M;
    Ok(match &rules.metric {
        M::Accuracy
        | M::ExactMatch { .. }
        | M::BalancedAccuracy
        | M::F1 { average: Average::Macro | Average::Micro | Average::Weighted }
        | M::Mcc
        | M::HierarchicalMacroRecall { .. } => Box::new(labels::Labelled::new(rules, answers)?),
        M::TopKError { .. } if !matches!(rules.submission.labels, LabelKind::Text | LabelKind::Printed) => {
            Box::new(labels::Labelled::new(rules, answers)?)
        }
        M::F1 { average: Average::Binary } => Box::new(labels::Binary::new(answers)?),
        M::QuadraticWeightedKappa { .. } => Box::new(labels::Ordinal::new(rules, answers)?),
        M::RocAuc
        | M::Gini { .. }
        | M::WeightedRocAuc { .. }
        | M::BiasWeightedAuc { .. }
        | M::LogLoss { .. }
        | M::MeanColumnRocAuc { .. }
        | M::MeanAveragePrecision
        | M::Lwlrap => Box::new(scores::Scores::new(rules, answers)?),
        M::MulticlassLogLoss { .. } | M::BalancedLogLoss { .. } | M::KlDivergence { .. } => {
            Box::new(probabilities::Probabilities::new(rules, answers)?)
        }
        M::TopKError { .. }
        | M::MapAtK { .. }
        | M::NdcgAtK { .. }
        | M::MeanF1PerRow { .. }
        | M::MicroF1OfSets { .. } => Box::new(lists::Lists::new(rules, answers)?),
        M::JaccardWords { .. }
        | M::LevenshteinMean
        | M::TokenErrorRate
        | M::CharSpanMicroF1 { .. }
        | M::KendallTau
        | M::MeanRowSpearman { .. } => Box::new(tokens::Sequences::new(rules, answers)?),
        M::MapIou { cells: IouCells::Boxes, .. } | M::VocDetectionMap { .. } => {
            Box::new(boxes::Boxes::new(rules, answers)?)
        }
        M::PointInBoxF1 { .. } => Box::new(points::Points::new(rules, answers)?),
        M::DiceHausdorff { distance: MaskDistance::Volumes { .. }, .. } => {
            Box::new(volumes::Volumes::new(rules, answers)?)
        }
        M::Dice { .. } | M::MaskFbeta { .. } | M::InstanceFbeta { .. } | M::MapIou { .. } | M::DiceHausdorff { .. } => {
            Box::new(masks::Masks::new(rules, answers)?)
        }
        M::GameOfLifeError { .. } => Box::new(boards::Boards::new(rules, answers)?),
        M::Python { .. } => return Err(AnswersError::Elsewhere { metric: rules.metric.name() }),
        M::Rmse
        | M::Mse
        | M::Mae
        | M::MedianAe
        | M::Rmsle { .. }
        | M::Rmspe
        | M::R2
        | M::Mape
        | M::Smape
        | M::Pearson
        | M::Spearman
        | M::NormalizedGini { .. }
        | M::Wmae { .. }
        | M::MeanGroupLogMae { .. }
        | M::Mcrmse
        | M::Mcrmsle { .. }
        | M::MeanColumnSpearman { .. }
        | M::LaplaceLogLikelihood { .. }
        | M::MeanAngularError
        | M::HaversineP50P95Mean => Box::new(numbers::Numbers::new(rules, answers)?),
    })
}

/// Whether ties are broken by the order of the ids' text, so that rows must stand in it.
pub(crate) fn needs_order_of_ids(metric: &Metric) -> bool {
    matches!(metric, Metric::NormalizedGini { .. } | Metric::MeanAveragePrecision | Metric::VocDetectionMap { .. })
}

/// What a submission scores that leaves the metric undefined, and why it does.
pub(crate) fn undefined(metric: &Metric) -> (f64, &'static str) {
    match metric {
        Metric::Pearson | Metric::Spearman | Metric::Mcc | Metric::MeanRowSpearman { .. } => {
            (0.0, "the prediction is constant, so the correlation is undefined")
        }
        _ => {
            let (least, most) = metric.range();
            let worst = if metric.direction().is_better(least, most) { most } else { least };
            (worst.clamp(f64::MIN, f64::MAX), "the metric is undefined on this submission")
        }
    }
}

fn is_constant<T: PartialEq>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// A matrix row by row from one column by column.
fn by_row<T: Copy>(columns: &[Vec<T>]) -> Vec<T> {
    let height = columns.first().map_or(0, Vec::len);
    (0..height).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}

/// An error of answers on which the metric has no value, whatever is predicted.
fn undefined_on_answers(metric: &Metric, reason: &'static str) -> AnswersError {
    AnswersError::Undefined { metric: metric.name(), reason }
}

/// Refuses a column of nothing but numbers where each cell is a text with a structure.
fn refuse_numbers<'a>(sheet: &Sheet<'a>, target: Column<'a>) -> Result<(), Rejection> {
    let filled = target.iter().any(|text| !text.is_empty());
    if !filled || !matches!(ColumnType::of(target.iter()), ColumnType::Whole | ColumnType::Real) {
        return Ok(());
    }
    let refuse = |_| Err::<(), _>(CellError::Malformed("nothing but numbers is in this column".to_owned()));
    sheet.read(target, "", (), refuse).map(drop)
}

/// Refuses a cell without a letter; blanks count as letters.
fn not_empty(text: &str) -> Result<&str, CellError> {
    if text.is_empty() { Err(CellProblem::Blank.into()) } else { Ok(text) }
}
