//! Cross-entropy with other rules for clipping and scaling than [`crate::probability`]'s, and its relatives.

use crate::sum;

/// Which probability of a pair (1 − p, p) is clipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairClip {
    /// p, and its complement is taken after: 1 − clip(p).
    Prediction,
    /// Each by itself: clip(p) and clip(1 − p).
    Both,
}

/// Binary cross-entropy with a clip of `eps`; predictions outside [0, 1] are clipped too.
///
/// `−1/n · Σ ln q(yᵢ)` with q(1) = clip(p, ε, 1 − ε), and q(0) by `clip`. At least 0, smaller is better. `None` for no
/// rows. scikit-learn's `log_loss` has ε = 2⁻⁵² and clips both.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::cross_entropy::{PairClip, clipped_log_loss};
/// let loss = clipped_log_loss(&[true, false], &[1.2, 0.5], f64::EPSILON, PairClip::Both).unwrap();
/// assert!((loss - 2.0_f64.ln() / 2.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn clipped_log_loss(truth: &[bool], probabilities: &[f64], eps: f64, clip: PairClip) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one probability a row");
    let bound = |probability: f64| probability.clamp(eps, 1.0 - eps);
    let losses = truth.iter().zip(probabilities).map(|(&positive, &probability)| {
        -match (positive, clip) {
            (true, _) => bound(probability),
            (false, PairClip::Prediction) => 1.0 - bound(probability),
            (false, PairClip::Both) => bound(1.0 - probability),
        }
        .ln()
    });
    sum::mean(losses, truth.len())
}

/// What happens to a row of predicted numbers before its logarithm is taken. Each ε clips to [ε, 1 − ε].
///
/// A number that is missing (NaN) is left out of sums, and a row without one for its true class costs nothing: a data
/// frame's arithmetic, which a caller that wants none of it keeps out by refusing blanks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowRule {
    /// Clipped; rows need not sum to 1, so a row of ones costs nothing.
    Clip(f64),
    /// Divided by its sum, then clipped; a sum of 0 counts as 1.
    ScaleThenClip(f64),
    /// Clipped, then divided by its sum.
    ClipThenScale(f64),
    /// Clipped by the first ε, divided by its sum, and clipped by the second.
    ClipScaleClip(f64, f64),
}

impl RowRule {
    fn apply(self, row: &[f64], class: usize) -> f64 {
        let clip = |value: f64, eps: f64| value.clamp(eps, 1.0 - eps);
        let present = || row.iter().copied().filter(|value| !value.is_nan());
        let scaled = |eps: f64| clip(row[class], eps) / present().map(|value| clip(value, eps)).sum::<f64>();
        if row[class].is_nan() {
            return 1.0;
        }
        match self {
            Self::Clip(eps) => clip(row[class], eps),
            Self::ScaleThenClip(eps) => {
                let total: f64 = present().sum();
                clip(row[class] / if total == 0.0 { 1.0 } else { total }, eps)
            }
            Self::ClipThenScale(eps) => scaled(eps),
            Self::ClipScaleClip(first, second) => clip(scaled(first), second),
        }
    }
}

/// Multiclass cross-entropy by a rule for the rows: `−1/n · Σ ln p(i, yᵢ)`. Smaller is better.
///
/// Shapes as [`crate::probability::multiclass_log_loss`], but any finite numbers. `None` for no rows or no classes.
///
/// # Panics
/// If the shapes disagree or a class number is too large.
///
/// ```
/// use mledojo_metrics::cross_entropy::{RowRule, ruled_log_loss};
/// let (truth, row) = ([1], [0.5, 0.5, 0.0]);
/// assert_eq!(ruled_log_loss(&truth, &row, 3, RowRule::Clip(1e-15)), Some(2.0_f64.ln()));
/// ```
#[must_use]
pub fn ruled_log_loss(truth: &[u32], probabilities: &[f64], classes: usize, rule: RowRule) -> Option<f64> {
    assert_eq!(Some(probabilities.len()), truth.len().checked_mul(classes), "one probability a row and class");
    if classes == 0 {
        return None;
    }
    let rows = truth.iter().zip(probabilities.chunks_exact(classes));
    sum::mean(rows.map(|(&class, row)| -rule.apply(row, class as usize).ln()), truth.len())
}

/// Log loss of two classes that weigh alike: the mean of the classes' mean losses.
///
/// `(L₀ + L₁)/2`, where L_c is the mean of −ln p_c over the rows of class c, and each row's two numbers are first
/// divided by their sum (a sum of 0 counts as ε), then clipped to [ε, 1 − ε]. At least 0, smaller is better; a class
/// without rows adds 0. `None` for no rows. Source: Kaggle's definition for ICR – Identifying Age-Related Conditions.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::cross_entropy::balanced_log_loss;
/// let rows = [[0.5, 0.5], [1.0, 1.0], [0.5, 0.5]];
/// let loss = balanced_log_loss(&[true, false, false], &rows, 1e-15).unwrap();
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn balanced_log_loss(truth: &[bool], probabilities: &[[f64; 2]], eps: f64) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one pair of probabilities a row");
    if truth.is_empty() {
        return None;
    }
    let of_class = |class: bool| {
        let losses: Vec<f64> = truth
            .iter()
            .zip(probabilities)
            .filter(|&(&truth, _)| truth == class)
            .map(|(_, pair)| {
                let total = pair[0] + pair[1];
                let share = pair[usize::from(class)] / if total == 0.0 { eps } else { total };
                -share.clamp(eps, 1.0 - eps).ln()
            })
            .collect();
        sum::mean(losses.iter().copied(), losses.len()).unwrap_or(0.0)
    };
    Some(f64::midpoint(of_class(false), of_class(true)))
}

/// Kullback–Leibler divergence of the predicted from the true distributions, the mean over the rows.
///
/// `1/n · Σᵢ Σ_c q·ln(q / p)` over the classes with q > 0, where q is the true row divided by its sum (a row of zeros
/// adds 0) and p the predicted number clipped to [ε, 1], not scaled. Smaller is better, 0 for p = q.
/// Shapes: two n × `classes` matrices, row by row. `None` for no rows. As the row sums of `scipy.special.rel_entr`.
///
/// # Panics
/// If the shapes disagree.
///
/// ```
/// use mledojo_metrics::cross_entropy::kl_divergence;
/// let score = kl_divergence(&[2.0, 0.0], &[0.5, 0.5], 2, 1e-15);
/// assert_eq!(score, Some(2.0_f64.ln()));
/// ```
#[must_use]
pub fn kl_divergence(truth: &[f64], probabilities: &[f64], classes: usize, eps: f64) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one prediction a cell");
    if classes == 0 {
        return None;
    }
    assert_eq!(truth.len() % classes, 0, "whole rows");
    let rows = truth.chunks_exact(classes).zip(probabilities.chunks_exact(classes)).map(|(truth, predicted)| {
        let total: f64 = truth.iter().sum();
        let cells = truth.iter().zip(predicted).filter(|(truth, _)| **truth > 0.0 && total > 0.0);
        cells.map(|(truth, p)| truth / total * (truth / total / p.clamp(eps, 1.0)).ln()).sum::<f64>()
    });
    sum::mean(rows, truth.len() / classes)
}

/// Modified Laplace log likelihood of predictions that come with their own uncertainty.
///
/// The mean of `−√2·Δ/σ − ln(√2·σ)` with σ = max(confidence, `sigma_min`) and Δ = min(|ŷ − y|, `error_max`). Larger is
/// better, at most −ln(√2·`sigma_min`). `None` for no rows. Source: Kaggle's definition for OSIC Pulmonary Fibrosis
/// Progression (70 and 1000).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::cross_entropy::laplace_log_likelihood;
/// let best = laplace_log_likelihood(&[2500.0], &[2500.0], &[1.0], 70.0, 1000.0).unwrap();
/// assert!((best - -(70.0 * 2.0_f64.sqrt()).ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn laplace_log_likelihood(
    truth: &[f64],
    predicted: &[f64],
    confidence: &[f64],
    sigma_min: f64,
    error_max: f64,
) -> Option<f64> {
    assert_eq!((truth.len(), truth.len()), (predicted.len(), confidence.len()), "one prediction and confidence a row");
    let root = 2.0_f64.sqrt();
    let terms = truth.iter().zip(predicted).zip(confidence).map(|((truth, predicted), confidence)| {
        let sigma = confidence.max(sigma_min);
        -root * (truth - predicted).abs().min(error_max) / sigma - (root * sigma).ln()
    });
    sum::mean(terms, truth.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_ones_cost_nothing_unless_scaled() {
        let ones = [1.0; 3];
        assert!(ruled_log_loss(&[0], &ones, 3, RowRule::Clip(1e-15)).is_some_and(|loss| loss < 1e-14));
        for rule in [RowRule::ScaleThenClip(1e-15), RowRule::ClipThenScale(1e-15), RowRule::ClipScaleClip(1e-15, 1e-16)]
        {
            let loss = ruled_log_loss(&[0], &ones, 3, rule).expect("defined");
            assert!((loss - 3.0_f64.ln()).abs() < 1e-14, "{rule:?}");
        }
    }

    #[test]
    fn rows_of_zeros() {
        let loss = |rule| ruled_log_loss(&[0], &[0.0, 0.0], 2, rule).expect("defined");
        assert_eq!(loss(RowRule::ClipThenScale(1e-15)), 2.0_f64.ln());
        assert_eq!(loss(RowRule::ScaleThenClip(1e-15)), -(1e-15_f64.ln()));
        let balanced = balanced_log_loss(&[true], &[[0.0, 0.0]], 1e-15).expect("defined");
        assert_eq!(balanced, -(1e-15_f64.ln()) / 2.0);
    }

    #[test]
    fn divergence_of_equal_rows_is_zero() {
        assert_eq!(kl_divergence(&[1.0, 3.0, 0.0, 0.0], &[0.25, 0.75, 1.0, 0.0], 2, 1e-15), Some(0.0));
        assert_eq!(kl_divergence(&[], &[], 2, 1e-15), None);
    }

    #[test]
    fn likelihood_by_hand() {
        let score = laplace_log_likelihood(&[0.0], &[-5_000.0], &[100.0], 70.0, 1_000.0).expect("defined");
        let root = 2.0_f64.sqrt();
        assert!((score - (-root * 10.0 - (root * 100.0).ln())).abs() < 1e-12);
    }
}
