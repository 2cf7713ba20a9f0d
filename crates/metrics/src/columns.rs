//! Formulas on several target columns: the mean of one formula over them.

use crate::{correlation, ranking, regression, sum};

/// What a column counts whose formula is undefined, as a correlation with a constant is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndefinedColumn {
    /// It makes the mean undefined.
    Propagates,
    /// It counts as this value.
    Counts(f64),
}

/// The mean of `formula` over the columns: `1/C · Σ_c formula(truth_c, predicted_c)`.
///
/// Shapes: as many predicted columns as true ones, each of one number a row. `None` for no columns, or if a column is
/// undefined and that propagates.
///
/// # Panics
/// If the numbers of columns differ; if those of rows do, the formula panics.
///
/// ```
/// use mledojo_metrics::{columns::{UndefinedColumn, mean_over_columns}, regression::mae};
/// let (truth, predicted) = ([vec![1.0, 2.0], vec![0.0, 0.0]], [vec![1.0, 2.0], vec![3.0, 1.0]]);
/// assert_eq!(mean_over_columns(&truth, &predicted, UndefinedColumn::Propagates, mae), Some(1.0));
/// ```
#[must_use]
pub fn mean_over_columns<T, P: AsRef<[f64]>>(
    truth: &[Vec<T>],
    predicted: &[P],
    undefined: UndefinedColumn,
    formula: impl Fn(&[T], &[f64]) -> Option<f64>,
) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted column a true column");
    let scores = truth.iter().zip(predicted).map(|(truth, predicted)| {
        formula(truth, predicted.as_ref()).or(match undefined {
            UndefinedColumn::Propagates => None,
            UndefinedColumn::Counts(value) => Some(value),
        })
    });
    let scores: Vec<f64> = scores.collect::<Option<_>>()?;
    sum::mean(scores.iter().copied(), scores.len())
}

/// MCRMSE: the mean over the columns of the root mean squared error. At least 0, smaller is better.
///
/// Source: Kaggle's definition, as for the Africa Soil Property Prediction Challenge; each column as [`regression::rmse`].
///
/// ```
/// use mledojo_metrics::columns::mean_column_rmse;
/// assert_eq!(mean_column_rmse(&[vec![0.0], vec![0.0]], &[vec![1.0], vec![3.0]]), Some(2.0));
/// ```
#[must_use]
pub fn mean_column_rmse<P: AsRef<[f64]>>(truth: &[Vec<f64>], predicted: &[P]) -> Option<f64> {
    mean_over_columns(truth, predicted, UndefinedColumn::Propagates, regression::rmse)
}

/// The mean over the columns of the root mean squared logarithmic error (also written MCRMSLE). At least 0, smaller
/// is better.
///
/// Source: Kaggle's definition, as for Nomad2018; each column as [`regression::rmsle_with`], with the same rule.
///
/// ```
/// use mledojo_metrics::{columns::mean_column_rmsle, regression::LogDomain};
/// let one = std::f64::consts::E - 1.0;
/// let score = mean_column_rmsle(&[vec![0.0], vec![0.0]], &[vec![one], vec![0.0]], LogDomain::Strict);
/// assert_eq!(score, Some(0.5));
/// ```
#[must_use]
pub fn mean_column_rmsle<P: AsRef<[f64]>>(
    truth: &[Vec<f64>],
    predicted: &[P],
    domain: regression::LogDomain,
) -> Option<f64> {
    mean_over_columns(truth, predicted, UndefinedColumn::Propagates, |truth, predicted| {
        regression::rmsle_with(truth, predicted, domain)
    })
}

/// The mean over the columns of the area under the ROC curve. In [0, 1], larger is better.
///
/// As `sklearn.metrics.roc_auc_score(average="macro")` on several labels.
///
/// ```
/// use mledojo_metrics::columns::{UndefinedColumn, mean_column_roc_auc};
/// let truth = [vec![true, false], vec![true, true]];
/// let scores = [vec![0.9, 0.1], vec![0.5, 0.5]];
/// assert_eq!(mean_column_roc_auc(&truth, &scores, UndefinedColumn::Propagates), None);
/// assert_eq!(mean_column_roc_auc(&truth, &scores, UndefinedColumn::Counts(0.5)), Some(0.75));
/// ```
#[must_use]
pub fn mean_column_roc_auc<P: AsRef<[f64]>>(
    truth: &[Vec<bool>],
    scores: &[P],
    undefined: UndefinedColumn,
) -> Option<f64> {
    mean_over_columns(truth, scores, undefined, ranking::roc_auc)
}

/// The mean over the columns of Spearman's rank correlation. In [−1, 1], larger is better.
///
/// Source: Kaggle's definition for Google QUEST Q&A Labeling; each column as `scipy.stats.spearmanr`. The same formula
/// with rows for columns is the mean over the rows, as for lists of ranks.
///
/// ```
/// use mledojo_metrics::columns::{UndefinedColumn, mean_column_spearman};
/// let truth = [vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]];
/// let predicted = [vec![1.0, 2.0, 3.0], vec![7.0, 7.0, 7.0]];
/// assert_eq!(mean_column_spearman(&truth, &predicted, UndefinedColumn::Counts(0.0)), Some(0.5));
/// ```
#[must_use]
pub fn mean_column_spearman<P: AsRef<[f64]>>(
    truth: &[Vec<f64>],
    predicted: &[P],
    undefined: UndefinedColumn,
) -> Option<f64> {
    mean_over_columns(truth, predicted, undefined, correlation::spearman)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_columns_have_no_score() {
        assert_eq!(mean_column_rmse::<Vec<f64>>(&[], &[]), None);
    }

    #[test]
    #[should_panic(expected = "one predicted column")]
    fn missing_columns_are_a_bug_of_the_caller() {
        let _ = mean_column_rmse(&[vec![1.0]], &[] as &[Vec<f64>]);
    }
}
