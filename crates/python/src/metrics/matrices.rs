//! Metrics of tables: several numbers, probabilities or coordinates a row.

use mledojo_metrics::columns::{
    UndefinedColumn, mean_column_rmse, mean_column_rmsle, mean_column_roc_auc, mean_column_spearman,
};
use mledojo_metrics::cross_entropy::{RowRule, balanced_log_loss, kl_divergence, ruled_log_loss};
use mledojo_metrics::curve::bias_weighted_auc;
use mledojo_metrics::geometry::{haversine_p50_p95_mean, mean_angular_error};
use mledojo_metrics::precision::lwlrap;
use mledojo_metrics::probability::multiclass_log_loss;
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{
    FlagMatrix, Flags, Labels, Matrix, Numbers, choice, columns, contiguous, finite, finite_matrix, unknown, width,
};

/// A column whose formula is undefined counts as this; without it, it makes the mean undefined.
fn undefined_column(value: Option<f64>) -> UndefinedColumn {
    value.map_or(UndefinedColumn::Propagates, UndefinedColumn::Counts)
}

fn points(values: &[f64]) -> Vec<(f64, f64)> {
    values.chunks_exact(2).map(|point| (point[0], point[1])).collect()
}

/// A metric of two tables of one shape. `undefined` is what an undefined column counts, `eps` where logarithms are cut off,
/// `domain` what RMSLE does with numbers that have no logarithm.
#[pyfunction]
#[pyo3(signature = (name, y_true, y_pred, *, undefined=None, eps=0.0, domain="strict"))]
pub(super) fn metric_of_matrices(
    py: Python<'_>,
    name: &str,
    y_true: Matrix<'_>,
    y_pred: Matrix<'_>,
    undefined: Option<f64>,
    eps: f64,
    domain: &str,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite_matrix(&y_true, "y_true")?, finite_matrix(&y_pred, "y_pred")?);
    let (wide, domain) = (width(&y_true), choice(domain, "domain")?);
    py.detach(|| {
        let both = || (columns(truth, wide), columns(predicted, wide));
        Ok(match name {
            "kl_divergence" => kl_divergence(truth, predicted, wide, eps),
            "mean_angular_error" => mean_angular_error(&points(truth), &points(predicted)),
            "mean_column_rmse" => {
                let (truth, predicted) = both();
                mean_column_rmse(&truth, &predicted)
            }
            "mean_column_rmsle" => {
                let (truth, predicted) = both();
                mean_column_rmsle(&truth, &predicted, domain)
            }
            "mean_column_spearman" => {
                let (truth, predicted) = both();
                mean_column_spearman(&truth, &predicted, undefined_column(undefined))
            }
            _ => return Err(unknown(name)),
        })
    })
}

/// A metric of labels that hold or not, several a row, and their scores.
#[pyfunction]
#[pyo3(signature = (name, y_true, y_score, undefined=None))]
pub(super) fn metric_of_flag_matrices(
    py: Python<'_>,
    name: &str,
    y_true: FlagMatrix<'_>,
    y_score: Matrix<'_>,
    undefined: Option<f64>,
) -> PyResult<Option<f64>> {
    let (truth, scores) = (contiguous(y_true.as_slice(), "y_true")?, finite_matrix(&y_score, "y_score")?);
    let wide = width(&y_true);
    py.detach(|| {
        Ok(match name {
            "lwlrap" => lwlrap(truth, scores, wide),
            "mean_column_roc_auc" => {
                mean_column_roc_auc(&columns(truth, wide), &columns(scores, wide), undefined_column(undefined))
            }
            _ => return Err(unknown(name)),
        })
    })
}

/// `y_true` holds numbers of columns. Without an `eps` rows are scaled, and numbers outside [0, 1] refused, as `rule` has
/// nothing to say; with one, `rule` says in what order rows are clipped and scaled.
#[pyfunction]
#[pyo3(signature = (y_true, probabilities, eps=None, rule="clip"))]
pub(super) fn metric_multiclass_log_loss(
    py: Python<'_>,
    y_true: PyReadonlyArray1<'_, u32>,
    probabilities: Matrix<'_>,
    eps: Option<f64>,
    rule: &str,
) -> PyResult<Option<f64>> {
    let (truth, numbers) = (contiguous(y_true.as_slice(), "y_true")?, finite_matrix(&probabilities, "probabilities")?);
    let classes = width(&probabilities);
    let rule = match (eps, rule) {
        (None, _) => None,
        (Some(eps), "clip") => Some(RowRule::Clip(eps)),
        (Some(eps), "scale-then-clip") => Some(RowRule::ScaleThenClip(eps)),
        (Some(eps), "clip-then-scale") => Some(RowRule::ClipThenScale(eps)),
        (Some(_), other) => {
            let expected = "expected `clip`, `scale-then-clip` or `clip-then-scale`";
            return Err(PyValueError::new_err(format!("rule: there is no `{other}`; {expected}")));
        }
    };
    Ok(py.detach(|| match rule {
        None => multiclass_log_loss(truth, numbers, classes),
        Some(rule) => ruled_log_loss(truth, numbers, classes, rule),
    }))
}

#[pyfunction]
pub(super) fn metric_balanced_log_loss(
    py: Python<'_>,
    y_true: Flags<'_>,
    probabilities: Matrix<'_>,
    eps: f64,
) -> PyResult<Option<f64>> {
    let (truth, numbers) = (contiguous(y_true.as_slice(), "y_true")?, finite_matrix(&probabilities, "probabilities")?);
    let (pairs, _) = numbers.as_chunks::<2>();
    Ok(py.detach(|| balanced_log_loss(truth, pairs, eps)))
}

/// `groups`: a column for each group, of whether the row belongs to it.
#[pyfunction]
pub(super) fn metric_bias_weighted_auc(
    py: Python<'_>,
    y_true: Flags<'_>,
    y_score: Numbers<'_>,
    groups: FlagMatrix<'_>,
    weight: f64,
    power: f64,
) -> PyResult<Option<f64>> {
    let (truth, scores) = (contiguous(y_true.as_slice(), "y_true")?, finite(&y_score, "y_score")?);
    let groups = columns(contiguous(groups.as_slice(), "groups")?, width(&groups));
    Ok(py.detach(|| bias_weighted_auc(truth, scores, &groups, weight, power)))
}

#[pyfunction]
pub(super) fn metric_haversine(
    py: Python<'_>,
    groups: Labels<'_>,
    y_true: Matrix<'_>,
    y_pred: Matrix<'_>,
) -> PyResult<Option<f64>> {
    let (truth, predicted) = (finite_matrix(&y_true, "y_true")?, finite_matrix(&y_pred, "y_pred")?);
    let groups = contiguous(groups.as_slice(), "groups")?;
    Ok(py.detach(|| haversine_p50_p95_mean(groups, &points(truth), &points(predicted))))
}
