//! Means.

/// The arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The middle value, of an even number the mean of the two; `None` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(if sorted.len() % 2 == 1 { upper } else { f64::midpoint(sorted[sorted.len() / 2 - 1], upper) })
}

/// The mean of the middle half: a quarter of the values, rounded down, is cut off at each end, as
/// `scipy.stats.trim_mean(values, 0.25)` does. `None` of nothing.
///
/// Of all runs of a model it is the aggregate that Agarwal et al. recommend for few seeds ("Deep Reinforcement Learning
/// at the Edge of the Statistical Precipice", 2021).
///
/// ```
/// use mledojo_eval::statistics::interquartile_mean;
///
/// assert_eq!(interquartile_mean(&[0.0, 1.0, 3.0, 100.0]), Some(2.0));
/// ```
#[must_use]
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    mean(&sorted[cut..sorted.len() - cut])
}

/// The standard error of the mean, by the sample's standard deviation (n − 1); 0 of fewer than two values.
#[must_use]
pub fn standard_error(values: &[f64]) -> f64 {
    let Some(centre) = mean(values).filter(|_| values.len() > 1) else { return 0.0 };
    let count = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (count - 1.0) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_half_is_what_is_left_of_the_quarters() {
        assert_eq!(interquartile_mean(&[]), None);
        assert_eq!(interquartile_mean(&[5.0]), Some(5.0));
        assert_eq!(interquartile_mean(&[9.0, 1.0, 2.0]), Some(4.0));
        // scipy.stats.trim_mean([1, 2, 3, 4, 5, 6, 7, 80], 0.25) = 4.5
        assert_eq!(interquartile_mean(&[80.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 4.0]), Some(4.5));
    }

    #[test]
    fn one_value_has_no_error() {
        assert_eq!(standard_error(&[3.0]), 0.0);
        // scipy.stats.sem([1, 2, 4])
        assert!((standard_error(&[1.0, 2.0, 4.0]) - 0.881_917_103_688_197).abs() < 1e-15);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
