//! Formulas on predicted probabilities: cross-entropy.

use crate::sum;

/// Probabilities nearer to 0 or 1 than this are moved here, so that one sure mistake costs 34.5 and not infinity.
pub const CLIP: f64 = 1e-15;

fn clip(probability: f64) -> f64 {
    probability.clamp(CLIP, 1.0 - CLIP)
}

/// Binary log loss: the mean cross-entropy of the predicted probability of the positive class.
///
/// `−1/n · Σ (yᵢ·ln pᵢ + (1 − yᵢ)·ln(1 − pᵢ))` with p clipped to [1e-15, 1 − 1e-15]. In [0, 34.5…], smaller is
/// better; ln 2 ≈ 0.693 for constant one half. Shapes: one truth and one probability in [0, 1] a row. `None` for no
/// rows; one class only is fine. As `sklearn.metrics.log_loss`, save for the clip.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::probability::log_loss;
/// let loss = log_loss(&[true, false], &[0.5, 0.5]).unwrap();
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn log_loss(truth: &[bool], probabilities: &[f64]) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one probability a row");
    let losses = truth.iter().zip(probabilities).map(|(&positive, &probability)| {
        // The complement is not clipped again: 1 − (1 − 1e-15) is 9.992e-16 in every usual implementation.
        let probability = clip(probability);
        -(if positive { probability } else { 1.0 - probability }).ln()
    });
    sum::mean(losses, truth.len())
}

/// Multiclass log loss: the mean cross-entropy of the true class's predicted probability.
///
/// `−1/n · Σ ln p(i, yᵢ)`, where each row of probabilities is first divided by its sum, then clipped to
/// [1e-15, 1 − 1e-15]. In [0, 34.5…], smaller is better; ln K for constant 1/K.
///
/// Shapes: `truth` holds n class numbers below `classes`; `probabilities` is an n × `classes` matrix, row by row, of
/// numbers in [0, 1]. `None` for no rows, or if a row sums to 0. As `sklearn.metrics.log_loss` on normalised rows,
/// save for the clip.
///
/// # Panics
/// If the shapes disagree or a class number is too large.
///
/// ```
/// use mledojo_metrics::probability::multiclass_log_loss;
/// // The first row is (1/2, 1/4, 1/4) once normalised.
/// let loss = multiclass_log_loss(&[0, 2], &[0.2, 0.1, 0.1, 0.0, 0.0, 1.0], 3).unwrap();
/// assert!((loss - 2.0_f64.ln() / 2.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn multiclass_log_loss(truth: &[u32], probabilities: &[f64], classes: usize) -> Option<f64> {
    assert_eq!(Some(probabilities.len()), truth.len().checked_mul(classes), "one probability a row and class");
    if classes == 0 {
        return None;
    }
    let rows = || probabilities.chunks_exact(classes);
    if rows().any(|row| row.iter().sum::<f64>() <= 0.0) {
        return None;
    }
    let losses =
        truth.iter().zip(rows()).map(|(&class, row)| -clip(row[class as usize] / row.iter().sum::<f64>()).ln());
    sum::mean(losses, truth.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("defined");
        assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
    }

    #[test]
    fn binary_by_hand() {
        close(log_loss(&[true, false, true], &[0.9, 0.2, 0.4]), -(0.9_f64.ln() + 0.8_f64.ln() + 0.4_f64.ln()) / 3.0);
    }

    #[test]
    fn a_sure_mistake_is_finite() {
        close(log_loss(&[true], &[0.0]), -(1e-15_f64.ln()));
        close(multiclass_log_loss(&[1], &[1.0, 0.0], 2), -(1e-15_f64.ln()));
    }

    #[test]
    fn one_class_is_defined() {
        close(log_loss(&[true, true], &[0.5, 0.5]), 2.0_f64.ln());
    }

    #[test]
    fn rows_without_probability_are_undefined() {
        assert_eq!(multiclass_log_loss(&[0], &[0.0, 0.0], 2), None);
        assert_eq!(multiclass_log_loss(&[], &[], 2), None);
        assert_eq!(log_loss(&[], &[]), None);
    }
}
