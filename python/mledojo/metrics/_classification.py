"""Metrics of labels: texts, numbers or booleans."""

from __future__ import annotations

from mledojo import _core
from mledojo.metrics._columns import Column, defined, flags, labels, same_length, whole_numbers


def _of_labels(metric: str, y_true: Column, y_pred: Column) -> float:
    truth, predicted = labels(y_true, y_pred)
    return defined(metric, _core.metric_of_labels(metric, truth, predicted))


def accuracy(y_true: Column, y_pred: Column) -> float:
    """The share of rows whose label is right. In [0, 1], larger is better.

    >>> accuracy(["cat", "dog", "dog", "cow"], ["cat", "dog", "cat", "cow"])
    0.75
    """
    return _of_labels("accuracy", y_true, y_pred)


def balanced_accuracy(y_true: Column, y_pred: Column) -> float:
    """The mean recall over the labels that occur in the truth. In [0, 1], larger is better.

    >>> balanced_accuracy([0, 0, 1, 1], [0, 0, 1, 0])
    0.75
    """
    return _of_labels("balanced_accuracy", y_true, y_pred)


def macro_recall(y_true: Column, y_pred: Column) -> float:
    """The mean recall over all labels, 0 for one that is only predicted. In [0, 1], larger is better.

    >>> macro_recall([0, 1, 1], [0, 1, 2])
    0.5
    """
    return _of_labels("macro_recall", y_true, y_pred)


def f1_binary(y_true: Column, y_pred: Column) -> float:
    """F1 of the positive class, ``2·TP / (2·TP + FP + FN)``. In [0, 1], larger is better; undefined without a positive row.

    >>> f1_binary([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    truth, predicted = flags(y_true, "y_true"), flags(y_pred, "y_pred")
    same_length(y_true=truth, y_pred=predicted)
    return defined("f1_binary", _core.metric_f1_binary(truth, predicted))


def f1_macro(y_true: Column, y_pred: Column) -> float:
    """The mean of the labels' F1 scores. In [0, 1], larger is better.

    >>> round(f1_macro([0, 1, 1], [0, 1, 2]), 6)
    0.555556
    """
    return _of_labels("f1_macro", y_true, y_pred)


def f1_micro(y_true: Column, y_pred: Column) -> float:
    """F1 of the counts pooled over the labels; with one label a row this is `accuracy`.

    >>> f1_micro([0, 1, 2, 2], [0, 1, 1, 2])
    0.75
    """
    return _of_labels("f1_micro", y_true, y_pred)


def f1_weighted(y_true: Column, y_pred: Column) -> float:
    """The mean of the labels' F1 scores, weighted by their rows in the truth. In [0, 1], larger is better.

    >>> round(f1_weighted([0, 1, 1], [0, 1, 2]), 6)
    0.777778
    """
    return _of_labels("f1_weighted", y_true, y_pred)


def mcc(y_true: Column, y_pred: Column) -> float:
    """Matthews' correlation coefficient, for two labels or more. In [−1, 1], larger is better; undefined if a column is
    constant.

    >>> mcc([1, 1, 0, 0], [0, 0, 1, 1])
    -1.0
    """
    return _of_labels("mcc", y_true, y_pred)


def quadratic_weighted_kappa(y_true: Column, y_pred: Column, *, by_place: bool = False) -> float:
    """Cohen's kappa with squared differences as weights. In [−1, 1], larger is better.

    Args:
        y_true: n whole numbers.
        y_pred: n whole numbers.
        by_place: Whether differences are those of places in the sorted labels that occur, as scikit-learn has it without
            ``labels``, and not those of the labels themselves.

    >>> quadratic_weighted_kappa([0, 1, 2], [0, 1, 2])
    1.0
    """
    truth, predicted = whole_numbers(y_true, "y_true"), whole_numbers(y_pred, "y_pred")
    same_length(y_true=truth, y_pred=predicted)
    metric = "quadratic_weighted_kappa_of_places" if by_place else "quadratic_weighted_kappa"
    return defined("quadratic_weighted_kappa", _core.metric_of_labels(metric, truth, predicted))
