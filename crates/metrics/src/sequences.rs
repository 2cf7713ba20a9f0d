//! Edit distances of sequences: of characters, of words, of tokens.

use crate::sum;

/// Levenshtein distance: the fewest insertions, deletions and substitutions of one item that turn `a` into `b`.
///
/// A metric; at most the longer length. Time |a|·|b|, memory |b|. For texts take the slice of their characters
/// (Unicode scalar values). Source: Levenshtein, "Binary codes capable of correcting deletions, insertions, and
/// reversals", 1966.
///
/// ```
/// use mledojo_metrics::sequences::levenshtein;
/// assert_eq!(levenshtein(b"kitten", b"sitting"), 3);
/// ```
#[must_use]
pub fn levenshtein<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    // What both begin or end with costs nothing.
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let mut distances: Vec<usize> = (0..=b.len()).collect();
    for (row, item) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut distances[0], row + 1);
        for (column, other) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(item != other);
            diagonal = distances[column + 1];
            distances[column + 1] = substituted.min(distances[column].min(diagonal) + 1);
        }
    }
    distances[b.len()]
}

/// The mean over the rows of the [`levenshtein`] distance of two texts, in Unicode scalar values.
///
/// At least 0, smaller is better; nothing is trimmed or normalised. `None` for no rows.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::sequences::mean_levenshtein;
/// assert_eq!(mean_levenshtein(&["naïve", "a"], &["naive", ""]), Some(1.0));
/// ```
#[must_use]
pub fn mean_levenshtein<S: AsRef<str>>(truth: &[S], predicted: &[S]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let letters = |text: &S| text.as_ref().chars().collect::<Vec<_>>();
    let distances: Vec<f64> =
        truth.iter().zip(predicted).map(|(a, b)| levenshtein(&letters(a), &letters(b)) as f64).collect();
    sum::mean(distances.iter().copied(), distances.len())
}

/// Token error rate: the [`levenshtein`] distances of all rows, divided by the number of true tokens.
///
/// At least 0, may exceed 1, smaller is better: one ratio over everything, not a mean of the rows' rates. `None` if no
/// row has a true token. As the word error rate of speech recognition.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::sequences::token_error_rate;
/// assert_eq!(token_error_rate(&[vec![1, 2, 3], vec![4]], &[vec![1, 3], vec![4, 4]]), Some(0.5));
/// ```
#[must_use]
pub fn token_error_rate<T: PartialEq>(truth: &[Vec<T>], predicted: &[Vec<T>]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let tokens: usize = truth.iter().map(Vec::len).sum();
    let distance: usize = truth.iter().zip(predicted).map(|(a, b)| levenshtein(a, b)).sum();
    (tokens > 0).then(|| distance as f64 / tokens as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_by_hand() {
        for (a, b, expected) in [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("flaw", "lawn", 2), ("abab", "ab", 2)] {
            assert_eq!(levenshtein(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn no_tokens_have_no_rate() {
        assert_eq!(token_error_rate::<u8>(&[vec![]], &[vec![1]]), None);
        assert_eq!(mean_levenshtein::<&str>(&[], &[]), None);
    }
}
