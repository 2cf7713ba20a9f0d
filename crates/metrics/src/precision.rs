//! Average precision of scores for several labels.

use crate::sum;

/// Average precision of a ranking: the mean over the positive rows of the precision at the row's place.
///
/// `1/P · Σ_{k: y₍ₖ₎ = 1} (positives among the first k) / k`, rows by descending score, tied rows as they stand. In
/// [0, 1], larger is better. `None` without a positive row. As `sklearn.metrics.average_precision_score` where no
/// scores are tied.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::precision::average_precision;
/// assert_eq!(average_precision(&[true, false, true], &[0.9, 0.8, 0.7]), Some((1.0 + 2.0 / 3.0) / 2.0));
/// ```
#[must_use]
pub fn average_precision(truth: &[bool], scores: &[f64]) -> Option<f64> {
    assert_eq!(truth.len(), scores.len(), "one score a row");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| (scores[b] + 0.0).total_cmp(&(scores[a] + 0.0)));
    let mut precisions = Vec::new();
    for (place, _) in order.iter().enumerate().filter(|&(_, &row)| truth[row]) {
        precisions.push((precisions.len() + 1) as f64 / (place + 1) as f64);
    }
    sum::mean(precisions.iter().copied(), precisions.len())
}

/// Label-weighted label-ranking average precision (lwlrap): for every pair of a row and a label that is true in it, the
/// precision among the row's labels at that label's place; the mean over all pairs.
///
/// In (0, 1], larger is better. Labels with equal scores share the last of their places. Shapes: two n × `labels`
/// matrices, row by row. `None` if no label is true. Source: Kaggle's definition for Freesound Audio Tagging 2019; as
/// `sklearn.metrics.label_ranking_average_precision_score` with rows weighed by their number of labels.
///
/// # Panics
/// If the shapes disagree.
///
/// ```
/// use mledojo_metrics::precision::lwlrap;
/// // Places 1 and 3 of three.
/// let score = lwlrap(&[true, false, true], &[0.9, 0.8, 0.7], 3);
/// assert_eq!(score, Some((1.0 + 2.0 / 3.0) / 2.0));
/// ```
#[must_use]
pub fn lwlrap(truth: &[bool], scores: &[f64], labels: usize) -> Option<f64> {
    assert_eq!(truth.len(), scores.len(), "one score a cell");
    if labels == 0 {
        return None;
    }
    assert_eq!(truth.len() % labels, 0, "whole rows");
    let mut precisions = Vec::new();
    for (truth, scores) in truth.chunks_exact(labels).zip(scores.chunks_exact(labels)) {
        for label in (0..labels).filter(|&label| truth[label]) {
            let above = |other: &usize| scores[*other] >= scores[label];
            let place = (0..labels).filter(above).count();
            let hits = (0..labels).filter(above).filter(|&other| truth[other]).count();
            precisions.push(hits as f64 / place as f64);
        }
    }
    sum::mean(precisions.iter().copied(), precisions.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tied_rows_stand_as_they_are_but_tied_labels_share_a_place() {
        assert_eq!(average_precision(&[true, false], &[0.5, 0.5]), Some(1.0));
        assert_eq!(lwlrap(&[true, false], &[0.5, 0.5], 2), Some(0.5));
    }

    #[test]
    fn without_positives_there_is_no_precision() {
        assert_eq!(average_precision(&[false], &[0.5]), None);
        assert_eq!(lwlrap(&[false], &[0.5], 1), None);
    }
}
