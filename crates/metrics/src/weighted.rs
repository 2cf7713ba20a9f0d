//! Absolute errors whose rows do not count alike: by weight, or by group.

use crate::sum::{self, Sum};

/// What a weighted mean is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Divisor {
    /// The sum of the weights.
    WeightSum,
    /// The number of rows.
    RowCount,
}

/// Weighted mean absolute error: `Σ wᵢ·|ŷᵢ − yᵢ|` divided by the weights' sum, or by the number of rows.
///
/// At least 0, smaller is better. Weights must not be negative. `None` for no rows, or if the divisor is 0.
/// As `sklearn.metrics.mean_absolute_error(sample_weight=…)` for [`Divisor::WeightSum`]; the other divisor is that of
/// Kaggle's Winton Stock Market Challenge.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::weighted::{Divisor, weighted_mae};
/// let (truth, predicted, weights) = ([0.0, 0.0], [1.0, 3.0], [5.0, 1.0]);
/// assert_eq!(weighted_mae(&truth, &predicted, &weights, Divisor::RowCount), Some(4.0));
/// assert_eq!(weighted_mae(&truth, &predicted, &weights, Divisor::WeightSum), Some(8.0 / 6.0));
/// ```
#[must_use]
pub fn weighted_mae(truth: &[f64], predicted: &[f64], weights: &[f64], divisor: Divisor) -> Option<f64> {
    assert_eq!((truth.len(), truth.len()), (predicted.len(), weights.len()), "one prediction and weight a row");
    let total: Sum = truth
        .iter()
        .zip(predicted)
        .zip(weights)
        .map(|((truth, predicted), weight)| weight * (predicted - truth).abs())
        .collect();
    let divisor = match divisor {
        Divisor::WeightSum => weights.iter().copied().collect::<Sum>().total(),
        Divisor::RowCount => truth.len() as f64,
    };
    (divisor > 0.0).then(|| total.total() / divisor)
}

/// Mean over groups of the logarithm of the group's mean absolute error.
///
/// `1/G · Σ_g ln max(MAE_g, floor)`, no lower bound but ln floor, smaller is better; groups count alike, whatever
/// their size. Shapes: one group a row. Source: Kaggle's definition for Predicting Molecular Properties (floor 1e-9).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::weighted::mean_group_log_mae;
/// let score = mean_group_log_mae(&[0.0, 0.0, 0.0], &[1.0, 1.0, 5.0], &["a", "a", "b"], 1e-9).unwrap();
/// assert!((score - 5.0_f64.ln() / 2.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn mean_group_log_mae<G: Ord>(truth: &[f64], predicted: &[f64], groups: &[G], floor: f64) -> Option<f64> {
    assert_eq!((truth.len(), truth.len()), (predicted.len(), groups.len()), "one prediction and group a row");
    let mut errors = std::collections::BTreeMap::<&G, Vec<f64>>::new();
    for ((truth, predicted), group) in truth.iter().zip(predicted).zip(groups) {
        errors.entry(group).or_default().push((predicted - truth).abs());
    }
    let logs: Option<Vec<f64>> = errors
        .values()
        .map(|errors| sum::mean(errors.iter().copied(), errors.len()).map(|mean| mean.max(floor).ln()))
        .collect();
    logs.and_then(|logs| sum::mean(logs.iter().copied(), logs.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_weight_and_no_rows_are_undefined() {
        assert_eq!(weighted_mae(&[1.0], &[2.0], &[0.0], Divisor::WeightSum), None);
        assert_eq!(weighted_mae(&[], &[], &[], Divisor::RowCount), None);
        assert_eq!(mean_group_log_mae::<u8>(&[], &[], &[], 1e-9), None);
    }

    #[test]
    fn a_perfect_group_scores_the_floor() {
        let score = mean_group_log_mae(&[1.0, 2.0], &[1.0, 3.0], &[1, 2], 1e-9).expect("defined");
        assert!((score - 1e-9_f64.ln() / 2.0).abs() < 1e-14);
    }
}
