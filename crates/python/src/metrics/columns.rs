//! Metrics of two columns, or of a few.

use mledojo_metrics::curve::{Band, BandArea, banded_roc_auc};
use mledojo_metrics::gini::{gini, gini_of_auc, normalized_gini};
use mledojo_metrics::{
    classification, correlation, cross_entropy, kappa, precision, probability, ranking, regression, weighted,
};
use pyo3::prelude::*;

use super::{Flags, Labels, Numbers, choice, contiguous, finite, unknown};

/// A metric of true and predicted numbers; `rule` is what the metric does at its edges, where there is a choice.
#[pyfunction]
#[pyo3(signature = (name, y_true, y_pred, rule=None))]
pub(super) fn metric_of_numbers(
    py: Python<'_>,
    name: &str,
    y_true: Numbers<'_>,
    y_pred: Numbers<'_>,
    rule: Option<&str>,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite(&y_true, "y_true")?, finite(&y_pred, "y_pred")?);
    let formula: fn(&[f64], &[f64]) -> Option<f64> = match (name, rule) {
        ("rmse", None) => regression::rmse,
        ("mae", None) => regression::mae,
        ("mse", None) => regression::mse,
        ("median_absolute_error", None) => regression::median_absolute_error,
        ("rmspe", None) => regression::rmspe,
        ("r2", None) => regression::r2,
        ("mape", None) => regression::mape,
        ("smape", None) => regression::smape,
        ("pearson", None) => correlation::pearson,
        ("spearman", None) => correlation::spearman,
        ("rmsle", Some(domain)) => {
            let domain = choice(domain, "domain")?;
            return Ok(py.detach(|| regression::rmsle_with(truth, predicted, domain)));
        }
        ("gini", Some(ties)) => {
            let ties = choice(ties, "ties")?;
            return Ok(py.detach(|| gini(truth, predicted, ties)));
        }
        ("normalized_gini", Some(ties)) => {
            let ties = choice(ties, "ties")?;
            return Ok(py.detach(|| normalized_gini(truth, predicted, ties)));
        }
        _ => return Err(unknown(name)),
    };
    Ok(py.detach(|| formula(truth, predicted)))
}

/// A metric of two classes and a score for the second.
#[pyfunction]
pub(super) fn metric_of_scores(
    py: Python<'_>,
    name: &str,
    y_true: Flags<'_>,
    y_score: Numbers<'_>,
) -> PyResult<Option<f64>> {
    let (truth, scores) = (contiguous(y_true.as_slice(), "y_true")?, finite(&y_score, "y_score")?);
    let formula: fn(&[bool], &[f64]) -> Option<f64> = match name {
        "roc_auc" => ranking::roc_auc,
        "gini_of_auc" => gini_of_auc,
        "average_precision" => precision::average_precision,
        "log_loss" => probability::log_loss,
        _ => return Err(unknown(name)),
    };
    Ok(py.detach(|| formula(truth, scores)))
}

/// A metric of true and predicted labels.
#[pyfunction]
pub(super) fn metric_of_labels(
    py: Python<'_>,
    name: &str,
    y_true: Labels<'_>,
    y_pred: Labels<'_>,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (contiguous(y_true.as_slice(), "y_true")?, contiguous(y_pred.as_slice(), "y_pred")?);
    let formula: fn(&[i64], &[i64]) -> Option<f64> = match name {
        "accuracy" => classification::accuracy,
        "balanced_accuracy" => classification::balanced_accuracy,
        "macro_recall" => classification::macro_recall,
        "f1_macro" => classification::f1_macro,
        "f1_micro" => classification::f1_micro,
        "f1_weighted" => classification::f1_weighted,
        "mcc" => classification::mcc,
        "quadratic_weighted_kappa" => kappa::quadratic_weighted_kappa,
        "quadratic_weighted_kappa_of_places" => kappa::quadratic_weighted_kappa_of_places,
        _ => return Err(unknown(name)),
    };
    Ok(py.detach(|| formula(truth, predicted)))
}

#[pyfunction]
pub(super) fn metric_f1_binary(py: Python<'_>, y_true: Flags<'_>, y_pred: Flags<'_>) -> PyResult<Option<f64>> {
    let (truth, predicted) = (contiguous(y_true.as_slice(), "y_true")?, contiguous(y_pred.as_slice(), "y_pred")?);
    Ok(py.detach(|| classification::f1_binary(truth, predicted)))
}

#[pyfunction]
pub(super) fn metric_clipped_log_loss(
    py: Python<'_>,
    y_true: Flags<'_>,
    y_score: Numbers<'_>,
    eps: f64,
    clip: &str,
) -> PyResult<Option<f64>> {
    let (truth, scores) = (contiguous(y_true.as_slice(), "y_true")?, finite(&y_score, "y_score")?);
    let clip = choice(clip, "clip")?;
    Ok(py.detach(|| cross_entropy::clipped_log_loss(truth, scores, eps, clip)))
}

/// `bands`: lower edge, upper edge, weight.
#[pyfunction]
pub(super) fn metric_banded_roc_auc(
    py: Python<'_>,
    y_true: Flags<'_>,
    y_score: Numbers<'_>,
    bands: Vec<(f64, f64, f64)>,
) -> PyResult<Option<f64>> {
    let (truth, scores) = (contiguous(y_true.as_slice(), "y_true")?, finite(&y_score, "y_score")?);
    let bands: Vec<Band> = bands.into_iter().map(|(low, high, weight)| Band { low, high, weight }).collect();
    Ok(py.detach(|| banded_roc_auc(truth, scores, &bands, BandArea::Exact)))
}

#[pyfunction]
pub(super) fn metric_weighted_mae(
    py: Python<'_>,
    y_true: Numbers<'_>,
    y_pred: Numbers<'_>,
    weights: Numbers<'_>,
    divisor: &str,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite(&y_true, "y_true")?, finite(&y_pred, "y_pred")?);
    let (weights, divisor) = (finite(&weights, "weights")?, choice(divisor, "divisor")?);
    Ok(py.detach(|| weighted::weighted_mae(truth, predicted, weights, divisor)))
}

#[pyfunction]
pub(super) fn metric_mean_group_log_mae(
    py: Python<'_>,
    y_true: Numbers<'_>,
    y_pred: Numbers<'_>,
    groups: Labels<'_>,
    floor: f64,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite(&y_true, "y_true")?, finite(&y_pred, "y_pred")?);
    let groups = contiguous(groups.as_slice(), "groups")?;
    Ok(py.detach(|| weighted::mean_group_log_mae(truth, predicted, groups, floor)))
}

#[pyfunction]
pub(super) fn metric_laplace_log_likelihood(
    py: Python<'_>,
    y_true: Numbers<'_>,
    y_pred: Numbers<'_>,
    confidence: Numbers<'_>,
    sigma_min: f64,
    error_max: f64,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite(&y_true, "y_true")?, finite(&y_pred, "y_pred")?);
    let confidence = finite(&confidence, "confidence")?;
    Ok(py.detach(|| cross_entropy::laplace_log_likelihood(truth, predicted, confidence, sigma_min, error_max)))
}
