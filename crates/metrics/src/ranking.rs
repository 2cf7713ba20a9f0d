//! Formulas on the order of scores: area under the ROC curve, and ranks.

use crate::parallel;

/// Indices of `values` from the smallest value to the largest, cut into runs of equal values.
fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // Adding zero makes −0.0 equal to 0.0 under the total order.
    order.sort_unstable_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    order
}

/// Area under the ROC curve: the chance that a positive row has a larger score than a negative one, where a tie
/// counts one half.
///
/// `(Σ over pairs [s⁺ > s⁻] + ½·[s⁺ = s⁻]) / (P·N)`, in [0, 1], larger is better, 0.5 is chance (also for constant
/// scores). Counted in whole numbers, so exact up to the last division. Only the order of the scores matters; they
/// need not be probabilities.
///
/// Shapes: one truth and one finite score a row. `None` if the truth has one class only (or no rows).
/// Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982; as
/// `sklearn.metrics.roc_auc_score`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::ranking::roc_auc;
/// let truth = [false, false, true, true];
/// assert_eq!(roc_auc(&truth, &[0.1, 0.4, 0.35, 0.8]), Some(0.75));
/// assert_eq!(roc_auc(&truth, &[7.0, 7.0, 7.0, 7.0]), Some(0.5));
/// ```
#[must_use]
pub fn roc_auc(truth: &[bool], scores: &[f64]) -> Option<f64> {
    assert_eq!(truth.len(), scores.len(), "one score a row");
    // Each class by itself: numbers without a label beside them sort several times faster.
    let (positives, negatives) =
        parallel::join(scores.len(), || sorted_of_class(truth, scores, true), || sorted_of_class(truth, scores, false));
    // A positive row has won against the negatives below it, and half of the equal ones.
    let (below, through) = parallel::join(
        scores.len(),
        || pairs_in_order(&positives, &negatives, |negative, positive| negative < positive),
        || pairs_in_order(&positives, &negatives, |negative, positive| negative <= positive),
    );
    let twice_area = u128::from(below) + u128::from(through);
    let pairs = positives.len() as u128 * negatives.len() as u128;
    (pairs > 0).then(|| twice_area as f64 / (2 * pairs) as f64)
}

/// The number of pairs in which the negative comes first, for scores of each class in order.
fn pairs_in_order(positives: &[u64], negatives: &[u64], is_first: impl Fn(u64, u64) -> bool) -> u64 {
    let (mut positive, mut negative, mut pairs) = (0, 0, 0);
    // Which comes next is counted, not branched on: it would be guessed wrong every other time.
    while positive < positives.len() && negative < negatives.len() {
        let first = is_first(negatives[negative], positives[positive]);
        pairs += if first { 0 } else { negative as u64 };
        negative += usize::from(first);
        positive += usize::from(!first);
    }
    pairs + (positives.len() - positive) as u64 * negatives.len() as u64
}

/// The scores of one class as whole numbers in order.
fn sorted_of_class(truth: &[bool], scores: &[f64], class: bool) -> Vec<u64> {
    let count = truth.iter().filter(|&&label| label == class).count();
    // One place more, for what comes after the last of the class: a branch on the label would be guessed wrong every
    // other time.
    let mut ordered = vec![0; count + 1];
    let mut next = 0;
    for (&score, &label) in scores.iter().zip(truth) {
        ordered[next] = order_of(score);
        next += usize::from(label == class);
    }
    ordered.truncate(count);
    ordered.sort_unstable();
    ordered
}

/// A whole number that is larger where the finite number is larger, the same for both zeros.
fn order_of(number: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    // Adding zero makes −0.0 0.0.
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// Ranks from 1, where equal values share the mean of their ranks.
///
/// As `scipy.stats.rankdata(method="average")`.
///
/// ```
/// use mledojo_metrics::ranking::average_ranks;
/// assert_eq!(average_ranks(&[10.0, 30.0, 10.0, 20.0]), [1.5, 4.0, 1.5, 3.0]);
/// ```
#[must_use]
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    let order = ascending(values);
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0_usize;
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (tie.len() + 1) as f64 / 2.0;
        for &row in tie {
            ranks[row] = rank;
        }
        below += tie.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_by_hand_with_ties() {
        // Pairs (positive, negative): (2,1) wins, (2,2) ties, (3,1) and (3,2) win: 3.5 of 4.
        assert_eq!(roc_auc(&[false, false, true, true], &[1.0, 2.0, 2.0, 3.0]), Some(0.875));
    }

    #[test]
    fn auc_of_one_class_is_undefined() {
        assert_eq!(roc_auc(&[true, true], &[0.1, 0.2]), None);
        assert_eq!(roc_auc(&[false], &[0.1]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }

    #[test]
    fn the_two_zeros_tie() {
        assert_eq!(roc_auc(&[true, false], &[-0.0, 0.0]), Some(0.5));
        assert_eq!(average_ranks(&[0.0, -0.0]), [1.5, 1.5]);
    }
}
