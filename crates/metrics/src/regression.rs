//! Formulas on predicted numbers: MSE, RMSE, RMSPE, MAE, median AE, RMSLE, R², MAPE, SMAPE.
//!
//! Each function takes the true and the predicted number of every row, in the same order; all must be finite.
//! All return `None` for no rows, and panic if the two lengths differ. A result beyond the range of `f64` is an
//! infinity, never NaN.

use crate::sum::{self, Sum};

fn pairs<'a>(truth: &'a [f64], predicted: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
    assert_eq!(truth.len(), predicted.len(), "one prediction a row");
    truth.iter().copied().zip(predicted.iter().copied())
}

/// `√(mean of squares)`, for values whose squares leave the range of `f64` too.
fn root_mean_square(values: impl Iterator<Item = f64> + Clone, count: usize) -> Option<f64> {
    let unit = sum::unit(values.clone());
    if unit.is_infinite() {
        return Some(f64::INFINITY);
    }
    sum::mean(values.map(|value| (value / unit).powi(2)), count).map(|mean| unit * mean.sqrt())
}

/// Root mean squared error.
///
/// `√(1/n · Σ (ŷᵢ − yᵢ)²)`, at least 0, smaller is better, in the unit of the target.
/// As `sklearn.metrics.root_mean_squared_error`.
///
/// ```
/// use mledojo_metrics::regression::rmse;
/// assert_eq!(rmse(&[1.0, 2.0], &[4.0, 6.0]), Some(12.5_f64.sqrt()));
/// ```
#[must_use]
pub fn rmse(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    root_mean_square(pairs(truth, predicted).map(|(truth, predicted)| predicted - truth), truth.len())
}

/// Mean absolute error.
///
/// `1/n · Σ |ŷᵢ − yᵢ|`, at least 0, smaller is better, in the unit of the target.
/// As `sklearn.metrics.mean_absolute_error`.
///
/// ```
/// use mledojo_metrics::regression::mae;
/// assert_eq!(mae(&[1.0, 2.0], &[4.0, 1.0]), Some(2.0));
/// ```
#[must_use]
pub fn mae(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    sum::mean(pairs(truth, predicted).map(|(truth, predicted)| (predicted - truth).abs()), truth.len())
}

/// Root mean squared logarithmic error: the RMSE of `ln(1 + x)`.
///
/// `√(1/n · Σ (ln(1 + ŷᵢ) − ln(1 + yᵢ))²)`, at least 0, smaller is better. `None` if a number is −1 or less, where
/// the logarithm does not exist. As `sklearn.metrics.root_mean_squared_log_error`.
///
/// ```
/// use mledojo_metrics::regression::rmsle;
/// let e = std::f64::consts::E;
/// assert_eq!(rmsle(&[0.0], &[e - 1.0]), Some(1.0));
/// assert_eq!(rmsle(&[0.0], &[-1.0]), None);
/// ```
#[must_use]
pub fn rmsle(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    if truth.iter().chain(predicted).any(|&value| value <= -1.0) {
        return None;
    }
    root_mean_square(pairs(truth, predicted).map(|(truth, predicted)| predicted.ln_1p() - truth.ln_1p()), truth.len())
}

/// Mean squared error.
///
/// `1/n · Σ (ŷᵢ − yᵢ)²`, at least 0, smaller is better. As `sklearn.metrics.mean_squared_error`.
///
/// ```
/// use mledojo_metrics::regression::mse;
/// assert_eq!(mse(&[1.0, 2.0], &[4.0, 6.0]), Some(12.5));
/// ```
#[must_use]
pub fn mse(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    sum::mean(pairs(truth, predicted).map(|(truth, predicted)| (predicted - truth).powi(2)), truth.len())
}

/// Median absolute error: the middle of `|ŷᵢ − yᵢ|`, or the mean of the two middle ones.
///
/// At least 0, smaller is better. As `sklearn.metrics.median_absolute_error`.
///
/// ```
/// use mledojo_metrics::regression::median_absolute_error;
/// assert_eq!(median_absolute_error(&[0.0, 0.0, 0.0, 0.0], &[1.0, -9.0, 2.0, 4.0]), Some(3.0));
/// ```
#[must_use]
pub fn median_absolute_error(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let mut errors: Vec<f64> = pairs(truth, predicted).map(|(truth, predicted)| (predicted - truth).abs()).collect();
    errors.sort_unstable_by(f64::total_cmp);
    let (low, high) = (*errors.get(errors.len().checked_sub(1)? / 2)?, *errors.get(errors.len() / 2)?);
    // Halves, for the sum of the two may overflow.
    Some(if low == high { low } else { low / 2.0 + high / 2.0 })
}

/// Root mean squared percentage error, as a fraction, over the rows whose truth is not 0.
///
/// `√(1/m · Σ ((yᵢ − ŷᵢ) / yᵢ)²)`, at least 0, smaller is better. `None` if every truth is 0. Source: Kaggle's
/// definition for Rossmann Store Sales, which leaves out days without sales.
///
/// ```
/// use mledojo_metrics::regression::rmspe;
/// assert_eq!(rmspe(&[2.0, 0.0, 4.0], &[1.0, 9.0, 6.0]), Some(0.5));
/// ```
#[must_use]
pub fn rmspe(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let shares: Vec<f64> = pairs(truth, predicted)
        .filter(|(truth, _)| *truth != 0.0)
        .map(|(truth, predicted)| (truth - predicted) / truth)
        .collect();
    root_mean_square(shares.iter().copied(), shares.len())
}

/// What RMSLE does with numbers below −1, which have no `ln(1 + x)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogDomain {
    /// The metric is undefined: the submission is invalid.
    Strict,
    /// Such rows are left out of the mean, as a data frame's mean leaves out missing values.
    SkipRow,
    /// Negative numbers, predicted or true, count as 0.
    ClipToZero,
}

/// [`rmsle`] with a rule for numbers outside the logarithm's domain.
///
/// With [`LogDomain::SkipRow`] exactly −1 gives an infinite error, unless truth and prediction both are −1. `None` if no row is left.
///
/// ```
/// use mledojo_metrics::regression::{LogDomain, rmsle_with};
/// let (truth, predicted) = ([0.0, 3.0], [0.0, -2.0]);
/// assert_eq!(rmsle_with(&truth, &predicted, LogDomain::Strict), None);
/// assert_eq!(rmsle_with(&truth, &predicted, LogDomain::SkipRow), Some(0.0));
/// assert_eq!(rmsle_with(&[0.0], &[-2.0], LogDomain::ClipToZero), Some(0.0));
/// ```
#[must_use]
pub fn rmsle_with(truth: &[f64], predicted: &[f64], domain: LogDomain) -> Option<f64> {
    let rows = pairs(truth, predicted);
    match domain {
        LogDomain::Strict => rmsle(truth, predicted),
        LogDomain::SkipRow => {
            let (truth, predicted): (Vec<f64>, Vec<f64>) =
                rows.filter(|(t, p)| *t >= -1.0 && *p >= -1.0 && t.max(*p) > -1.0).unzip();
            if truth.iter().chain(&predicted).any(|value| *value == -1.0) {
                return Some(f64::INFINITY);
            }
            rmsle(&truth, &predicted)
        }
        LogDomain::ClipToZero => {
            let (truth, predicted): (Vec<f64>, Vec<f64>) = rows.map(|(t, p)| (t.max(0.0), p.max(0.0))).unzip();
            rmsle(&truth, &predicted)
        }
    }
}

/// R², the coefficient of determination: the share of the target's variance that the prediction explains.
///
/// `1 − Σ (yᵢ − ŷᵢ)² / Σ (yᵢ − ȳ)²`, at most 1, larger is better; 0 for predicting the mean, negative for worse.
/// `None` if the truth is constant (so also for one row). As `sklearn.metrics.r2_score(force_finite=False)`.
///
/// ```
/// use mledojo_metrics::regression::r2;
/// assert_eq!(r2(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0]), Some(0.5));
/// assert_eq!(r2(&[2.0, 2.0], &[1.0, 2.0]), None);
/// ```
#[must_use]
pub fn r2(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let pairs = pairs(truth, predicted);
    if truth.iter().all(|value| *value == truth[0]) {
        return None;
    }
    // Both sums are taken in units of the truth, then of its spread, so that neither overflows or vanishes by itself.
    let scale = sum::unit(truth.iter().copied());
    let mean = sum::mean(truth.iter().map(|value| value / scale), truth.len())?;
    let spread = sum::unit(truth.iter().map(|value| value / scale - mean));
    let total: Sum = truth.iter().map(|value| ((value / scale - mean) / spread).powi(2)).collect();
    let residual: Sum =
        pairs.map(|(truth, predicted)| ((predicted / scale - truth / scale) / spread).powi(2)).collect();
    Some(1.0 - residual.total() / total.total())
}

/// Mean absolute percentage error, as a fraction: 0.1 is ten percent.
///
/// `1/n · Σ |yᵢ − ŷᵢ| / max(|yᵢ|, ε)` with ε = 2⁻⁵² (2.2e-16), at least 0, smaller is better; a row whose truth is 0
/// costs enormously. As `sklearn.metrics.mean_absolute_percentage_error`.
///
/// ```
/// use mledojo_metrics::regression::mape;
/// assert_eq!(mape(&[2.0, -4.0], &[3.0, -4.0]), Some(0.25));
/// ```
#[must_use]
pub fn mape(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let terms =
        pairs(truth, predicted).map(|(truth, predicted)| (truth - predicted).abs() / truth.abs().max(f64::EPSILON));
    sum::mean(terms, truth.len())
}

/// Symmetric mean absolute percentage error, in percent.
///
/// `100/n · Σ 2·|ŷᵢ − yᵢ| / (|ŷᵢ| + |yᵢ|)`, in [0, 200], smaller is better; a row where both are 0 counts 0.
/// Source: Makridakis and Hibon, "The M3-Competition", 2000.
///
/// ```
/// use mledojo_metrics::regression::smape;
/// assert_eq!(smape(&[1.0, 0.0], &[3.0, 0.0]), Some(50.0));
/// assert_eq!(smape(&[0.0], &[1.0]), Some(200.0));
/// ```
#[must_use]
pub fn smape(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let terms = pairs(truth, predicted).map(|(truth, predicted)| {
        if truth == predicted {
            return 0.0;
        }
        // Halves cannot overflow; only huge numbers are halved, for the smallest ones have no half.
        let factor = if truth.abs().max(predicted.abs()) > 1e300 { 0.5 } else { 1.0 };
        let (truth, predicted) = (truth * factor, predicted * factor);
        200.0 * ((predicted - truth).abs() / (predicted.abs() + truth.abs()))
    });
    sum::mean(terms, truth.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("defined");
        assert!((found - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    #[test]
    fn by_hand() {
        let (truth, predicted) = ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]);
        close(rmse(&truth, &predicted), 0.375_f64.sqrt());
        close(mae(&truth, &predicted), 0.5);
        close(mse(&truth, &predicted), 0.375);
        close(median_absolute_error(&truth, &predicted), 0.5);
        close(rmspe(&[2.0, 0.0, 4.0], &[1.0, 5.0, 4.0]), 0.125_f64.sqrt());
        // Squared errors 1.5; mean 2.875, squared deviations 29.1875.
        close(r2(&truth, &predicted), 1.0 - 1.5 / 29.1875);
        close(mape(&truth, &predicted), (0.5 / 3.0 + 0.5 / 0.5 + 0.0 + 1.0 / 7.0) / 4.0);
        close(smape(&truth, &predicted), 100.0 * (1.0 / 5.5 + 2.0 + 0.0 + 2.0 / 15.0) / 4.0);
        close(rmsle(&[0.0, 3.0], &[1.0, 1.0]), 2.0_f64.ln());
    }

    #[test]
    fn rows_outside_the_logarithm_are_skipped_and_its_edge_is_infinite() {
        let skip = |truth: &[f64], predicted: &[f64]| rmsle_with(truth, predicted, LogDomain::SkipRow);
        assert_eq!(skip(&[0.0, 1.0], &[0.0, -1.0]), Some(f64::INFINITY));
        assert_eq!(skip(&[0.0, -1.0], &[0.0, -1.0]), Some(0.0));
        assert_eq!(skip(&[5.0], &[-1.5]), None);
    }

    #[test]
    fn no_rows_have_no_score() {
        for metric in [mse, rmse, rmspe, mae, median_absolute_error, rmsle, r2, mape, smape] {
            assert_eq!(metric(&[], &[]), None);
        }
    }

    #[test]
    fn extreme_values_stay_exact_or_overflow_to_infinity() {
        close(rmse(&[0.0, 0.0], &[1e200, 1e200]), 1e200);
        assert_eq!(rmse(&[0.0], &[1e-200]), Some(1e-200));
        assert_eq!(rmse(&[-1e308], &[1e308]), Some(f64::INFINITY));
        close(mae(&[0.0, 0.0], &[1e308, 1.5e308]), 1.25e308);
        close(r2(&[1e300, 2e300, 3e300], &[1e300, 2e300, 4e300]), 0.5);
        close(r2(&[1e-300, 2e-300, 3e-300], &[1e-300, 2e-300, 4e-300]), 0.5);
        assert_eq!(r2(&[1.0, 2.0], &[1e300, 1.0]), Some(f64::NEG_INFINITY));
        close(r2(&[f64::MAX, -f64::MAX], &[f64::MAX, -f64::MAX]), 1.0);
        assert_eq!(smape(&[-1.7e308], &[1.7e308]), Some(200.0));
        assert_eq!(smape(&[5e-324], &[0.0]), Some(200.0));
        assert_eq!(mape(&[0.0], &[1e300]), Some(f64::INFINITY));
        assert!(rmsle(&[f64::MAX], &[-1.0 + f64::EPSILON]).is_some_and(f64::is_finite));
    }
}
