"""Metrics of two classes and a score for the second, and of several labels with a score each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mledojo import _core
from mledojo.metrics._columns import Column, Rows, defined, flag_matrix, flags, matrix, numbers, same_length, same_shape


def _of_scores(metric: str, y_true: Column, y_score: Column) -> float:
    truth, scores = flags(y_true, "y_true"), numbers(y_score, "y_score")
    same_length(y_true=truth, y_score=scores)
    return defined(metric, _core.metric_of_scores(metric, truth, scores))


def roc_auc(y_true: Column, y_score: Column) -> float:
    """Area under the ROC curve, ties counting one half. In [0, 1], larger is better; undefined for one class only.

    Args:
        y_true: n booleans, or 0 and 1.
        y_score: n numbers, larger for the positive class.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return _of_scores("roc_auc", y_true, y_score)


def gini_of_auc(y_true: Column, y_score: Column) -> float:
    """``2·AUC − 1``. In [−1, 1], larger is better; undefined for one class only.

    >>> gini_of_auc([1, 0], [0.5, 0.5])
    0.0
    """
    return _of_scores("gini_of_auc", y_true, y_score)


def average_precision(y_true: Column, y_score: Column) -> float:
    """The mean over the positive rows of the precision at their place. In [0, 1], larger is better.

    Rows of equal score stand as they are; undefined without a positive row.

    >>> round(average_precision([1, 0, 1], [0.9, 0.8, 0.7]), 6)
    0.833333
    """
    return _of_scores("average_precision", y_true, y_score)


def log_loss(
    y_true: Column, y_score: Column, *, eps: float | None = None, clip: Literal["prediction", "both"] = "both"
) -> float:
    """Binary log loss, ``−1/n · Σ (y·ln p + (1 − y)·ln(1 − p))``. At least 0, smaller is better.

    Args:
        y_true: n booleans, or 0 and 1.
        y_score: n probabilities of the positive class.
        eps: p is clipped to [eps, 1 − eps]; None: 1e-15.
        clip: Whether the complement is taken of the clipped ``prediction``, or ``both`` are clipped.

    >>> round(log_loss([1, 0], [0.5, 0.5]), 6)
    0.693147
    """
    if eps is None:
        return _of_scores("log_loss", y_true, y_score)
    truth, scores = flags(y_true, "y_true"), numbers(y_score, "y_score")
    same_length(y_true=truth, y_score=scores)
    return defined("log_loss", _core.metric_clipped_log_loss(truth, scores, eps, clip))


def banded_roc_auc(y_true: Column, y_score: Column, bands: Sequence[tuple[float, float, float]]) -> float:
    """Area under the ROC curve with weights for bands of true positive rates. In [0, 1], larger is better.

    Args:
        y_true: n booleans, or 0 and 1.
        y_score: n numbers.
        bands: Lower edge, upper edge and weight of each band.

    >>> banded_roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], [(0.0, 1.0, 1.0)])
    0.75
    """
    truth, scores = flags(y_true, "y_true"), numbers(y_score, "y_score")
    same_length(y_true=truth, y_score=scores)
    return defined("banded_roc_auc", _core.metric_banded_roc_auc(truth, scores, list(bands)))


def bias_weighted_auc(
    y_true: Column, y_score: Column, groups: Rows, *, weight: float = 0.25, power: float = -5.0
) -> float:
    """Area under the ROC curve that also looks at groups of rows, so that a model unfair to one scores less.

    Args:
        y_true: n booleans, or 0 and 1.
        y_score: n numbers.
        groups: n × g booleans: whether the row belongs to the group.
        weight: Weight of the whole area and of each of the three kinds of group areas.
        power: Exponent of the mean over groups.

    >>> bias_weighted_auc([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.8], [[1], [1], [0], [0]])
    1.0
    """
    truth, scores = flags(y_true, "y_true"), numbers(y_score, "y_score")
    members = flag_matrix(groups, "groups")
    same_length(y_true=truth, y_score=scores, groups=members)
    return defined("bias_weighted_auc", _core.metric_bias_weighted_auc(truth, scores, members, weight, power))


def lwlrap(y_true: Rows, y_score: Rows) -> float:
    """Label-weighted label-ranking average precision. In (0, 1], larger is better; undefined if no label is true.

    Args:
        y_true: n × labels, booleans or 0 and 1.
        y_score: n × labels numbers.

    >>> round(lwlrap([[1, 0, 1]], [[0.9, 0.8, 0.7]]), 6)
    0.833333
    """
    truth, scores = flag_matrix(y_true, "y_true"), matrix(y_score, "y_score")
    same_shape(y_true=truth, y_score=scores)
    return defined("lwlrap", _core.metric_of_flag_matrices("lwlrap", truth, scores))


def mean_column_roc_auc(y_true: Rows, y_score: Rows, *, undefined: float | None = None) -> float:
    """The mean over the columns of `roc_auc`. In [0, 1], larger is better.

    Args:
        y_true: n × columns, booleans or 0 and 1.
        y_score: n × columns numbers.
        undefined: What a column of one class counts; None: it leaves the mean undefined.

    >>> mean_column_roc_auc([[1, 1], [0, 1]], [[0.9, 0.5], [0.1, 0.5]], undefined=0.5)
    0.75
    """
    truth, scores = flag_matrix(y_true, "y_true"), matrix(y_score, "y_score")
    same_shape(y_true=truth, y_score=scores)
    return defined("mean_column_roc_auc", _core.metric_of_flag_matrices("mean_column_roc_auc", truth, scores, undefined))
