"""Metrics of lists, sets, orders and texts. Items are whatever can be a key of a dict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from mledojo import _core
from mledojo.metrics._columns import Lists, defined, lists, plain, same_length

BothEmpty = Literal["one", "zero"]


def map_at_k(y_true: Lists, y_pred: Lists, *, k: int, repeats: Literal["once", "each-time"] = "once") -> float:
    """Mean average precision at k. In [0, 1], larger is better.

    Args:
        y_true: n lists of right items.
        y_pred: n lists, best first.
        k: How many predictions count, from 1.
        repeats: Whether an item that a list names again earns ``once`` or ``each-time``.

    >>> map_at_k([["a"], ["b"]], [["a"], ["c", "b"]], k=5)
    0.75
    """
    return _at_k("map_at", y_true, y_pred, k, repeats)


def ndcg_at_k(y_true: Iterable[object], y_pred: Lists, *, k: int) -> float:
    """NDCG at k with one right item a row: the mean of ``1 / log₂(place + 1)``. In [0, 1], larger is better.

    Args:
        y_true: n items.
        y_pred: n lists, best first.
        k: How many predictions count, from 1.

    >>> ndcg_at_k(["US", "FR"], [["US"], ["US", "NDF", "FR"]], k=5)
    0.75
    """
    return _at_k("ndcg_at", ([item] for item in plain(y_true)), y_pred, k)


def top_k_error(y_true: Iterable[object], y_pred: Lists, *, k: int) -> float:
    """The share of rows whose right item is not among the first k. In [0, 1], smaller is better.

    >>> top_k_error([7, 8], [[7, 8], [7, 8]], k=1)
    0.5
    """
    return _at_k("top_k_error", ([item] for item in plain(y_true)), y_pred, k)


def mean_jaccard(y_true: Lists, y_pred: Lists, *, both_empty: BothEmpty = "one") -> float:
    """The mean over the rows of ``|A ∩ B| / |A ∪ B|``. In [0, 1], larger is better.

    Args:
        y_true: n collections; repeated items count once.
        y_pred: n collections.
        both_empty: What a row counts whose two sets are empty.

    >>> mean_jaccard([[1, 2], []], [[2], []])
    0.75
    """
    return _of_sets("mean_jaccard", y_true, y_pred, both_empty)


def mean_f1(y_true: Lists, y_pred: Lists, *, both_empty: BothEmpty = "one") -> float:
    """The mean over the rows of ``2·|A ∩ B| / (|A| + |B|)``. In [0, 1], larger is better.

    >>> mean_f1([[1, 2], [3]], [[2, 4], [3]])
    0.75
    """
    return _of_sets("mean_f1", y_true, y_pred, both_empty)


def micro_f1(y_true: Lists, y_pred: Lists, *, vocabulary: Literal["open", "of-truth"] = "open") -> float:
    """F1 of the counts of all rows' sets. In [0, 1], larger is better; undefined if all sets are empty.

    Args:
        y_true: n collections.
        y_pred: n collections.
        vocabulary: Whether predicted items count as wrong that are true in no row.

    >>> micro_f1([[1, 2], [3]], [[2, 4], [3]])
    0.6666666666666666
    """
    return _of_sets("micro_f1", y_true, y_pred, vocabulary)


def mean_levenshtein(y_true: Iterable[str], y_pred: Iterable[str]) -> float:
    """The mean Levenshtein distance of two texts, in characters. At least 0, smaller is better.

    >>> mean_levenshtein(["naïve", "a"], ["naive", ""])
    1.0
    """
    truth, predicted = plain(y_true), plain(y_pred)
    same_length(y_true=truth, y_pred=predicted)
    return defined("mean_levenshtein", _core.metric_mean_levenshtein(truth, predicted))


def token_error_rate(y_true: Lists, y_pred: Lists) -> float:
    """The Levenshtein distances of all lists, divided by the number of true items. At least 0, smaller is better.

    >>> token_error_rate([[1, 2, 3], [4]], [[1, 3], [4, 4]])
    0.5
    """
    return defined("token_error_rate", _core.metric_token_error_rate(*lists(y_true, y_pred)))


def kendall_tau(y_true: Lists, y_pred: Lists) -> float:
    """Kendall's tau of several orders, pooled. In [−1, 1], larger is better; undefined if none has two items.

    Args:
        y_true: n lists in their right order.
        y_pred: n lists of the same items, as predicted.

    >>> kendall_tau([["a", "b", "c"]], [["c", "b", "a"]])
    -1.0
    """
    return defined("kendall_tau", _core.metric_kendall_tau(*lists(y_true, y_pred)))


def _at_k(metric: str, y_true: Iterable[Iterable[object]], y_pred: Lists, k: int, repeats: str = "once") -> float:
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")
    truth, predicted = lists(y_true, y_pred)
    return defined(metric, _core.metric_at_k(metric, k, truth, predicted, repeats))


def _of_sets(metric: str, y_true: Lists, y_pred: Lists, rule: str) -> float:
    truth, predicted = lists(y_true, y_pred)
    return defined(metric, _core.metric_of_sets(metric, truth, predicted, rule))
