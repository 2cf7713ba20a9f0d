//! The ROC curve, and areas that weigh its parts differently.

use crate::ranking;

/// The points (false positive rate, true positive rate) of the ROC curve, from (0, 0) to (1, 1), one for each distinct
/// score. `None` if the truth has one class only.
///
/// With `drop_collinear` inner points are left out where both counts go on as before. As `sklearn.metrics.roc_curve`.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::curve::roc_points;
/// let points = roc_points(&[true, false, true], &[0.9, 0.5, 0.5], false).unwrap();
/// assert_eq!(points, [(0.0, 0.0), (0.0, 0.5), (1.0, 1.0)]);
/// ```
#[must_use]
pub fn roc_points(truth: &[bool], scores: &[f64], drop_collinear: bool) -> Option<Vec<(f64, f64)>> {
    assert_eq!(truth.len(), scores.len(), "one score a row");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_unstable_by(|&a, &b| (scores[b] + 0.0).total_cmp(&(scores[a] + 0.0)));
    let (mut negatives, mut positives) = (0_i64, 0_i64);
    let mut counts = Vec::new();
    for tie in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let tied = tie.iter().filter(|&&row| truth[row]).count() as i64;
        positives += tied;
        negatives += tie.len() as i64 - tied;
        counts.push((negatives, positives));
    }
    if positives == 0 || negatives == 0 {
        return None;
    }
    let straight = |point: &[(i64, i64)]| {
        let second = |a: i64, b: i64, c: i64| c - 2 * b + a;
        second(point[0].0, point[1].0, point[2].0) == 0 && second(point[0].1, point[1].1, point[2].1) == 0
    };
    let kept = (0..counts.len()).filter(|&index| {
        !drop_collinear || index == 0 || index + 1 == counts.len() || !straight(&counts[index - 1..=index + 1])
    });
    let points =
        kept.map(|index| (counts[index].0 as f64 / negatives as f64, counts[index].1 as f64 / positives as f64));
    Some(std::iter::once((0.0, 0.0)).chain(points).collect())
}

/// A band of true positive rates and what the area in it weighs.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Band {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Weight.
    pub weight: f64,
}

/// How the area of a band is measured.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BandArea {
    /// The area under the curve between the band's edges, interpolated there, over the largest such area: in [0, 1].
    /// Kaggle's weighted AUC (ALASKA2, Flavours of Physics).
    Exact,
    /// One minus the weighted area left of the curve over this number. At a band's edges the curve holds the false
    /// positive rate of the nearest point inside.
    Held {
        /// What the area left of the curve is divided by.
        divisor: f64,
    },
    /// One minus the weighted area left of the curve over that of a random ranking, by the trapezoids between this many
    /// evenly spaced true positive rates; what lies between a band's edge and the grid is lost.
    Grid {
        /// Number of rates from 0 to 1.
        points: usize,
    },
}

/// Area under the ROC curve with weights for bands of true positive rates. Larger is better.
///
/// `Σ w_b · area_b / Σ w_b · (high_b − low_b)` for [`BandArea::Exact`], where a perfect ranking scores 1; one band
/// from 0 to 1 gives the plain area. `None` if the truth has one class only, or no band has weight.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::curve::{Band, BandArea, banded_roc_auc};
/// let bands = [Band { low: 0.0, high: 0.4, weight: 2.0 }, Band { low: 0.4, high: 1.0, weight: 1.0 }];
/// let chance = banded_roc_auc(&[true, false], &[0.5, 0.5], &bands, BandArea::Exact).unwrap();
/// // 2·(0.4 − 0.08) + (0.6 − 0.42) over 1.4.
/// assert!((chance - 0.82 / 1.4).abs() < 1e-15);
/// ```
#[must_use]
pub fn banded_roc_auc(truth: &[bool], scores: &[f64], bands: &[Band], area: BandArea) -> Option<f64> {
    let weigh = |of_band: &dyn Fn(&Band) -> f64| bands.iter().map(|band| band.weight * of_band(band)).sum::<f64>();
    let points = roc_points(truth, scores, area != BandArea::Exact)?;
    let (left, all) = match area {
        BandArea::Exact => (weigh(&|band| left_of(&points, band)), weigh(&|band| band.high - band.low)),
        BandArea::Held { divisor } => (weigh(&|band| held_left_of(&points, band)), divisor),
        BandArea::Grid { points: count } => {
            let grid = on_grid(&points, count);
            let random = weigh(&|band| (band.high.powi(2) - band.low.powi(2)) / 2.0);
            (weigh(&|band| grid_left_of(&grid, band)), random)
        }
    };
    (all > 0.0).then(|| 1.0 - left / all)
}

/// The integral of the false positive rate over the band.
fn left_of(points: &[(f64, f64)], band: &Band) -> f64 {
    let segments = points.windows(2).filter(|pair| pair[1].1 > pair[0].1);
    segments
        .map(|pair| {
            let ((x, low), (end, high)) = (pair[0], pair[1]);
            let (from, to) = (low.max(band.low), high.min(band.high));
            let at = |rate: f64| x + (end - x) * (rate - low) / (high - low);
            if from < to { (to - from) * f64::midpoint(at(from), at(to)) } else { 0.0 }
        })
        .sum()
}

fn held_left_of(points: &[(f64, f64)], band: &Band) -> f64 {
    let inside = &points[points.partition_point(|point| point.1 < band.low)..];
    let inside = &inside[..inside.partition_point(|point| point.1 <= band.high)];
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return 0.0 };
    let held: Vec<(f64, f64)> = std::iter::once((first.0, band.low))
        .chain(inside.iter().copied())
        .chain(std::iter::once((last.0, band.high)))
        .collect();
    trapezoids(&held)
}

fn grid_left_of(grid: &[(f64, f64)], band: &Band) -> f64 {
    let inside = &grid[grid.partition_point(|point| point.1 < band.low)..];
    trapezoids(&inside[..inside.partition_point(|point| point.1 <= band.high)])
}

fn trapezoids(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|pair| (pair[1].1 - pair[0].1) * f64::midpoint(pair[0].0, pair[1].0)).sum()
}

/// The curve at evenly spaced true positive rates; where several points share a rate, the last one counts.
fn on_grid(points: &[(f64, f64)], count: usize) -> Vec<(f64, f64)> {
    let last = count.saturating_sub(1).max(1);
    let step = 1.0 / last as f64;
    (0..count)
        .map(|index| {
            let rate = if index == last { 1.0 } else { index as f64 * step };
            let above = points.partition_point(|point| point.1 <= rate);
            let (start, Some(end)) = (points[above.max(1) - 1], points.get(above)) else {
                return (points[above.max(1) - 1].0, rate);
            };
            ((end.0 - start.0) / (end.1 - start.1) * (rate - start.1) + start.0, rate)
        })
        .collect()
}

/// Area under the ROC curve that also looks at subgroups of rows, so that a model unfair to one scores less.
///
/// `w·AUC + Σ_k w·M_k` over three kinds k of subgroup areas: rows of the group; negatives of the group with positives
/// of the others; positives of the group with negatives of the others. M_k is the power mean `(mean aᵖ)^(1/p)` over
/// the groups whose area exists (0 if one is 0 and p negative). An undefined area, or kind, adds 0. In [0, 4·w],
/// larger is better. Shapes: for each group whether each row belongs to it. `None` if no area exists.
/// Source: Borkan et al., "Nuanced metrics for measuring unintended bias with real data for text classification",
/// 2019; Kaggle's definition for Jigsaw Unintended Bias (w = 0.25, p = −5).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::curve::bias_weighted_auc;
/// let truth = [true, false, true, false];
/// let group = vec![true, true, false, false];
/// assert_eq!(bias_weighted_auc(&truth, &[0.9, 0.1, 0.8, 0.2], &[group], 0.25, -5.0), Some(1.0));
/// ```
#[must_use]
pub fn bias_weighted_auc(truth: &[bool], scores: &[f64], groups: &[Vec<bool>], weight: f64, power: f64) -> Option<f64> {
    assert_eq!(truth.len(), scores.len(), "one score a row");
    let area = |keep: &dyn Fn(usize) -> bool| {
        let (truth, scores): (Vec<bool>, Vec<f64>) =
            (0..truth.len()).filter(|&row| keep(row)).map(|row| (truth[row], scores[row])).unzip();
        ranking::roc_auc(&truth, &scores)
    };
    let kinds: [fn(bool, bool) -> bool; 3] =
        [|_, member| member, |positive, member| positive != member, |positive, member| positive == member];
    let means = kinds.map(|kind| {
        let areas: Vec<f64> = groups
            .iter()
            .filter_map(|group| {
                assert_eq!(group.len(), truth.len(), "one membership a row");
                area(&|row| kind(truth[row], group[row]))
            })
            .collect();
        let mean = areas.iter().map(|area| area.powf(power)).sum::<f64>() / areas.len() as f64;
        (!areas.is_empty()).then(|| mean.powf(1.0 / power))
    });
    let parts = [area(&|_| true), means[0], means[1], means[2]];
    parts.iter().any(Option::is_some).then(|| parts.iter().flatten().map(|part| weight * part).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [Band; 1] = [Band { low: 0.0, high: 1.0, weight: 3.0 }];

    #[test]
    fn one_band_is_the_plain_area() {
        let (truth, scores) = ([false, true, false, true, true], [0.1, 0.2, 0.3, 0.3, 0.9]);
        let banded = banded_roc_auc(&truth, &scores, &WHOLE, BandArea::Exact).expect("defined");
        assert!((banded - ranking::roc_auc(&truth, &scores).expect("defined")).abs() < 1e-15);
    }

    #[test]
    fn perfect_rankings_score_one() {
        let (truth, scores) = ([false, false, true, true], [0.1, 0.2, 0.7, 0.9]);
        let bands = [Band { low: 0.0, high: 0.4, weight: 2.0 }, Band { low: 0.4, high: 1.0, weight: 1.0 }];
        for area in [BandArea::Exact, BandArea::Held { divisor: 3.0 }] {
            assert_eq!(banded_roc_auc(&truth, &scores, &bands, area), Some(1.0), "{area:?}");
        }
        // A grid that reaches rate 1 would end at the curve's last point, (1, 1).
        let low = banded_roc_auc(&truth, &scores, &bands[..1], BandArea::Grid { points: 10_000 });
        assert_eq!(low, Some(1.0));
    }

    #[test]
    fn a_constant_score_by_the_held_rule() {
        // Bands hold (0, 0) and (1, 1): areas 0 and 0.6·1, so 1 − 0.6/3.
        let bands = [Band { low: 0.0, high: 0.4, weight: 2.0 }, Band { low: 0.4, high: 1.0, weight: 1.0 }];
        let score = banded_roc_auc(&[true, false], &[0.5, 0.5], &bands, BandArea::Held { divisor: 3.0 });
        assert!((score.expect("defined") - 0.8).abs() < 1e-15);
    }

    #[test]
    fn a_random_ranking_by_the_grid_loses_slivers() {
        let band = |low, weight| Band { low, high: low + 0.2, weight };
        let bands = [
            band(0.0, 2.0),
            Band { high: 0.4, ..band(0.2, 1.5) },
            Band { high: 0.6, ..band(0.4, 1.0) },
            Band { high: 0.8, ..band(0.6, 0.5) },
        ];
        let score = banded_roc_auc(&[true, false], &[0.5, 0.5], &bands, BandArea::Grid { points: 10_000 });
        assert!((score.expect("defined") - 0.000_466_687).abs() < 1e-8, "{score:?}");
    }

    #[test]
    fn one_class_is_undefined() {
        assert_eq!(banded_roc_auc(&[true], &[0.5], &WHOLE, BandArea::Exact), None);
        assert_eq!(bias_weighted_auc(&[true], &[0.5], &[vec![true]], 0.25, -5.0), None);
    }

    #[test]
    fn a_group_ranked_backwards_costs_its_part() {
        let truth = [true, false, true, false];
        let group = vec![true, true, false, false];
        // Overall 3/4 … the group's own area is 0, so its kind adds 0.
        let score = bias_weighted_auc(&truth, &[0.4, 0.6, 0.9, 0.1], &[group], 0.25, -5.0).expect("defined");
        assert!((score - 0.25 * (0.75 + 0.0 + 1.0 + 1.0)).abs() < 1e-15, "{score}");
    }
}
