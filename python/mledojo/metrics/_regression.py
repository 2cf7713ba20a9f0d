"""Metrics of numbers."""

from __future__ import annotations

from typing import Literal

from mledojo import _core
from mledojo.metrics._columns import Column, codes_of, defined, numbers, same_length

LogDomain = Literal["strict", "skip-row", "clip-to-zero"]
TieOrder = Literal["row-order", "reverse-row-order"]


def _of_numbers(metric: str, y_true: Column, y_pred: Column, rule: str | None = None) -> float:
    truth, predicted = numbers(y_true, "y_true"), numbers(y_pred, "y_pred")
    same_length(y_true=truth, y_pred=predicted)
    return defined(metric, _core.metric_of_numbers(metric, truth, predicted, rule))


def rmse(y_true: Column, y_pred: Column) -> float:
    """Root mean squared error, ``√(1/n · Σ (ŷ − y)²)``. At least 0, smaller is better, in the unit of the target.

    >>> rmse([1.0, 2.0], [4.0, 6.0]) == 12.5 ** 0.5
    True
    """
    return _of_numbers("rmse", y_true, y_pred)


def mse(y_true: Column, y_pred: Column) -> float:
    """Mean squared error, ``1/n · Σ (ŷ − y)²``. At least 0, smaller is better.

    >>> mse([1.0, 2.0], [4.0, 6.0])
    12.5
    """
    return _of_numbers("mse", y_true, y_pred)


def mae(y_true: Column, y_pred: Column) -> float:
    """Mean absolute error, ``1/n · Σ |ŷ − y|``. At least 0, smaller is better, in the unit of the target.

    >>> mae([1.0, 2.0], [4.0, 1.0])
    2.0
    """
    return _of_numbers("mae", y_true, y_pred)


def median_absolute_error(y_true: Column, y_pred: Column) -> float:
    """Median of ``|ŷ − y|``. At least 0, smaller is better, in the unit of the target.

    >>> median_absolute_error([0.0, 0.0, 0.0, 0.0], [1.0, -9.0, 2.0, 4.0])
    3.0
    """
    return _of_numbers("median_absolute_error", y_true, y_pred)


def rmsle(y_true: Column, y_pred: Column, *, domain: LogDomain = "strict") -> float:
    """Root mean squared logarithmic error: the RMSE of ``ln(1 + x)``. At least 0, smaller is better.

    Args:
        y_true: n numbers.
        y_pred: n numbers.
        domain: What numbers at −1 and below do: ``strict`` leaves the metric undefined, ``skip-row`` leaves their rows out,
            ``clip-to-zero`` counts negative numbers as 0.

    >>> rmsle([0.0, 3.0], [0.0, -2.0], domain="skip-row")
    0.0
    """
    return _of_numbers("rmsle", y_true, y_pred, domain)


def rmspe(y_true: Column, y_pred: Column) -> float:
    """Root mean squared percentage error, as a fraction, over the rows whose truth is not 0; undefined without one.

    >>> rmspe([2.0, 0.0, 4.0], [1.0, 9.0, 6.0])
    0.5
    """
    return _of_numbers("rmspe", y_true, y_pred)


def mape(y_true: Column, y_pred: Column) -> float:
    """Mean absolute percentage error, ``1/n · Σ |y − ŷ| / max(|y|, 2⁻⁵²)``, as a fraction. Smaller is better.

    >>> mape([2.0, -4.0], [3.0, -4.0])
    0.25
    """
    return _of_numbers("mape", y_true, y_pred)


def smape(y_true: Column, y_pred: Column) -> float:
    """Symmetric mean absolute percentage error, ``100/n · Σ 2·|ŷ − y| / (|ŷ| + |y|)``. In [0, 200], smaller is better.

    >>> smape([1.0, 0.0], [3.0, 0.0])
    50.0
    """
    return _of_numbers("smape", y_true, y_pred)


def r2(y_true: Column, y_pred: Column) -> float:
    """Coefficient of determination, ``1 − Σ (y − ŷ)² / Σ (y − ȳ)²``. At most 1, larger is better; undefined for a
    constant truth.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """
    return _of_numbers("r2", y_true, y_pred)


def pearson(y_true: Column, y_pred: Column) -> float:
    """Pearson's correlation. In [−1, 1], larger is better; undefined if a column is constant.

    >>> round(pearson([1, 2, 3], [10, 20, 30]), 12)
    1.0
    """
    return _of_numbers("pearson", y_true, y_pred)


def spearman(y_true: Column, y_pred: Column) -> float:
    """Spearman's rank correlation, ties at their mean rank. In [−1, 1], larger is better; undefined if a column is constant.

    >>> round(spearman([1, 2, 3], [1, 10, 1000]), 12)
    1.0
    """
    return _of_numbers("spearman", y_true, y_pred)


def gini(y_true: Column, y_pred: Column, *, ties: TieOrder = "row-order") -> float:
    """Gini coefficient, not normalised: the area between the concentration curve and the diagonal. Larger is better.

    Args:
        y_true: n numbers whose sum is not 0.
        y_pred: n numbers by which rows are ordered, largest first.
        ties: How rows of equal predictions are ordered.

    >>> gini([1, 0], [0.9, 0.1])
    0.25
    """
    return _of_numbers("gini", y_true, y_pred, ties)


def normalized_gini(y_true: Column, y_pred: Column, *, ties: TieOrder = "row-order") -> float:
    """`gini` divided by that of the truth itself. At most 1, larger is better; undefined for a constant truth.

    >>> normalized_gini([1, 0, 1, 0], [0.9, 0.6, 0.5, 0.1])
    0.5
    """
    return _of_numbers("normalized_gini", y_true, y_pred, ties)


def weighted_mae(
    y_true: Column, y_pred: Column, weights: Column, *, divisor: Literal["weight-sum", "row-count"] = "weight-sum"
) -> float:
    """Weighted mean absolute error, ``Σ w·|ŷ − y|`` by the weights' sum or by the number of rows. Smaller is better.

    Args:
        y_true: n numbers.
        y_pred: n numbers.
        weights: n numbers, none negative.
        divisor: What the sum is divided by.

    >>> weighted_mae([0, 0], [1, 3], [5, 1], divisor="row-count")
    4.0
    """
    truth, predicted, weight = numbers(y_true, "y_true"), numbers(y_pred, "y_pred"), numbers(weights, "weights")
    same_length(y_true=truth, y_pred=predicted, weights=weight)
    if (weight < 0).any():
        raise ValueError(f"weights: row {int((weight < 0).argmax())} is negative")
    return defined("weighted_mae", _core.metric_weighted_mae(truth, predicted, weight, divisor))


def mean_group_log_mae(y_true: Column, y_pred: Column, groups: Column, *, floor: float = 1e-9) -> float:
    """Mean over groups of ``ln max(MAE of the group, floor)``. Smaller is better; groups count alike.

    Args:
        y_true: n numbers.
        y_pred: n numbers.
        groups: n labels.
        floor: Least error that counts, above 0.

    >>> round(mean_group_log_mae([0, 0, 0], [1, 1, 5], ["a", "a", "b"]), 6)
    0.804719
    """
    truth, predicted, group = numbers(y_true, "y_true"), numbers(y_pred, "y_pred"), codes_of(groups, "groups")
    same_length(y_true=truth, y_pred=predicted, groups=group)
    return defined("mean_group_log_mae", _core.metric_mean_group_log_mae(truth, predicted, group, floor))


def laplace_log_likelihood(
    y_true: Column, y_pred: Column, confidence: Column, *, sigma_min: float = 70.0, error_max: float = 1000.0
) -> float:
    """Modified Laplace log likelihood: the mean of ``−√2·Δ/σ − ln(√2·σ)``. Larger is better.

    Args:
        y_true: n numbers.
        y_pred: n numbers.
        confidence: n standard deviations, in the unit of the target.
        sigma_min: Least σ that counts.
        error_max: Largest error Δ that counts.

    >>> round(laplace_log_likelihood([2000], [2000], [70]), 6)
    -4.595069
    """
    truth, predicted = numbers(y_true, "y_true"), numbers(y_pred, "y_pred")
    sigma = numbers(confidence, "confidence")
    same_length(y_true=truth, y_pred=predicted, confidence=sigma)
    value = _core.metric_laplace_log_likelihood(truth, predicted, sigma, sigma_min, error_max)
    return defined("laplace_log_likelihood", value)
