//! Metrics of lists, sets, orders and texts. Their items come as numbers.

use std::collections::BTreeSet;

use mledojo_metrics::permutations::{kendall_tau, true_places};
use mledojo_metrics::sequences::{mean_levenshtein, token_error_rate};
use mledojo_metrics::{lists, sets};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{choice, unknown};

type Lists = Vec<Vec<i64>>;

/// A metric of the first `k` items of each list. `repeats` is for `map_at`; the others have one true item a row.
#[pyfunction]
#[pyo3(signature = (name, k, y_true, y_pred, repeats="once"))]
pub(super) fn metric_at_k(
    py: Python<'_>,
    name: &str,
    k: usize,
    y_true: Lists,
    y_pred: Lists,
    repeats: &str,
) -> PyResult<Option<f64>> {
    let repeats = choice(repeats, "repeats")?;
    py.detach(|| {
        let one = || y_true.iter().filter_map(|items| items.first().copied()).collect::<Vec<i64>>();
        Ok(match name {
            "map_at" => lists::map_at(k, &y_true, &y_pred, repeats),
            "ndcg_at" => lists::ndcg_at(k, &one(), &y_pred),
            "top_k_error" => lists::top_k_error(k, &one(), &y_pred),
            _ => return Err(unknown(name)),
        })
    })
}

/// A metric of the sets of each row; `rule` is what rows with two empty sets count, or which predictions count.
#[pyfunction]
pub(super) fn metric_of_sets(
    py: Python<'_>,
    name: &str,
    y_true: Lists,
    y_pred: Lists,
    rule: &str,
) -> PyResult<Option<f64>> {
    let sets_of = |lists: Lists| lists.into_iter().map(BTreeSet::from_iter).collect::<Vec<_>>();
    let (truth, predicted) = (sets_of(y_true), sets_of(y_pred));
    match name {
        "mean_jaccard" => {
            let both_empty = choice(rule, "both_empty")?;
            Ok(py.detach(|| sets::mean_jaccard(&truth, &predicted, both_empty)))
        }
        "mean_f1" => {
            let both_empty = choice(rule, "both_empty")?;
            Ok(py.detach(|| sets::mean_f1(&truth, &predicted, both_empty)))
        }
        "micro_f1" => {
            let vocabulary = choice(rule, "vocabulary")?;
            Ok(py.detach(|| sets::micro_f1(&truth, &predicted, vocabulary)))
        }
        _ => Err(unknown(name)),
    }
}

#[pyfunction]
pub(super) fn metric_mean_levenshtein(py: Python<'_>, y_true: Vec<String>, y_pred: Vec<String>) -> Option<f64> {
    py.detach(|| mean_levenshtein(&y_true, &y_pred))
}

#[pyfunction]
pub(super) fn metric_token_error_rate(py: Python<'_>, y_true: Lists, y_pred: Lists) -> Option<f64> {
    py.detach(|| token_error_rate(&y_true, &y_pred))
}

/// Every item of a predicted order must be one of the true order.
#[pyfunction]
pub(super) fn metric_kendall_tau(py: Python<'_>, y_true: Lists, y_pred: Lists) -> PyResult<Option<f64>> {
    py.detach(|| {
        let lengths: Vec<usize> = y_true.iter().map(Vec::len).collect();
        let places = y_true.iter().zip(&y_pred).enumerate().map(|(row, (truth, predicted))| {
            true_places(truth, predicted).ok_or_else(|| {
                PyValueError::new_err(format!("y_pred: row {row} has an item that its true order lacks"))
            })
        });
        Ok(kendall_tau(&lengths, &places.collect::<PyResult<Vec<_>>>()?))
    })
}
