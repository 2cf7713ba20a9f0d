//! Agreement between two ordinal ratings.

/// Quadratic weighted kappa: Cohen's kappa with the squared difference of the labels' values as weight.
///
/// With n rows, O the counts of each pair of labels and E the counts that independent ratings with the same
/// histograms would give, `1 − Σ (i−j)²·Oᵢⱼ / Σ (i−j)²·Eᵢⱼ`. In [−1, 1], larger is better, 0 is chance. The weights
/// come from the values, not from positions in a list of the labels seen: 0 and 4 are 4 apart even if no row is 3.
/// Both sums have closed forms in whole numbers, so the result is exact up to the last division and needs no matrix:
/// `Σ (i−j)²·O = Σ (t−p)²` and `Σ (i−j)²·E = Σ t² + Σ p² − 2·Σt·Σp / n`.
///
/// Shapes: one label a row, in the same order. `None` for no rows, or if truth and prediction are the same constant
/// (0/0). Labels must lie within a range of 2³¹ (as [`crate::Grader`] checks).
/// Source: Cohen, "Weighted kappa", 1968; as `sklearn.metrics.cohen_kappa_score(weights="quadratic", labels=range(…))`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::kappa::quadratic_weighted_kappa;
/// assert_eq!(quadratic_weighted_kappa(&[0, 1, 2, 4], &[0, 1, 2, 4]), Some(1.0));
/// assert_eq!(quadratic_weighted_kappa(&[0, 4], &[4, 0]), Some(-1.0));
/// assert_eq!(quadratic_weighted_kappa(&[0, 1, 2], &[1, 1, 1]), Some(0.0));
/// ```
#[must_use]
pub fn quadratic_weighted_kappa(truth: &[i64], predicted: &[i64]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    // Only differences of labels matter; small ones keep every product below inside 128 bits.
    let origin = truth.iter().chain(predicted).copied().min()?;
    let (mut observed, mut squares, mut truth_sum, mut predicted_sum) = (0_i128, 0_i128, 0_i128, 0_i128);
    for (&truth, &predicted) in truth.iter().zip(predicted) {
        let (truth, predicted) = (i128::from(truth) - i128::from(origin), i128::from(predicted) - i128::from(origin));
        observed += (truth - predicted).pow(2);
        squares += truth.pow(2) + predicted.pow(2);
        truth_sum += truth;
        predicted_sum += predicted;
    }
    let n = truth.len() as i128;
    let observed = n * observed;
    let expected = n * squares - 2 * truth_sum * predicted_sum;
    (expected != 0).then(|| (expected - observed) as f64 / expected as f64)
}

/// [`quadratic_weighted_kappa`] with weights from the labels' places in the sorted list of those that occur.
///
/// Labels that occur nowhere between two others bring these nearer: 0 and 4 are one apart if no row is 1, 2 or 3.
/// As `sklearn.metrics.cohen_kappa_score(weights="quadratic")` without `labels`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::kappa::{quadratic_weighted_kappa, quadratic_weighted_kappa_of_places};
/// let (truth, predicted) = ([0, 1, 9], [1, 1, 9]);
/// assert_eq!(quadratic_weighted_kappa_of_places(&truth, &predicted), quadratic_weighted_kappa(&[0, 1, 2], &[1, 1, 2]));
/// ```
#[must_use]
pub fn quadratic_weighted_kappa_of_places(truth: &[i64], predicted: &[i64]) -> Option<f64> {
    let mut labels: Vec<i64> = truth.iter().chain(predicted).copied().collect();
    labels.sort_unstable();
    labels.dedup();
    let places = |values: &[i64]| -> Vec<i64> {
        values.iter().map(|value| labels.partition_point(|label| label < value) as i64).collect()
    };
    quadratic_weighted_kappa(&places(truth), &places(predicted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_from_values() {
        // Pairs (0,0) (0,2) (4,4) (4,4): observed 4. Expected: r = {0:2, 4:2}, c = {0:1, 2:1, 4:2};
        // Σ (i−j)²·r·c / 4 = (0 + 2·4 + 2·16·2 + 2·16 + 2·4 + 0) / 4 = (8 + 64 + 32 + 8) / 4 = 28.
        let kappa = quadratic_weighted_kappa(&[0, 0, 4, 4], &[0, 2, 4, 4]).expect("defined");
        assert!((kappa - (1.0 - 4.0 / 28.0)).abs() < 1e-15, "{kappa}");
    }

    #[test]
    fn the_origin_of_the_labels_does_not_matter() {
        let low = quadratic_weighted_kappa(&[0, 1, 2, 3], &[0, 2, 2, 3]);
        let high = quadratic_weighted_kappa(&[-9_000, -8_999, -8_998, -8_997], &[-9_000, -8_998, -8_998, -8_997]);
        assert_eq!(low, high);
    }

    #[test]
    fn one_constant_on_both_sides_is_undefined() {
        assert_eq!(quadratic_weighted_kappa(&[2, 2], &[2, 2]), None);
        assert_eq!(quadratic_weighted_kappa(&[], &[]), None);
        assert_eq!(quadratic_weighted_kappa(&[2, 2], &[3, 2]), Some(0.0));
    }
}
