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

/// [`hausdorff`] for cells of a grid of this shape whose sides are `step` long: the same distance in time linear in the
/// number of cells, by two distance transforms. `None` if a set is empty.
///
/// # Panics
/// If a cell lies outside the shape.
///
/// Source: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012.
///
/// ```
/// use mledojo_metrics::hausdorff::grid_hausdorff;
/// let distance = grid_hausdorff([1, 4, 5], [1.0, 1.0, 1.0], &[[0, 0, 0], [0, 3, 0]], &[[0, 0, 4]]);
/// assert_eq!(distance, Some(5.0));
/// ```
#[must_use]
pub fn grid_hausdorff(shape: [usize; 3], step: [f64; 3], a: &[[usize; 3]], b: &[[usize; 3]]) -> Option<f64> {
    let farthest = |from: &[[usize; 3]], to: &[[usize; 3]]| {
        let squares = squared_distances(shape, step, to);
        from.iter().map(|&cell| squares[place(shape, cell)]).fold(0.0_f64, f64::max)
    };
    (!a.is_empty() && !b.is_empty()).then(|| farthest(a, b).max(farthest(b, a)).sqrt())
}

fn place(shape: [usize; 3], cell: [usize; 3]) -> usize {
    assert!((0..3).all(|axis| cell[axis] < shape[axis]), "cells within the shape");
    (cell[0] * shape[1] + cell[1]) * shape[2] + cell[2]
}

/// The squared distance of each cell to the nearest of `cells`.
fn squared_distances(shape: [usize; 3], step: [f64; 3], cells: &[[usize; 3]]) -> Vec<f64> {
    let mut squares = vec![f64::INFINITY; shape.iter().product()];
    cells.iter().for_each(|&cell| squares[place(shape, cell)] = 0.0);
    let strides = [shape[1] * shape[2], shape[2], 1];
    let longest = shape.into_iter().max().unwrap_or(0);
    let (mut line, mut hull) = (Vec::with_capacity(longest), Vec::with_capacity(longest));
    for axis in 0..3 {
        for start in 0..squares.len() {
            // Each line along this axis is visited at its first cell.
            if (start / strides[axis]).is_multiple_of(shape[axis]) {
                line.clear();
                line.extend((0..shape[axis]).map(|index| squares[start + index * strides[axis]]));
                lower_envelope(&mut line, step[axis], &mut hull);
                for (index, square) in line.iter().enumerate() {
                    squares[start + index * strides[axis]] = *square;
                }
            }
        }
    }
    squares
}

/// Replaces each value by the least of `value(other) + (step · (index − other))²`.
fn lower_envelope(values: &mut [f64], step: f64, hull: &mut Vec<(usize, f64, f64)>) {
    // Parabolas by (centre, value there, from where on they are the lowest).
    hull.clear();
    let at = |index: usize| index as f64 * step;
    for (index, &value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let mut from = f64::NEG_INFINITY;
        while let Some(&(other, lower, start)) = hull.last() {
            from = ((value + at(index).powi(2)) - (lower + at(other).powi(2))) / (2.0 * (at(index) - at(other)));
            if from > start {
                break;
            }
            hull.pop();
            from = f64::NEG_INFINITY;
        }
        hull.push((index, value, from));
    }
    if hull.is_empty() {
        return;
    }
    let mut lowest = 0;
    for (index, slot) in values.iter_mut().enumerate() {
        while hull.get(lowest + 1).is_some_and(|next| next.2 < at(index)) {
            lowest += 1;
        }
        let (centre, value, _) = hull[lowest];
        *slot = value + (at(index) - at(centre)).powi(2);
    }
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
