//! Formulas on sets: of words, of labels, of character positions. Sets are [`BTreeSet`]s, so repeats do not count.

use std::collections::BTreeSet;

use crate::sum;

/// What a row counts whose sets are both empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BothEmpty {
    /// 1: there was nothing to find, and nothing was claimed.
    One,
    /// 0.
    Zero,
}

impl BothEmpty {
    fn value(self) -> f64 {
        if self == Self::One { 1.0 } else { 0.0 }
    }
}

/// The set of a text's lower-case words, cut at Unicode white space; punctuation stays with its word.
///
/// ```
/// use mledojo_metrics::sets::lowercase_words;
/// assert_eq!(lowercase_words("To be, TO be "), ["be", "be,", "to"].map(str::to_owned).into());
/// ```
#[must_use]
pub fn lowercase_words(text: &str) -> BTreeSet<String> {
    text.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Jaccard similarity of two sets: `|A ∩ B| / |A ∪ B|`. In [0, 1], symmetric.
///
/// Source: Jaccard, "Étude comparative de la distribution florale", 1901; as `sklearn.metrics.jaccard_score` on the
/// sets' indicators.
///
/// ```
/// use mledojo_metrics::sets::{BothEmpty, jaccard, lowercase_words};
/// let (a, b) = (lowercase_words("so very sad"), lowercase_words("Very sad !"));
/// assert_eq!(jaccard(&a, &b, BothEmpty::Zero), 0.5);
/// ```
#[must_use]
pub fn jaccard<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>, both_empty: BothEmpty) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 { both_empty.value() } else { common as f64 / all as f64 }
}

/// F1 of two sets (Dice's coefficient): `2·|A ∩ B| / (|A| + |B|)`. In [0, 1], symmetric.
///
/// ```
/// use mledojo_metrics::sets::{BothEmpty, f1};
/// assert_eq!(f1(&[1, 2].into(), &[2, 3].into(), BothEmpty::One), 0.5);
/// ```
#[must_use]
pub fn f1<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>, both_empty: BothEmpty) -> f64 {
    let all = a.len() + b.len();
    if all == 0 { both_empty.value() } else { (2 * a.intersection(b).count()) as f64 / all as f64 }
}

fn mean<T: Ord>(
    truth: &[BTreeSet<T>],
    predicted: &[BTreeSet<T>],
    both_empty: BothEmpty,
    similarity: fn(&BTreeSet<T>, &BTreeSet<T>, BothEmpty) -> f64,
) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted set a row");
    sum::mean(truth.iter().zip(predicted).map(|(a, b)| similarity(a, b, both_empty)), truth.len())
}

/// The mean over the rows of the [`jaccard`] similarity. In [0, 1], larger is better. `None` for no rows.
///
/// Source: Kaggle's definition for Tweet Sentiment Extraction, on [`lowercase_words`].
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::sets::{BothEmpty, mean_jaccard};
/// let score = mean_jaccard(&[[1, 2].into(), [].into()], &[[2].into(), [].into()], BothEmpty::One);
/// assert_eq!(score, Some(0.75));
/// ```
#[must_use]
pub fn mean_jaccard<T: Ord>(truth: &[BTreeSet<T>], predicted: &[BTreeSet<T>], both_empty: BothEmpty) -> Option<f64> {
    mean(truth, predicted, both_empty, jaccard)
}

/// The mean over the rows of the sets' [`f1`]. In [0, 1], larger is better. `None` for no rows.
///
/// As `sklearn.metrics.f1_score(average="samples")` with [`BothEmpty::Zero`]; Kaggle's mean F1-score.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::sets::{BothEmpty, mean_f1};
/// let score = mean_f1(&[[1, 2].into(), [3].into()], &[[2, 4].into(), [3].into()], BothEmpty::One);
/// assert_eq!(score, Some(0.75));
/// ```
#[must_use]
pub fn mean_f1<T: Ord>(truth: &[BTreeSet<T>], predicted: &[BTreeSet<T>], both_empty: BothEmpty) -> Option<f64> {
    mean(truth, predicted, both_empty, f1)
}

/// Which predicted members count as false positives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vocabulary {
    /// All that are not true in their row.
    Open,
    /// Only those that are true in some row; others are overlooked.
    OfTruth,
}

/// Micro F1 of sets: `2·TP / (2·TP + FP + FN)` with the counts added up over the rows. In [0, 1], larger is better.
///
/// `None` if the sets of all rows are empty on both sides. As `sklearn.metrics.f1_score(average="micro")` on the sets'
/// indicators; on sets of character positions, Kaggle's definition for NBME – Score Clinical Patient Notes.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::sets::{Vocabulary, micro_f1};
/// let (truth, predicted) = ([[1, 2].into(), [3].into()], [[1].into(), [3, 9].into()]);
/// assert_eq!(micro_f1(&truth, &predicted, Vocabulary::Open), Some(4.0 / 6.0));
/// assert_eq!(micro_f1(&truth, &predicted, Vocabulary::OfTruth), Some(4.0 / 5.0));
/// ```
#[must_use]
pub fn micro_f1<T: Ord>(truth: &[BTreeSet<T>], predicted: &[BTreeSet<T>], vocabulary: Vocabulary) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one predicted set a row");
    let known: BTreeSet<&T> = truth.iter().flatten().collect();
    let counts = |member: &&T| vocabulary == Vocabulary::Open || known.contains(member);
    let right: usize = truth.iter().zip(predicted).map(|(a, b)| a.intersection(b).count()).sum();
    let all = truth.iter().map(BTreeSet::len).sum::<usize>() + predicted.iter().flatten().filter(counts).count();
    (all > 0).then(|| (2 * right) as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_sets_count_as_asked() {
        let none = BTreeSet::<u8>::new();
        assert_eq!((jaccard(&none, &none, BothEmpty::One), jaccard(&none, &none, BothEmpty::Zero)), (1.0, 0.0));
        assert_eq!((f1(&none, &none, BothEmpty::One), f1(&none, &[1].into(), BothEmpty::One)), (1.0, 0.0));
        let none = [none];
        assert_eq!(micro_f1(&none, &none, Vocabulary::Open), None);
    }

    #[test]
    fn words_are_lower_case_in_any_script() {
        assert_eq!(lowercase_words("ÄÖ\u{a0}äö Σ"), ["äö", "σ"].map(str::to_owned).into());
    }
}
