//! Correlation between truth and prediction.

use crate::ranking::average_ranks;
use crate::sum::{self, Sum};

/// Deviations from the mean, scaled by a positive factor so that their squares neither overflow nor vanish. `None` for
/// constant values (and for none), which have no correlation.
fn deviations(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().all(|value| *value == values[0]) {
        return None;
    }
    let scale = sum::unit(values.iter().copied());
    let mean = sum::mean(values.iter().map(|value| value / scale), values.len())?;
    let mut deviations: Vec<f64> = values.iter().map(|value| value / scale - mean).collect();
    let spread = sum::unit(deviations.iter().copied());
    deviations.iter_mut().for_each(|deviation| *deviation /= spread);
    Some(deviations)
}

/// Pearson's correlation coefficient.
///
/// `Σ (xᵢ − x̄)(yᵢ − ȳ) / √(Σ (xᵢ − x̄)² · Σ (yᵢ − ȳ)²)`, in [−1, 1], larger is better, 0 is none.
/// Shapes: one finite truth and prediction a row. `None` if either is constant (so also for one row or none).
/// As `scipy.stats.pearsonr`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::correlation::pearson;
/// let score = pearson(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]).unwrap();
/// assert!((score - 1.0).abs() < 1e-15);
/// assert_eq!(pearson(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0]), None);
/// ```
#[must_use]
pub fn pearson(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let (x, y) = (deviations(truth)?, deviations(predicted)?);
    let covariance = x.iter().zip(&y).map(|(x, y)| x * y).collect::<Sum>().total();
    let squares = |values: &[f64]| values.iter().map(|value| value * value).collect::<Sum>().total();
    // One root of the product, not two roots: then a perfect prediction scores exactly 1.
    Some((covariance / (squares(&x) * squares(&y)).sqrt()).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation: Pearson's correlation of the ranks, where equal values share their mean rank.
///
/// In [−1, 1], larger is better, 0 is none. `None` if truth or prediction is constant (so also for one row or none).
/// Source: Spearman, "The proof and measurement of association between two things", 1904; as `scipy.stats.spearmanr`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::correlation::spearman;
/// let score = spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1000.0]).unwrap();
/// assert!((score - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn spearman(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    pearson(&average_ranks(truth), &average_ranks(predicted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("defined");
        assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
    }

    #[test]
    fn pearson_by_hand() {
        // Deviations (−1, 0, 1) and (−2, 1, 1): 3 / √(2·6).
        close(pearson(&[1.0, 2.0, 3.0], &[0.0, 3.0, 3.0]), 3.0 / 12.0_f64.sqrt());
    }

    #[test]
    fn spearman_by_hand_with_ties() {
        // Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): covariance 4.5, squares 4.5 and 5.
        close(spearman(&[0.0, 7.0, 7.0, 9.0], &[1.0, 2.0, 3.0, 4.0]), 4.5 / (4.5_f64 * 5.0).sqrt());
    }

    #[test]
    fn scale_does_not_matter_at_any_size() {
        close(pearson(&[1e308, -1.7e308, 1.7e308], &[1e-320, -2e-320, 2e-320]), 0.998_925_522_502_454_3);
        close(pearson(&[1e200, 2e200, 3e200], &[1e-200, 2e-200, 3e-200]), 1.0);
    }

    #[test]
    fn constants_and_single_rows_are_undefined() {
        for metric in [pearson, spearman] {
            assert_eq!(metric(&[], &[]), None);
            assert_eq!(metric(&[1.0], &[2.0]), None);
            assert_eq!(metric(&[1.0, 1.0], &[2.0, 3.0]), None);
            assert_eq!(metric(&[1.0, 2.0], &[3.0, 3.0]), None);
        }
    }
}
