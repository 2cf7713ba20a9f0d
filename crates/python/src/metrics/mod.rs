//! The formulas of `mledojo_metrics` on NumPy's arrays, read where they lie.
//!
//! `mledojo.metrics` names them, turns whatever it is given into arrays, and sees to it that lengths agree, which the formulas
//! demand. `None` is a metric that is undefined for these columns.

mod columns;
mod lists;
mod matrices;

use numpy::{Element, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyModule;
use serde::de::DeserializeOwned;

/// A column of numbers.
type Numbers<'py> = PyReadonlyArray1<'py, f64>;
/// A column of yes and no.
type Flags<'py> = PyReadonlyArray1<'py, bool>;
/// A column of labels, as numbers.
type Labels<'py> = PyReadonlyArray1<'py, i64>;
/// A table of numbers, row by row.
type Matrix<'py> = PyReadonlyArray2<'py, f64>;
/// A table of yes and no, row by row.
type FlagMatrix<'py> = PyReadonlyArray2<'py, bool>;

/// Adds the functions to the module.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(columns::metric_of_numbers, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_of_scores, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_of_labels, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_f1_binary, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_clipped_log_loss, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_banded_roc_auc, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_weighted_mae, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_mean_group_log_mae, module)?)?;
    module.add_function(wrap_pyfunction!(columns::metric_laplace_log_likelihood, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_of_matrices, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_of_flag_matrices, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_multiclass_log_loss, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_balanced_log_loss, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_bias_weighted_auc, module)?)?;
    module.add_function(wrap_pyfunction!(matrices::metric_haversine, module)?)?;
    module.add_function(wrap_pyfunction!(lists::metric_at_k, module)?)?;
    module.add_function(wrap_pyfunction!(lists::metric_of_sets, module)?)?;
    module.add_function(wrap_pyfunction!(lists::metric_mean_levenshtein, module)?)?;
    module.add_function(wrap_pyfunction!(lists::metric_token_error_rate, module)?)?;
    module.add_function(wrap_pyfunction!(lists::metric_kendall_tau, module)?)?;
    Ok(())
}

/// The numbers of a column, all of them finite.
fn finite<'a>(column: &'a Numbers<'_>, what: &str) -> PyResult<&'a [f64]> {
    let numbers = contiguous(column.as_slice(), what)?;
    match numbers.iter().position(|number| !number.is_finite()) {
        Some(row) => Err(not_finite(what, row, numbers[row])),
        None => Ok(numbers),
    }
}

/// The numbers of a table, all of them finite.
fn finite_matrix<'a>(matrix: &'a Matrix<'_>, what: &str) -> PyResult<&'a [f64]> {
    let numbers = contiguous(matrix.as_slice(), what)?;
    match numbers.iter().position(|number| !number.is_finite()) {
        Some(place) => Err(not_finite(what, place / width(matrix).max(1), numbers[place])),
        None => Ok(numbers),
    }
}

fn not_finite(what: &str, row: usize, number: f64) -> PyErr {
    PyValueError::new_err(format!("{what}: row {row} is {number}; expected a finite number"))
}

fn contiguous<'a, T, E>(slice: Result<&'a [T], E>, what: &str) -> PyResult<&'a [T]> {
    slice.map_err(|_| PyValueError::new_err(format!("{what}: the array is not contiguous")))
}

/// How many columns a table has.
fn width<T: Element>(matrix: &PyReadonlyArray2<'_, T>) -> usize {
    matrix.as_array().ncols()
}

/// The columns of a table that lies row by row.
fn columns<T: Copy>(values: &[T], width: usize) -> Vec<Vec<T>> {
    (0..width).map(|column| values.iter().skip(column).step_by(width).copied().collect()).collect()
}

/// A choice by its name, as specs of competitions write it.
fn choice<T: DeserializeOwned>(name: &str, what: &str) -> PyResult<T> {
    serde_json::from_value(name.into()).map_err(|error| PyValueError::new_err(format!("{what}: {error}")))
}

fn unknown(name: &str) -> PyErr {
    PyValueError::new_err(format!("there is no metric `{name}` of this kind"))
}
