"""Metrics of several numbers a row: probabilities of classes, targets, coordinates."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from mledojo import _core
from mledojo.metrics._columns import (
    Column,
    Rows,
    codes_of,
    defined,
    flags,
    matrix,
    plain,
    same_length,
    same_shape,
    whole_numbers,
)
from mledojo.metrics._regression import LogDomain

RowRule = Literal["clip", "scale-then-clip", "clip-then-scale"]


def multiclass_log_loss(
    y_true: Column,
    probabilities: Rows,
    *,
    labels: Sequence[Hashable] | None = None,
    eps: float | None = None,
    rule: RowRule = "scale-then-clip",
) -> float:
    """Multiclass log loss, ``−1/n · Σ ln p(i, yᵢ)``. At least 0, smaller is better.

    Args:
        y_true: n labels; without ``labels``, numbers of columns from 0.
        probabilities: n × classes numbers.
        labels: The label of each column.
        eps: Numbers are clipped to [eps, 1 − eps]; None: rows are scaled, then clipped by 1e-15, and undefined if one sums
            to 0.
        rule: With ``eps``, the order in which rows are clipped, and scaled to sum to 1.

    >>> round(multiclass_log_loss(["a", "c"], [[0.2, 0.1, 0.1], [0.0, 0.0, 1.0]], labels=["a", "b", "c"]), 6)
    0.346574
    """
    table = matrix(probabilities, "probabilities")
    if labels is None:
        places = whole_numbers(y_true, "y_true")
    else:
        known = {label: place for place, label in enumerate(labels)}
        if len(known) != table.shape[1]:
            raise ValueError(f"labels: {len(known)} different labels for {table.shape[1]} columns")
        places = np.array([known.get(label, -1) for label in plain(y_true)], dtype=np.int64)
    same_length(y_true=places, probabilities=table)
    outside = (places < 0) | (places >= table.shape[1])
    if outside.any():
        raise ValueError(f"y_true: row {int(outside.argmax())} is no label of the {table.shape[1]} columns")
    value = _core.metric_multiclass_log_loss(places.astype(np.uint32), table, eps, rule)
    return defined("multiclass_log_loss", value)


def balanced_log_loss(y_true: Column, probabilities: Rows, *, eps: float = 1e-15) -> float:
    """Log loss of two classes that weigh alike: the mean of their mean losses. At least 0, smaller is better.

    Args:
        y_true: n booleans, or 0 and 1.
        probabilities: n × 2 numbers, of class 0 and class 1; each row is scaled to sum to 1.
        eps: Where numbers are clipped after that.

    >>> round(balanced_log_loss([0, 1, 1], [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]), 6)
    0.693147
    """
    truth, table = flags(y_true, "y_true"), matrix(probabilities, "probabilities", 2)
    same_length(y_true=truth, probabilities=table)
    return defined("balanced_log_loss", _core.metric_balanced_log_loss(truth, table, eps))


def kl_divergence(y_true: Rows, probabilities: Rows, *, eps: float = 1e-15) -> float:
    """Kullback–Leibler divergence of predicted from true distributions, the mean over the rows. Smaller is better.

    Args:
        y_true: n × classes numbers; each row is scaled to sum to 1.
        probabilities: n × classes numbers, clipped to [eps, 1], not scaled.
        eps: Least probability that counts.

    >>> kl_divergence([[1, 1]], [[0.5, 0.5]])
    0.0
    """
    return _of_tables("kl_divergence", y_true, probabilities, eps=eps)


def mean_column_rmse(y_true: Rows, y_pred: Rows) -> float:
    """The mean over the columns of the root mean squared error. At least 0, smaller is better.

    >>> mean_column_rmse([[0, 0]], [[1, 3]])
    2.0
    """
    return _of_tables("mean_column_rmse", y_true, y_pred)


def mean_column_rmsle(y_true: Rows, y_pred: Rows, *, domain: LogDomain = "strict") -> float:
    """The mean over the columns of `rmsle`. At least 0, smaller is better.

    >>> mean_column_rmsle([[0, 0]], [[0, 0]])
    0.0
    """
    return _of_tables("mean_column_rmsle", y_true, y_pred, domain=domain)


def mean_column_spearman(y_true: Rows, y_pred: Rows, *, undefined: float | None = None) -> float:
    """The mean over the columns of `spearman`. In [−1, 1], larger is better.

    Args:
        y_true: n × columns numbers.
        y_pred: n × columns numbers.
        undefined: What a column counts that is constant; None: it leaves the mean undefined.

    >>> round(mean_column_spearman([[1, 1], [2, 2], [3, 3]], [[1, 7], [2, 7], [3, 7]], undefined=0.0), 12)
    0.5
    """
    return _of_tables("mean_column_spearman", y_true, y_pred, undefined=undefined)


def mean_angular_error(y_true: Rows, y_pred: Rows) -> float:
    """Mean angle between directions, in radians. In [0, π], smaller is better.

    Args:
        y_true: n × 2: azimuth and zenith, in radians.
        y_pred: n × 2, the same.

    >>> round(mean_angular_error([[0.0, 0.0]], [[0.0, 1.0]]), 12)
    1.0
    """
    return _of_tables("mean_angular_error", y_true, y_pred, width=2)


def haversine_p50_p95_mean(groups: Column, y_true: Rows, y_pred: Rows) -> float:
    """The mean over groups of the mean of median and 95th percentile of the distances, in metres. Smaller is better.

    Args:
        groups: n labels.
        y_true: n × 2: latitude and longitude, in degrees.
        y_pred: n × 2, the same.

    >>> haversine_p50_p95_mean(["phone"], [[52.0, 13.0]], [[52.0, 13.0]])
    0.0
    """
    group = codes_of(groups, "groups")
    truth, predicted = matrix(y_true, "y_true", 2), matrix(y_pred, "y_pred", 2)
    same_length(groups=group, y_true=truth, y_pred=predicted)
    return defined("haversine_p50_p95_mean", _core.metric_haversine(group, truth, predicted))


def _of_tables(
    metric: str,
    y_true: Rows,
    y_pred: Rows,
    *,
    width: int | None = None,
    undefined: float | None = None,
    eps: float = 0.0,
    domain: str = "strict",
) -> float:
    truth, predicted = matrix(y_true, "y_true", width), matrix(y_pred, "y_pred", width)
    same_shape(y_true=truth, y_pred=predicted)
    value = _core.metric_of_matrices(metric, truth, predicted, undefined=undefined, eps=eps, domain=domain)
    return defined(metric, value)
