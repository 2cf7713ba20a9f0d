//! Formulas on binary masks: sets of pixel numbers, held as runs.
//!
//! A pixel's number says where it is only to those who know the image's size and order; overlaps need neither.

use crate::sum;

/// A set of pixel numbers, as disjoint half-open runs in ascending order.
///
/// ```
/// use mledojo_metrics::masks::Mask;
/// let mask = Mask::from_runs([(5, 2), (1, 3), (2, 3)]);
/// assert_eq!(mask.runs(), [(1, 7)]);
/// assert_eq!(mask.area(), 6);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    runs: Vec<(u64, u64)>,
}

impl Mask {
    /// The union of runs of (first pixel, length), in any order; overlaps merge, and a run ends at 2⁶⁴ − 1 at most.
    #[must_use]
    pub fn from_runs(runs: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut runs: Vec<(u64, u64)> = runs
            .into_iter()
            .map(|(start, length)| (start, start.saturating_add(length)))
            .filter(|(start, end)| start < end)
            .collect();
        runs.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(runs.len());
        for (start, end) in runs {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Self { runs: merged }
    }

    /// The runs as (first pixel, one past the last).
    #[must_use]
    pub fn runs(&self) -> &[(u64, u64)] {
        &self.runs
    }

    /// The part with first ≤ pixel < end: what of it lies on an image.
    #[must_use]
    pub fn within(&self, first: u64, end: u64) -> Self {
        let cut = self.runs.iter().map(|&(start, stop)| (start.max(first), stop.min(end)));
        Self { runs: cut.filter(|(start, stop)| start < stop).collect() }
    }

    /// Number of pixels.
    #[must_use]
    pub fn area(&self) -> u64 {
        self.runs.iter().map(|(start, end)| end - start).sum()
    }

    /// Number of pixels in common.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> u64 {
        let (mut a, mut b, mut common) = (0, 0, 0);
        while let (Some(x), Some(y)) = (self.runs.get(a), other.runs.get(b)) {
            common += x.1.min(y.1).saturating_sub(x.0.max(y.0));
            if x.1 <= y.1 {
                a += 1;
            } else {
                b += 1;
            }
        }
        common
    }
}

/// Dice's coefficient of two masks: `2·|A ∩ B| / (|A| + |B|)`, in [0, 1]. `None` if both are empty.
///
/// Source: Dice, "Measures of the amount of ecologic association between species", 1945.
///
/// ```
/// use mledojo_metrics::masks::{Mask, dice};
/// assert_eq!(dice(&Mask::from_runs([(1, 3)]), &Mask::from_runs([(3, 1)])), Some(0.5));
/// ```
#[must_use]
pub fn dice(a: &Mask, b: &Mask) -> Option<f64> {
    let all = u128::from(a.area()) + u128::from(b.area());
    (all > 0).then(|| 2.0 * a.overlap(b) as f64 / all as f64)
}

/// Intersection over union of two masks, in [0, 1]. `None` if both are empty.
///
/// ```
/// use mledojo_metrics::masks::{Mask, iou};
/// assert_eq!(iou(&Mask::from_runs([(1, 3)]), &Mask::from_runs([(2, 3)])), Some(0.5));
/// ```
#[must_use]
pub fn iou(a: &Mask, b: &Mask) -> Option<f64> {
    let common = a.overlap(b);
    let all = u128::from(a.area()) + u128::from(b.area()) - u128::from(common);
    (all > 0).then(|| common as f64 / all as f64)
}

/// F-beta of a predicted mask: `(1 + β²)·P·R / (β²·P + R)` with precision P and recall R of its pixels, in [0, 1].
///
/// Precision is 1 if nothing is predicted, recall is 1 if nothing is true, and 0/0 is 0: so two empty masks score 1,
/// one empty mask 0. As `sklearn.metrics.fbeta_score` where both masks have pixels.
///
/// ```
/// use mledojo_metrics::masks::{Mask, fbeta};
/// let (truth, predicted) = (Mask::from_runs([(1, 4)]), Mask::from_runs([(1, 2)]));
/// assert!((fbeta(&truth, &predicted, 0.5) - 1.25 * 0.5 / (0.25 + 0.5)).abs() < 1e-15);
/// ```
#[must_use]
pub fn fbeta(truth: &Mask, predicted: &Mask, beta: f64) -> f64 {
    let common = truth.overlap(predicted) as f64;
    let share = |area: u64| if area == 0 { 1.0 } else { common / area as f64 };
    let (precision, recall, square) = (share(predicted.area()), share(truth.area()), beta * beta);
    let divisor = square * precision + recall;
    if divisor == 0.0 { 0.0 } else { (1.0 + square) * precision * recall / divisor }
}

/// The mean over the rows of [`dice`]; a row whose masks are both empty counts `both_empty`, or is left out if that is
/// `None`. In [0, 1], larger is better. `None` if no row is left.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::masks::{Mask, mean_dice};
/// let (empty, mask) = (Mask::default(), Mask::from_runs([(1, 2)]));
/// let (truth, predicted) = ([empty.clone(), mask.clone()], [empty.clone(), empty]);
/// assert_eq!(mean_dice(&truth, &predicted, Some(1.0)), Some(0.5));
/// assert_eq!(mean_dice(&truth, &predicted, None), Some(0.0));
/// ```
#[must_use]
pub fn mean_dice(truth: &[Mask], predicted: &[Mask], both_empty: Option<f64>) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted mask a row");
    let scores: Vec<f64> = truth.iter().zip(predicted).filter_map(|(a, b)| dice(a, b).or(both_empty)).collect();
    sum::mean(scores.iter().copied(), scores.len())
}

/// Dice's coefficient (F1) of the pixels of all masks together: `2·Σ|A ∩ B| / Σ(|A| + |B|)`. In [0, 1], larger is
/// better. `None` if all masks are empty. Source: Kaggle's micro F1 of characters for NBME - Score Clinical Patient
/// Notes.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::masks::{Mask, micro_dice};
/// let (truth, predicted) = ([Mask::from_runs([(0, 4)]), Mask::default()], [Mask::from_runs([(2, 2)]), Mask::default()]);
/// assert_eq!(micro_dice(&truth, &predicted), Some(4.0 / 6.0));
/// ```
#[must_use]
pub fn micro_dice(truth: &[Mask], predicted: &[Mask]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted mask a row");
    let all: u128 = truth.iter().chain(predicted).map(|mask| u128::from(mask.area())).sum();
    let common: u128 = truth.iter().zip(predicted).map(|(a, b)| u128::from(a.overlap(b))).sum();
    (all > 0).then(|| (2 * common) as f64 / all as f64)
}

/// The mean over the rows of [`fbeta`]. In [0, 1], larger is better. `None` for no rows.
///
/// Source: Kaggle's definition for the Vesuvius Challenge – Ink Detection (β = 0.5).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::masks::{Mask, mean_fbeta};
/// assert_eq!(mean_fbeta(&[Mask::default()], &[Mask::default()], 0.5), Some(1.0));
/// ```
#[must_use]
pub fn mean_fbeta(truth: &[Mask], predicted: &[Mask], beta: f64) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted mask a row");
    sum::mean(truth.iter().zip(predicted).map(|(a, b)| fbeta(a, b, beta)), truth.len())
}

/// Whether an overlap that equals the threshold is a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hit {
    /// IoU > t, as Kaggle's texts say.
    Above,
    /// IoU ≥ t.
    AtLeast,
}

impl Hit {
    pub(crate) fn is(self, iou: f64, threshold: f64) -> bool {
        if self == Self::Above { iou > threshold } else { iou >= threshold }
    }
}

/// The mean over images of the share of thresholds that the IoU of one mask an image reaches.
///
/// Two empty masks have IoU 1. In [0, 1], larger is better. `None` for no images or no thresholds. Source: Kaggle's
/// definition for TGS Salt Identification (0.5, 0.55 … 0.95), where precision over at most one object is 0 or 1.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::masks::{Hit, Mask, map_iou};
/// let (truth, predicted) = ([Mask::from_runs([(1, 3)])], [Mask::from_runs([(2, 3)])]);
/// assert_eq!(map_iou(&truth, &predicted, &[0.5, 0.75], Hit::AtLeast), Some(0.5));
/// assert_eq!(map_iou(&truth, &predicted, &[0.5, 0.75], Hit::Above), Some(0.0));
/// ```
#[must_use]
pub fn map_iou(truth: &[Mask], predicted: &[Mask], thresholds: &[f64], hit: Hit) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted mask an image");
    let shares: Option<Vec<f64>> = truth
        .iter()
        .zip(predicted)
        .map(|(a, b)| {
            let iou = iou(a, b).unwrap_or(1.0);
            let hits = thresholds.iter().filter(|&&threshold| hit.is(iou, threshold)).count();
            (!thresholds.is_empty()).then(|| hits as f64 / thresholds.len() as f64)
        })
        .collect();
    shares.and_then(|shares| sum::mean(shares.iter().copied(), shares.len()))
}

/// How well several predicted masks of one image find the true ones: the mean over the thresholds of
/// `(1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP)`.
///
/// Masks are matched one to one, the largest IoU first; ties go to the first true, then the first predicted mask. The
/// overlaps of an image are compared as 32-bit floats if `single_precision`; an empty mask overlaps nothing. An image without masks on either side
/// scores 1. In [0, 1], larger is better. `None` for no thresholds. Source: Kaggle's definition for Airbus Ship
/// Detection (β = 2, thresholds 0.5, 0.55 … 0.95).
///
/// ```
/// use mledojo_metrics::masks::{Hit, Mask, instance_fbeta};
/// let masks = [Mask::from_runs([(1, 4)]), Mask::from_runs([(10, 4)])];
/// // One of two ships found: F2 = 5 / (5 + 4).
/// assert_eq!(instance_fbeta(&masks, &masks[..1], 2.0, &[0.5], Hit::Above, false), Some(5.0 / 9.0));
/// ```
#[must_use]
pub fn instance_fbeta(
    truth: &[Mask],
    predicted: &[Mask],
    beta: f64,
    thresholds: &[f64],
    hit: Hit,
    single_precision: bool,
) -> Option<f64> {
    if truth.is_empty() && predicted.is_empty() {
        return (!thresholds.is_empty()).then_some(1.0);
    }
    let mut pairs = Vec::new();
    for (row, a) in truth.iter().enumerate() {
        for (column, b) in predicted.iter().enumerate() {
            let iou = iou(a, b).unwrap_or(0.0);
            pairs.push((if single_precision { f64::from(iou as f32) } else { iou }, row, column));
        }
    }
    // Stable, so that ties stay in row-major order.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut true_used, mut predicted_used) = (vec![false; truth.len()], vec![false; predicted.len()]);
    pairs.retain(|&(_, row, column)| {
        let free = !true_used[row] && !predicted_used[column];
        if free {
            (true_used[row], predicted_used[column]) = (true, true);
        }
        free
    });
    let square = beta * beta;
    let scores = thresholds.iter().map(|&threshold| {
        let found = pairs.iter().filter(|(iou, ..)| hit.is(*iou, threshold)).count() as f64;
        let (false_alarms, missed) = (predicted.len() as f64 - found, truth.len() as f64 - found);
        (1.0 + square) * found / ((1.0 + square) * found + square * missed + false_alarms)
    });
    sum::mean(scores, thresholds.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(pixels: &[u64]) -> Mask {
        Mask::from_runs(pixels.iter().map(|&pixel| (pixel, 1)))
    }

    #[test]
    fn overlaps_by_hand() {
        let (a, b) = (mask(&[1, 2, 3, 7, 8]), mask(&[3, 4, 8, 9]));
        assert_eq!((a.area(), b.area(), a.overlap(&b)), (5, 4, 2));
        assert_eq!(dice(&a, &b), Some(4.0 / 9.0));
        assert_eq!(iou(&a, &b), Some(2.0 / 7.0));
        assert_eq!(a.within(2, 8), mask(&[2, 3, 7]));
    }

    #[test]
    fn runs_at_the_end_of_the_range_do_not_overflow() {
        let all = Mask::from_runs([(0, u64::MAX), (u64::MAX - 1, u64::MAX)]);
        assert_eq!(all.area(), u64::MAX);
        assert_eq!((dice(&all, &all), iou(&all, &all)), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn empty_masks() {
        let none = Mask::default();
        assert_eq!((dice(&none, &none), iou(&none, &none)), (None, None));
        assert_eq!(
            (fbeta(&none, &none, 0.5), fbeta(&none, &mask(&[1]), 0.5), fbeta(&mask(&[1]), &none, 2.0)),
            (1.0, 0.0, 0.0)
        );
        assert_eq!(instance_fbeta(&[], &[], 2.0, &[0.5], Hit::Above, true), Some(1.0));
        assert_eq!(instance_fbeta(&[], &[mask(&[1])], 2.0, &[0.5], Hit::Above, true), Some(0.0));
    }

    #[test]
    fn masks_are_matched_once() {
        // Two predictions of one ship: one found, one false alarm.
        let (ship, same) = ([mask(&[1, 2])], [mask(&[1, 2]), mask(&[1, 2])]);
        assert_eq!(instance_fbeta(&ship, &same, 2.0, &[0.5], Hit::Above, false), Some(5.0 / 6.0));
    }
}
