//! Angles and distances: on the sky, on the Earth, between masks.

use std::collections::BTreeMap;

use crate::sum;

/// Mean angle between true and predicted directions, in radians. In [0, π], smaller is better.
///
/// The angle is `arccos(sin θ·sin θ′·cos(φ − φ′) + cos θ·cos θ′)` with the cosine clipped to [−1, 1]. Shapes: for each
/// row (azimuth φ, zenith θ) in radians, any finite numbers. `None` for no rows. Source: Kaggle's definition for
/// IceCube – Neutrinos in Deep Ice.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::geometry::mean_angular_error;
/// let score = mean_angular_error(&[(0.0, 0.0)], &[(1.0, 0.5)]).unwrap();
/// assert!((score - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn mean_angular_error(truth: &[(f64, f64)], predicted: &[(f64, f64)]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one direction a row");
    let angles = truth.iter().zip(predicted).map(|((azimuth, zenith), (other_azimuth, other_zenith))| {
        let cosine =
            zenith.sin() * other_zenith.sin() * (azimuth - other_azimuth).cos() + zenith.cos() * other_zenith.cos();
        cosine.clamp(-1.0, 1.0).acos()
    });
    sum::mean(angles, truth.len())
}

/// Great-circle distance in metres of two points (latitude, longitude) in degrees, on a sphere of 6371 km.
///
/// `2R·arcsin √(sin²(Δφ/2) + cos φ·cos φ′·sin²(Δλ/2))`. Source: the haversine formula (Sinnott, "Virtues of the
/// haversine", 1984).
///
/// ```
/// use mledojo_metrics::geometry::haversine;
/// let degree = haversine((0.0, 0.0), (1.0, 0.0));
/// assert!((degree - 111_194.926_644_558_73).abs() < 1e-6);
/// ```
#[must_use]
pub fn haversine(a: (f64, f64), b: (f64, f64)) -> f64 {
    const RADIUS: f64 = 6_371_000.0;
    let (latitude, other) = (a.0.to_radians(), b.0.to_radians());
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let square = half(latitude, other) + latitude.cos() * other.cos() * half(a.1.to_radians(), b.1.to_radians());
    // Rounding can carry the distance of antipodes past the largest one.
    2.0 * RADIUS * square.clamp(0.0, 1.0).sqrt().asin()
}

/// Percentile with linear interpolation between order statistics: position q/100·(n − 1). `None` for no values.
///
/// As `numpy.percentile`, whose default this is.
///
/// ```
/// use mledojo_metrics::geometry::percentile;
/// assert_eq!(percentile(&[3.0, 1.0, 2.0, 4.0], 50.0), Some(2.5));
/// ```
#[must_use]
pub fn percentile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = q.clamp(0.0, 100.0) / 100.0 * sorted.len().checked_sub(1)? as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    let next = sorted[(low + 1).min(sorted.len() - 1)];
    Some(sorted[low] + (next - sorted[low]) * share)
}

/// The mean over groups of (P50 + P95)/2 of the group's distances in metres. At least 0, smaller is better.
///
/// Shapes: for each row a group and two points as for [`haversine`]. `None` for no rows. Source: Kaggle's definition
/// for Google Smartphone Decimeter Challenge 2022.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::geometry::haversine_p50_p95_mean;
/// let score = haversine_p50_p95_mean(&["a"], &[(0.0, 0.0)], &[(1.0, 0.0)]).unwrap();
/// assert!((score - 111_194.926_644_558_73).abs() < 1e-6);
/// ```
#[must_use]
pub fn haversine_p50_p95_mean<G: Ord>(groups: &[G], truth: &[(f64, f64)], predicted: &[(f64, f64)]) -> Option<f64> {
    assert_eq!((groups.len(), groups.len()), (truth.len(), predicted.len()), "two points and a group a row");
    let mut distances = BTreeMap::<&G, Vec<f64>>::new();
    for (group, (&a, &b)) in groups.iter().zip(truth.iter().zip(predicted)) {
        distances.entry(group).or_default().push(haversine(a, b));
    }
    let scores: Option<Vec<f64>> = distances
        .values()
        .map(|group| Some(f64::midpoint(percentile(group, 50.0)?, percentile(group, 95.0)?)))
        .collect();
    scores.and_then(|scores| sum::mean(scores.iter().copied(), scores.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn antipodes_are_half_a_circle_apart() {
        let far = haversine((-37.3, 11.0), (37.3, -169.0));
        assert!((far - std::f64::consts::PI * 6_371_000.0).abs() < 1.0, "{far}");
        let angle = mean_angular_error(&[(0.3, 1.0)], &[(0.3 + std::f64::consts::PI, std::f64::consts::PI - 1.0)]);
        assert!((angle.expect("defined") - std::f64::consts::PI).abs() < 1e-7);
    }

    #[test]
    fn groups_count_alike() {
        let at = |metres: f64| (metres / 111_194.926_644_558_73, 0.0);
        let truth = [(0.0, 0.0); 3];
        let score = haversine_p50_p95_mean(&[1, 1, 2], &truth, &[at(10.0), at(20.0), at(40.0)]).expect("defined");
        // Group 1: (15 + 19.5)/2; group 2: 40.
        assert!((score - (17.25 + 40.0) / 2.0).abs() < 1e-6, "{score}");
    }

    #[test]
    fn nothing_is_undefined() {
        assert_eq!(percentile(&[], 50.0), None);
        assert_eq!(mean_angular_error(&[], &[]), None);
        assert_eq!(haversine_p50_p95_mean::<u8>(&[], &[], &[]), None);
    }
}
