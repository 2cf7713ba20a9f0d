//! Formulas on predicted classes: accuracy, balanced accuracy, F1, Matthews correlation.
//!
//! A class is any ordered value (a number, a string slice). Each function takes the true and the predicted class of
//! every row, in the same order; the order itself never changes a result.
//! All return `None` for no rows, and panic if the two lengths differ.

use std::collections::BTreeMap;

/// What a class was true, predicted and right for, in rows.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    truth: u64,
    predicted: u64,
    right: u64,
}

impl Counts {
    /// F1 of this class against the rest; 0 where the class was never right (2·TP / (2·TP + FP + FN)).
    fn f1(self) -> f64 {
        let sum = self.truth + self.predicted;
        if sum == 0 { 0.0 } else { 2.0 * self.right as f64 / sum as f64 }
    }
}

/// Counts of every class that occurs in the truth or the prediction, in the classes' order.
fn counts<T: Ord>(truth: &[T], predicted: &[T]) -> Vec<Counts> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let mut classes = BTreeMap::<&T, Counts>::new();
    for (truth, predicted) in truth.iter().zip(predicted) {
        classes.entry(truth).or_default().truth += 1;
        let class = classes.entry(predicted).or_default();
        class.predicted += 1;
        class.right += u64::from(truth == predicted);
    }
    classes.into_values().collect()
}

/// Accuracy: the share of rows whose class is right.
///
/// `1/n · Σ [ŷᵢ = yᵢ]`, in [0, 1], larger is better. As `sklearn.metrics.accuracy_score`.
///
/// ```
/// use mledojo_metrics::classification::accuracy;
/// assert_eq!(accuracy(&["cat", "dog", "dog", "cow"], &["cat", "dog", "cat", "cow"]), Some(0.75));
/// ```
#[must_use]
pub fn accuracy<T: PartialEq>(truth: &[T], predicted: &[T]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    if truth.is_empty() {
        return None;
    }
    let right = truth.iter().zip(predicted).filter(|(truth, predicted)| truth == predicted).count();
    Some(right as f64 / truth.len() as f64)
}

/// Balanced accuracy: the mean recall over the classes that occur in the truth.
///
/// `1/K · Σₖ TPₖ / (TPₖ + FNₖ)`, in [0, 1], larger is better; a class that is only predicted has no recall and does
/// not count. Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010; as
/// `sklearn.metrics.balanced_accuracy_score` (not adjusted for chance).
///
/// ```
/// use mledojo_metrics::classification::balanced_accuracy;
/// // Recall 2/2 for class 0 and 1/2 for class 1.
/// assert_eq!(balanced_accuracy(&[0, 0, 1, 1], &[0, 0, 1, 0]), Some(0.75));
/// ```
#[must_use]
pub fn balanced_accuracy<T: Ord>(truth: &[T], predicted: &[T]) -> Option<f64> {
    let classes: Vec<_> = counts(truth, predicted).into_iter().filter(|class| class.truth > 0).collect();
    let recalls: f64 = classes.iter().map(|class| class.right as f64 / class.truth as f64).sum();
    (!classes.is_empty()).then(|| recalls / classes.len() as f64)
}

/// Macro recall: the mean recall over every class that occurs in the truth or the prediction.
///
/// As [`balanced_accuracy`], but a class that is only predicted has recall 0 and counts. In [0, 1], larger is better.
/// As `sklearn.metrics.recall_score(average="macro", zero_division=0)`. The weighted mean of several such scores, one
/// for each component of a label, is Kaggle's hierarchical macro recall for Bengali.AI.
///
/// ```
/// use mledojo_metrics::classification::macro_recall;
/// // Recall 1 for class 0, 1/2 for class 1, 0 for class 2.
/// assert_eq!(macro_recall(&[0, 1, 1], &[0, 1, 2]), Some(0.5));
/// ```
#[must_use]
pub fn macro_recall<T: Ord>(truth: &[T], predicted: &[T]) -> Option<f64> {
    let classes = counts(truth, predicted);
    let recalls: f64 = classes.iter().map(|class| class.right as f64 / class.truth.max(1) as f64).sum();
    (!classes.is_empty()).then(|| recalls / classes.len() as f64)
}

/// The weighted mean of the [`macro_recall`] of several components: `Σ w·R / Σ w`. In [0, 1], larger is better.
///
/// Shapes: for each component its weight, true and predicted labels. `None` if a component has no rows, or no weight
/// is positive. Source: Kaggle's definition for Bengali.AI Handwritten Grapheme Classification (2, 1, 1).
///
/// ```
/// use mledojo_metrics::classification::hierarchical_macro_recall;
/// let parts: [(f64, &[u8], &[u8]); 2] = [(2.0, &[1, 2], &[1, 2]), (1.0, &[3, 4], &[3, 3])];
/// assert_eq!(hierarchical_macro_recall(&parts), Some(2.5 / 3.0));
/// ```
#[must_use]
pub fn hierarchical_macro_recall<T: Ord>(components: &[(f64, &[T], &[T])]) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (weight, truth, predicted) in components {
        sum += weight * macro_recall(truth, predicted)?;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

/// F1 of the positive class: the harmonic mean of its precision and recall.
///
/// `2·TP / (2·TP + FP + FN)`, in [0, 1], larger is better. `None` if no row is positive in the truth: then no
/// prediction can earn anything. Source: van Rijsbergen, "Information Retrieval", 1979; as
/// `sklearn.metrics.f1_score(average="binary")`.
///
/// ```
/// use mledojo_metrics::classification::f1_binary;
/// let truth = [true, true, false, false];
/// assert_eq!(f1_binary(&truth, &[true, false, true, false]), Some(0.5));
/// assert_eq!(f1_binary(&truth, &[false; 4]), Some(0.0));
/// ```
#[must_use]
pub fn f1_binary(truth: &[bool], predicted: &[bool]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    let positive = |values: &[bool]| values.iter().filter(|&&value| value).count() as u64;
    let right = truth.iter().zip(predicted).filter(|&(&truth, &predicted)| truth && predicted).count() as u64;
    let class = Counts { truth: positive(truth), predicted: positive(predicted), right };
    (class.truth > 0).then(|| class.f1())
}

/// Macro F1: the mean of the classes' F1 scores, over every class that occurs in the truth or the prediction.
///
/// In [0, 1], larger is better. A class that is only predicted, or never, has F1 0 and counts.
/// As `sklearn.metrics.f1_score(average="macro", zero_division=0)`.
///
/// ```
/// use mledojo_metrics::classification::f1_macro;
/// // Class 0: F1 1; class 1: 2/3; class 2, only predicted: 0.
/// let score = f1_macro(&[0, 1, 1], &[0, 1, 2]).unwrap();
/// assert!((score - 5.0 / 9.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn f1_macro<T: Ord>(truth: &[T], predicted: &[T]) -> Option<f64> {
    let classes = counts(truth, predicted);
    (!classes.is_empty()).then(|| classes.iter().map(|class| class.f1()).sum::<f64>() / classes.len() as f64)
}

/// Micro F1: the F1 score of the counts pooled over the classes.
///
/// With one class a row this equals [`accuracy`]. As `sklearn.metrics.f1_score(average="micro")`.
///
/// ```
/// use mledojo_metrics::classification::f1_micro;
/// assert_eq!(f1_micro(&[0, 1, 2, 2], &[0, 1, 1, 2]), Some(0.75));
/// ```
#[must_use]
pub fn f1_micro<T: PartialEq>(truth: &[T], predicted: &[T]) -> Option<f64> {
    // Pooled, every wrong row is one false positive and one false negative, so 2·TP / (2·TP + FP + FN) = TP / n.
    accuracy(truth, predicted)
}

/// Weighted F1: the mean of the classes' F1 scores, each weighted by its rows in the truth.
///
/// In [0, 1], larger is better. As `sklearn.metrics.f1_score(average="weighted", zero_division=0)`.
///
/// ```
/// use mledojo_metrics::classification::f1_weighted;
/// // Class 0: F1 1, one row; class 1: F1 2/3, two rows.
/// let score = f1_weighted(&[0, 1, 1], &[0, 1, 2]).unwrap();
/// assert!((score - 7.0 / 9.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn f1_weighted<T: Ord>(truth: &[T], predicted: &[T]) -> Option<f64> {
    let classes = counts(truth, predicted);
    let sum: f64 = classes.iter().map(|class| class.f1() * class.truth as f64).sum();
    (!truth.is_empty()).then(|| sum / truth.len() as f64)
}

/// Matthews correlation coefficient, for two classes or more.
///
/// With n rows, c right ones, and class k true in tₖ rows and predicted in pₖ:
/// `(c·n − Σ pₖ·tₖ) / √((n² − Σ pₖ²)·(n² − Σ tₖ²))`, in [−1, 1], larger is better, 0 is chance.
/// `None` if the truth or the prediction has one class only. Source: Gorodkin, "Comparing two K-category assignments
/// by a K-category correlation coefficient", 2004; as `sklearn.metrics.matthews_corrcoef`, which gives 0 for `None`.
///
/// ```
/// use mledojo_metrics::classification::mcc;
/// assert_eq!(mcc(&[1, 1, 0, 0], &[1, 1, 0, 0]), Some(1.0));
/// assert_eq!(mcc(&[1, 1, 0, 0], &[0, 0, 1, 1]), Some(-1.0));
/// assert_eq!(mcc(&[1, 1, 0, 0], &[1, 1, 1, 1]), None);
/// ```
#[must_use]
pub fn mcc<T: Ord>(truth: &[T], predicted: &[T]) -> Option<f64> {
    let classes = counts(truth, predicted);
    let total = |term: fn(&Counts) -> i128| classes.iter().map(term).sum::<i128>();
    let n = truth.len() as i128;
    let right = total(|class| i128::from(class.right));
    let covariance = right * n - total(|class| i128::from(class.predicted) * i128::from(class.truth));
    let predicted_variance = n * n - total(|class| i128::from(class.predicted).pow(2));
    let true_variance = n * n - total(|class| i128::from(class.truth).pow(2));
    if predicted_variance == 0 || true_variance == 0 {
        return None;
    }
    // One root of the product, not two roots: then a perfect prediction scores exactly 1.
    let scale = (predicted_variance as f64 * true_variance as f64).sqrt();
    Some((covariance as f64 / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("defined");
        assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
    }

    #[test]
    fn no_rows_have_no_score() {
        let none: [u32; 0] = [];
        assert_eq!(accuracy(&none, &none), None);
        assert_eq!(balanced_accuracy(&none, &none), None);
        assert_eq!(f1_macro(&none, &none), None);
        assert_eq!(f1_micro(&none, &none), None);
        assert_eq!(f1_weighted(&none, &none), None);
        assert_eq!(mcc(&none, &none), None);
        assert_eq!(f1_binary(&[], &[]), None);
    }

    #[test]
    fn balanced_accuracy_ignores_classes_that_are_only_predicted() {
        close(balanced_accuracy(&[0, 0, 1], &[0, 7, 1]), 0.75);
    }

    #[test]
    fn f1_by_hand_on_three_classes() {
        let (truth, predicted) = ([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]);
        // F1: 2·2/(3+2) = 0.8, 2·1/(2+2) = 0.5, 2·1/(1+2) = 2/3.
        close(f1_macro(&truth, &predicted), (0.8 + 0.5 + 2.0 / 3.0) / 3.0);
        close(f1_weighted(&truth, &predicted), (3.0 * 0.8 + 2.0 * 0.5 + 2.0 / 3.0) / 6.0);
        close(f1_micro(&truth, &predicted), 4.0 / 6.0);
    }

    #[test]
    fn mcc_by_hand() {
        // TP 2, TN 1, FP 1, FN 1: (2·1 − 1·1) / √(3·3·2·2) = 1/6.
        close(mcc(&[1, 1, 1, 0, 0], &[1, 1, 0, 0, 1]), 1.0 / 6.0);
    }

    #[test]
    fn binary_f1_needs_a_positive_row() {
        assert_eq!(f1_binary(&[false, false], &[true, false]), None);
    }

    #[test]
    #[should_panic(expected = "one prediction a row")]
    fn different_lengths_are_a_bug_of_the_caller() {
        let _ = accuracy(&[1, 2], &[1]);
    }
}
