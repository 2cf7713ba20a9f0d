//! Distance of shapes: how far the pixels of one mask are from the nearest ones of another.

/// Symmetric Hausdorff distance of two sets of points: the largest distance of a point to the nearest one of the other
/// set, either way. `None` if a set is empty.
///
/// Shapes: points of D coordinates. Time |a|·|b| at worst; a search ends early where it can no longer matter.
/// As the larger of both directions of `scipy.spatial.distance.directed_hausdorff`.
///
/// ```
/// use mledojo_metrics::hausdorff::hausdorff;
/// assert_eq!(hausdorff(&[[0.0, 0.0], [3.0, 0.0]], &[[0.0, 4.0]]), Some(5.0));
/// ```
#[must_use]
pub fn hausdorff<const D: usize>(a: &[[f64; D]], b: &[[f64; D]]) -> Option<f64> {
    (!a.is_empty() && !b.is_empty()).then(|| directed(a, b, directed(b, a, 0.0)).sqrt())
}

/// The largest squared distance of a point of `from` to its nearest one in `to`, or `least` if that is larger.
fn directed<const D: usize>(from: &[[f64; D]], to: &[[f64; D]], least: f64) -> f64 {
    let mut farthest = least;
    // Neighbours in a list are near each other, so the last nearest place is a good one to look at first.
    let mut start = 0;
    for point in from {
        let mut nearest = (f64::INFINITY, start);
        for index in (start..to.len()).chain(0..start) {
            let square: f64 = point.iter().zip(&to[index]).map(|(a, b)| (a - b).powi(2)).sum();
            if square < nearest.0 {
                nearest = (square, index);
            }
            if nearest.0 <= farthest {
                break;
            }
        }
        farthest = farthest.max(nearest.0);
        start = nearest.1;
    }
    farthest
}

/// Weights and conventions of [`dice_hausdorff`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiceHausdorff {
    /// Weight of Dice's coefficient.
    pub dice_weight: f64,
    /// Weight of one minus the distance.
    pub distance_weight: f64,
    /// (Dice, distance) of a pair of empty sets; `None` leaves it out of both means.
    pub both_empty: Option<(f64, f64)>,
}

/// `w_d · mean(Dice) + w_h · (1 − mean(distance))` over pairs of pixel sets, each scored already.
///
/// Each pair is (Dice, distance), or `None` if both sets are empty; the distance is [`hausdorff`] over the image's
/// diagonal, and 1 if one set is empty. In [0, 1] for weights that sum to 1, larger is better. `None` if no pair is
/// left. Source: Kaggle's definition for UW-Madison GI Tract Image Segmentation (0.4 and 0.6).
///
/// ```
/// use mledojo_metrics::hausdorff::{DiceHausdorff, dice_hausdorff};
/// let rules = DiceHausdorff { dice_weight: 0.4, distance_weight: 0.6, both_empty: None };
/// assert_eq!(dice_hausdorff(&[Some((1.0, 0.0)), None], &rules), Some(1.0));
/// ```
#[must_use]
pub fn dice_hausdorff(pairs: &[Option<(f64, f64)>], rules: &DiceHausdorff) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = pairs.iter().filter_map(|pair| pair.or(rules.both_empty)).collect();
    let dice = crate::sum::mean(pairs.iter().map(|pair| pair.0), pairs.len())?;
    let distance = crate::sum::mean(pairs.iter().map(|pair| pair.1), pairs.len())?;
    Some(rules.dice_weight * dice + rules.distance_weight * (1.0 - distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_count() {
        let (a, b) = ([[0.0], [1.0]], [[0.0], [1.0], [9.0]]);
        assert_eq!((hausdorff(&a, &b), hausdorff(&b, &a)), (Some(8.0), Some(8.0)));
        assert_eq!((hausdorff(&a, &a), hausdorff(&a, &[])), (Some(0.0), None));
    }

    #[test]
    fn empty_pairs_count_as_asked() {
        let rules = DiceHausdorff { dice_weight: 0.4, distance_weight: 0.6, both_empty: Some((0.0, 0.0)) };
        assert_eq!(dice_hausdorff(&[Some((1.0, 0.0)), None], &rules), Some(0.8));
        assert_eq!(dice_hausdorff(&[], &rules), None);
    }
}
