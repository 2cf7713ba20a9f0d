//! Formulas on ranked lists of labels, best first: average precision, discounted gain, top-k error.

use crate::sum;

/// What a label counts that a list names more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeats {
    /// A repeated prediction earns nothing, though it uses up a place; true labels count once.
    Once,
    /// Every repetition of a true label is another hit, and repeated true labels enlarge the divisor. Scores can
    /// exceed 1.
    EachTime,
}

/// Average precision at k of one list.
///
/// With hᵢ the number of hits among the first i predictions, `Σ_{i ≤ k, hit at i} hᵢ / i / min(|true|, k)`. In [0, 1]
/// (more for [`Repeats::EachTime`]), larger is better; 0 if nothing is true. With one true label it is the reciprocal
/// of its place, or 0 beyond k.
///
/// ```
/// use mledojo_metrics::lists::{Repeats, average_precision_at};
/// assert_eq!(average_precision_at(3, &["a"], &["b", "a"], Repeats::Once), 0.5);
/// assert_eq!(average_precision_at(2, &["a", "b"], &["a", "a"], Repeats::Once), 0.5);
/// assert_eq!(average_precision_at(2, &["a"], &["a", "a"], Repeats::EachTime), 2.0);
/// ```
#[must_use]
pub fn average_precision_at<T: PartialEq>(k: usize, truth: &[T], predicted: &[T], repeats: Repeats) -> f64 {
    let (mut hits, mut sum) = (0_u32, 0.0);
    for (place, label) in predicted.iter().take(k).enumerate() {
        let repeated = repeats == Repeats::Once && predicted[..place].contains(label);
        if truth.contains(label) && !repeated {
            hits += 1;
            sum += f64::from(hits) / (place + 1) as f64;
        }
    }
    let relevant = match repeats {
        Repeats::Once => (0..truth.len()).filter(|&index| !truth[..index].contains(&truth[index])).count(),
        Repeats::EachTime => truth.len(),
    };
    match relevant.min(k) {
        0 => 0.0,
        divisor => sum / divisor as f64,
    }
}

/// MAP@k: the mean over the rows of [`average_precision_at`]. `None` for no rows.
///
/// Source: Kaggle's definition of MAP@k, as for H&M Personalized Fashion Recommendations.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::lists::{Repeats, map_at};
/// assert_eq!(map_at(5, &[vec![1], vec![2]], &[vec![1], vec![3, 2]], Repeats::Once), Some(0.75));
/// ```
#[must_use]
pub fn map_at<T: PartialEq>(k: usize, truth: &[Vec<T>], predicted: &[Vec<T>], repeats: Repeats) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted list a row");
    let rows = truth.iter().zip(predicted);
    sum::mean(rows.map(|(truth, predicted)| average_precision_at(k, truth, predicted, repeats)), truth.len())
}

/// NDCG@k with one true label a row: the mean of `1 / log₂(place + 1)`, 0 if it is not among the first k.
///
/// In [0, 1], larger is better; the first of repeated predictions counts. `None` for no rows. The ideal gain is 1, so
/// this is the normalised one: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002; as
/// `sklearn.metrics.ndcg_score` on distinct places.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::lists::ndcg_at;
/// let score = ndcg_at(5, &["US", "FR"], &[vec!["US"], vec!["US", "NDF", "FR"]]);
/// assert_eq!(score, Some((1.0 + 0.5) / 2.0));
/// ```
#[must_use]
pub fn ndcg_at<T: PartialEq>(k: usize, truth: &[T], predicted: &[Vec<T>]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted list a row");
    let gains = truth.iter().zip(predicted).map(|(truth, predicted)| {
        let place = predicted.iter().take(k).position(|label| label == truth);
        place.map_or(0.0, |place| 1.0 / ((place + 2) as f64).log2())
    });
    sum::mean(gains, truth.len())
}

/// Top-k error: the share of rows whose true label is not among the first k predictions.
///
/// In [0, 1], smaller is better. `None` for no rows. One minus `sklearn.metrics.top_k_accuracy_score`, on lists
/// instead of scores.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::lists::top_k_error;
/// assert_eq!(top_k_error(1, &[7, 8], &[vec![7, 8], vec![7, 8]]), Some(0.5));
/// ```
#[must_use]
pub fn top_k_error<T: PartialEq>(k: usize, truth: &[T], predicted: &[Vec<T>]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted list a row");
    let rows = truth.iter().zip(predicted);
    let wrong = rows.filter(|(truth, predicted)| !predicted.iter().take(k).any(|label| label == *truth)).count();
    (!truth.is_empty()).then(|| wrong as f64 / truth.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_by_hand() {
        // Hits at places 1 and 3: (1 + 2/3) / min(3, 5).
        let score = average_precision_at(5, &[1, 2, 3], &[1, 9, 3, 8], Repeats::Once);
        assert!((score - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-15);
        assert_eq!(average_precision_at(5, &[], &[1], Repeats::Once), 0.0);
        assert_eq!(average_precision_at(0, &[1], &[1], Repeats::Once), 0.0);
        assert_eq!(average_precision_at(12, &[1, 1], &[1], Repeats::EachTime), 0.5);
        assert_eq!(average_precision_at(12, &[1, 1], &[1], Repeats::Once), 1.0);
    }

    #[test]
    fn beyond_k_nothing_counts() {
        assert_eq!(ndcg_at(1, &[1], &[vec![2, 1]]), Some(0.0));
        assert_eq!(top_k_error(1, &[1], &[vec![2, 1]]), Some(1.0));
        assert_eq!((ndcg_at::<u8>(5, &[], &[]), top_k_error::<u8>(5, &[], &[])), (None, None));
    }
}
