//! Which rows are the test set, and in which order rows are numbered: by hash, so the same everywhere.

use std::collections::BTreeMap;

use crate::digest::sha256;

/// Row numbers `0..rows` in the order of SHA-256 of `slug:purpose:row`.
///
/// Two purposes give unrelated orders, so that the number a row gets says nothing of the part it fell into.
pub(crate) fn hash_order(slug: &str, purpose: &str, rows: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by_cached_key(|row| sha256(format!("{slug}:{purpose}:{row}").as_bytes()));
    order
}

/// Which rows are test rows: of each class `fraction` of its rows, rounded, but at least one on either side.
///
/// `classes` has one name a row; without classes, give all the same. A class of one row stays in the training set.
pub(crate) fn stratified(slug: &str, classes: &[&str], fraction: f64) -> Vec<bool> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in hash_order(slug, "split", classes.len()) {
        members.entry(classes[row]).or_default().push(row);
    }
    let mut is_test = vec![false; classes.len()];
    for rows in members.values() {
        for &row in &rows[..share(rows.len(), fraction)] {
            is_test[row] = true;
        }
    }
    is_test
}

/// Which steps of a series are test steps: the latest ones.
pub(crate) fn latest(steps: usize, fraction: f64) -> Vec<bool> {
    let first = steps - share(steps, fraction);
    (0..steps).map(|step| step >= first).collect()
}

/// `fraction` of `count`, rounded, with at least one inside and one outside where there are two.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 < fraction < 1, so within 0..=count")]
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
fn share(count: usize, fraction: f64) -> usize {
    match count {
        0 | 1 => 0,
        _ => ((count as f64 * fraction).round() as usize).clamp(1, count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_gives_its_share() {
        let classes: Vec<&str> = (0..100).map(|row| if row < 70 { "a" } else { "b" }).collect();
        let is_test = stratified("x", &classes, 0.3);
        let count = |class| (0..100).filter(|&row| is_test[row] && classes[row] == class).count();
        assert_eq!((count("a"), count("b")), (21, 9));
    }

    #[test]
    fn tiny_classes_keep_a_row_on_either_side() {
        assert_eq!(stratified("x", &["a", "a", "b"], 0.01).iter().filter(|&&test| test).count(), 1);
        assert_eq!(stratified("x", &["a", "a"], 0.99).iter().filter(|&&test| test).count(), 1);
        assert!(!stratified("x", &["a", "a", "b"], 0.5)[2]);
    }

    #[test]
    fn the_order_is_a_permutation_that_depends_on_slug_and_purpose() {
        let order = hash_order("iris", "split", 50);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        assert_ne!(order, hash_order("iris", "id", 50));
        assert_ne!(order, hash_order("wine", "split", 50));
        // A change of these would change every prepared competition and its leaderboards.
        assert_eq!(order[..5], [40, 32, 2, 38, 11]);
    }

    #[test]
    fn a_series_gives_its_end() {
        assert_eq!(latest(10, 0.25), [false, false, false, false, false, false, false, true, true, true]);
    }
}
