//! Formulas on orders of items: how far a predicted order is from the true one.

/// The number of inversions of a sequence: pairs of places a < b with a larger value at a than at b.
///
/// Equal values are no inversion. By merging, in n·log n.
///
/// ```
/// use mledojo_metrics::permutations::inversions;
/// assert_eq!(inversions(&[2, 0, 1]), 2);
/// ```
#[must_use]
pub fn inversions(values: &[usize]) -> u128 {
    fn sort(values: &mut [usize], scratch: &mut Vec<usize>) -> u128 {
        if values.len() < 2 {
            return 0;
        }
        let (left, right) = values.split_at_mut(values.len() / 2);
        let mut count = sort(left, scratch) + sort(right, scratch);
        scratch.clear();
        let (mut low, mut high) = (0, 0);
        while low < left.len() || high < right.len() {
            if high == right.len() || (low < left.len() && left[low] <= right[high]) {
                scratch.push(left[low]);
                low += 1;
            } else {
                count += (left.len() - low) as u128;
                scratch.push(right[high]);
                high += 1;
            }
        }
        values.copy_from_slice(scratch);
        count
    }
    sort(&mut values.to_vec(), &mut Vec::with_capacity(values.len()))
}

/// The true places of the items, in predicted order: what [`kendall_tau`] compares. `None` if an item is not a true
/// one. Of an item that is true twice the first place counts.
///
/// ```
/// use mledojo_metrics::permutations::true_places;
/// assert_eq!(true_places(&["a", "b", "c"], &["c", "a", "b"]), Some(vec![2, 0, 1]));
/// assert_eq!(true_places(&["a"], &["x"]), None);
/// ```
#[must_use]
pub fn true_places<T: Ord>(truth: &[T], predicted: &[T]) -> Option<Vec<usize>> {
    let mut places = std::collections::BTreeMap::new();
    for (place, item) in truth.iter().enumerate() {
        places.entry(item).or_insert(place);
    }
    predicted.iter().map(|item| places.get(item).copied()).collect()
}

/// Kendall's tau of several orders, pooled: `1 − 4·Σ Sᵢ / Σ nᵢ·(nᵢ − 1)` with Sᵢ the [`inversions`] of the i-th
/// predicted order and nᵢ the number of its items.
///
/// In [−1, 1] for permutations, larger is better; one ratio over all orders, so long ones weigh more. Shapes: for each
/// order its true length and the [`true_places`] of its items as predicted. `None` if every order has less than two
/// items. Source: Kaggle's definition for Google AI4Code; for one order, `scipy.stats.kendalltau`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::permutations::kendall_tau;
/// assert_eq!(kendall_tau(&[3, 2], &[vec![2, 0, 1], vec![0, 1]]), Some(0.0));
/// ```
#[must_use]
pub fn kendall_tau(lengths: &[usize], predicted: &[Vec<usize>]) -> Option<f64> {
    assert_eq!(lengths.len(), predicted.len(), "one predicted order a row");
    let pairs: u128 = lengths.iter().map(|&n| n as u128 * (n as u128).saturating_sub(1)).sum();
    let inversions: u128 = predicted.iter().map(|order| inversions(order)).sum();
    (pairs > 0).then(|| 1.0 - (4 * inversions) as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reverse_order_is_the_worst() {
        let order: Vec<usize> = (0..100).rev().collect();
        assert_eq!(inversions(&order), 4_950);
        assert_eq!(kendall_tau(&[100], &[order]), Some(-1.0));
    }

    #[test]
    fn single_items_have_no_order() {
        assert_eq!(kendall_tau(&[1, 0], &[vec![0], vec![]]), None);
    }

    #[test]
    fn ties_are_no_inversions() {
        assert_eq!(inversions(&[1, 1, 0, 0]), 4);
    }
}
