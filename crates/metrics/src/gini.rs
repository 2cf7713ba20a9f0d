//! Gini's coefficient: how far the truth is concentrated among the highest predictions.

use crate::ranking;
use crate::sum::Sum;

/// The order of rows whose predictions are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieOrder {
    /// As the rows stand.
    RowOrder,
    /// From the last row to the first.
    ReverseRowOrder,
}

/// The un-normalised Gini coefficient: the area between the concentration curve and the diagonal.
///
/// With the n true values sorted by descending prediction and Cₖ their running sums,
/// `(Σₖ Cₖ / Σ y − (n + 1)/2) / n`. Larger is better; for labels 0 and 1 of which a share π is positive it lies in
/// [−(1 − π)/2, (1 − π)/2], and 0 is chance. Equal predictions are ordered by `ties`, so their rows' order matters.
/// `None` if the true values sum to 0, or for no rows. Source: Kaggle's definition of the Gini score.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::gini::{TieOrder, gini};
/// assert_eq!(gini(&[1.0, 0.0], &[0.9, 0.1], TieOrder::RowOrder), Some(0.25));
/// assert_eq!(gini(&[1.0, 0.0], &[0.1, 0.9], TieOrder::RowOrder), Some(-0.25));
/// ```
#[must_use]
pub fn gini(truth: &[f64], predicted: &[f64], ties: TieOrder) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    if ties == TieOrder::ReverseRowOrder {
        order.reverse();
    }
    order.sort_by(|&a, &b| (predicted[b] + 0.0).total_cmp(&(predicted[a] + 0.0)));
    let total = truth.iter().copied().collect::<Sum>().total();
    if total == 0.0 {
        return None;
    }
    let n = truth.len() as f64;
    // Σₖ Cₖ counts the k-th value once for itself and once for each later row.
    let area: Sum = order.iter().enumerate().map(|(rank, &row)| truth[row] * (n - rank as f64)).collect();
    Some((area.total() / total - n.midpoint(1.0)) / n)
}

/// The normalised Gini coefficient: [`gini`] of the prediction, divided by that of the truth itself.
///
/// At most 1 for true values of one sign, larger is better, 0 is chance. Without tied predictions and with labels 0
/// and 1 this is `2·AUC − 1`. `None` if the truth is constant, or sums to 0.
/// Source: Kaggle's definition, as for Porto Seguro's Safe Driver Prediction.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::gini::{TieOrder, normalized_gini};
/// let truth = [1.0, 0.0, 1.0, 0.0];
/// assert_eq!(normalized_gini(&truth, &[0.9, 0.6, 0.5, 0.1], TieOrder::RowOrder), Some(0.5));
/// ```
#[must_use]
pub fn normalized_gini(truth: &[f64], predicted: &[f64], ties: TieOrder) -> Option<f64> {
    let best = gini(truth, truth, ties)?;
    if best == 0.0 || truth.iter().all(|value| *value == truth[0]) {
        return None;
    }
    Some(gini(truth, predicted, ties)? / best)
}

/// `2·AUC − 1` (Somers' D): the Gini coefficient of a ranking of two classes, where a tie counts one half.
///
/// In [−1, 1], larger is better, 0 is chance. `None` if the truth has one class only.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::gini::gini_of_auc;
/// assert_eq!(gini_of_auc(&[true, false], &[0.5, 0.5]), Some(0.0));
/// ```
#[must_use]
pub fn gini_of_auc(truth: &[bool], scores: &[f64]) -> Option<f64> {
    ranking::roc_auc(truth, scores).map(|area| 2.0 * area - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_follow_the_rows() {
        // Constant predictions leave the truth as it stands: the best order one way, the worst the other.
        let (truth, same) = ([1.0, 0.0], [0.5, 0.5]);
        assert_eq!(normalized_gini(&truth, &same, TieOrder::RowOrder), Some(1.0));
        assert_eq!(normalized_gini(&truth, &same, TieOrder::ReverseRowOrder), Some(-1.0));
    }

    #[test]
    fn a_truth_without_spread_is_undefined() {
        assert_eq!(gini(&[], &[], TieOrder::RowOrder), None);
        assert_eq!(gini(&[0.0, 0.0], &[1.0, 2.0], TieOrder::RowOrder), None);
        assert_eq!(normalized_gini(&[1.0, 1.0], &[1.0, 2.0], TieOrder::RowOrder), None);
    }
}
