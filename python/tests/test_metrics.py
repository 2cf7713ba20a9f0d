"""`mledojo.metrics` on every kind of column, beside formulas written out in NumPy."""

from __future__ import annotations

import doctest
import importlib
import threading
import time

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mledojo import errors, metrics

RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.normal(size=200) + 5
GUESS = TRUTH + RANDOM.normal(size=200)
FLAGS = RANDOM.random(200) < 0.4
SCORES = np.round(RANDOM.random(200) + 0.3 * FLAGS, 2)
LABELS = RANDOM.integers(0, 4, 200)
GUESSED = np.where(RANDOM.random(200) < 0.7, LABELS, RANDOM.integers(0, 5, 200))


def auc_by_pairs() -> float:
    """The share of pairs in which the positive row has the larger score."""
    ahead = SCORES[FLAGS][:, None] - SCORES[~FLAGS][None, :]
    return float((np.sign(ahead) / 2 + 0.5).mean())


def macro_f1() -> float:
    scores = []
    for label in np.union1d(LABELS, GUESSED):
        right = ((label == LABELS) & (label == GUESSED)).sum()
        scores.append(2 * right / ((label == LABELS).sum() + (label == GUESSED).sum()))
    return float(np.mean(scores))


def kappa() -> float:
    table = np.histogram2d(LABELS, GUESSED, bins=[np.arange(6), np.arange(6)])[0]
    weights = (np.arange(5)[:, None] - np.arange(5)[None, :]) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return float(1 - (weights * table).sum() / (weights * expected).sum())


def ranks(values: np.ndarray) -> np.ndarray:
    return np.array([(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values])


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (metrics.rmse(TRUTH, GUESS), np.sqrt(np.mean((TRUTH - GUESS) ** 2))),
        (metrics.mae(TRUTH, GUESS), np.mean(np.abs(TRUTH - GUESS))),
        (metrics.median_absolute_error(TRUTH, GUESS), np.median(np.abs(TRUTH - GUESS))),
        (metrics.r2(TRUTH, GUESS), 1 - np.sum((TRUTH - GUESS) ** 2) / np.sum((TRUTH - TRUTH.mean()) ** 2)),
        (metrics.mape(TRUTH, GUESS), np.mean(np.abs((TRUTH - GUESS) / TRUTH))),
        (metrics.rmsle(np.abs(TRUTH), np.abs(GUESS)), np.sqrt(np.mean(np.diff(np.log1p(np.abs([TRUTH, GUESS])), axis=0) ** 2))),
        (metrics.pearson(TRUTH, GUESS), np.corrcoef(TRUTH, GUESS)[0, 1]),
        (metrics.spearman(FLAGS, SCORES), np.corrcoef(ranks(FLAGS), ranks(SCORES))[0, 1]),
        (metrics.roc_auc(FLAGS, SCORES), auc_by_pairs()),
        (metrics.gini_of_auc(FLAGS, SCORES), 2 * auc_by_pairs() - 1),
        (metrics.log_loss(FLAGS, SCORES / 2), -np.mean(np.log(np.where(FLAGS, SCORES / 2, 1 - SCORES / 2)))),
        (metrics.accuracy(LABELS, GUESSED), np.mean(LABELS == GUESSED)),
        (metrics.f1_macro(LABELS, GUESSED), macro_f1()),
        (metrics.quadratic_weighted_kappa(LABELS, GUESSED), kappa()),
        (metrics.mean_column_rmse(np.c_[TRUTH, GUESS], np.c_[GUESS, GUESS]), metrics.rmse(TRUTH, GUESS) / 2),
    ],
)
def test_scores_are_those_of_the_formulas(score: float, expected: float) -> None:
    assert score == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "column",
    [list, np.array, pd.Series, pl.Series, pa.array, lambda values: np.array(values)[::-1][::-1], lambda values: np.array([values]).T],
)
def test_any_column_gives_the_same(column) -> None:
    truth, guess = TRUTH.tolist(), GUESS.tolist()
    assert metrics.rmse(column(truth), column(guess)) == metrics.rmse(TRUTH, GUESS)
    names, others = (np.array(["a", "b", "ç", "d", ""])[codes].tolist() for codes in (LABELS, GUESSED))
    assert metrics.f1_macro(column(names), column(others)) == pytest.approx(metrics.f1_macro(LABELS, GUESSED), rel=1e-12)
    assert metrics.roc_auc(column(FLAGS.tolist()), column(SCORES.tolist())) == metrics.roc_auc(FLAGS, SCORES)


@pytest.mark.parametrize(
    "table", [np.array, pd.DataFrame, lambda rows: pl.DataFrame(rows, orient="row"), lambda rows: pa.table(pd.DataFrame(rows).add_prefix("c"))]
)
def test_any_table_gives_the_same(table) -> None:
    probabilities = RANDOM.dirichlet(np.ones(4), 200)
    loss = metrics.multiclass_log_loss(LABELS, table(probabilities.tolist()))
    assert loss == pytest.approx(-np.mean(np.log(probabilities[np.arange(200), LABELS])), rel=1e-12)


def test_lists_of_any_library_are_the_same() -> None:
    truth, guess = [["a"], ["b", "c"]], [["a", "b"], ["x", "c"]]
    expected = metrics.map_at_k(truth, guess, k=2)
    assert expected == pytest.approx((1 + 0.25) / 2)
    for column in (pd.Series, pl.Series, pa.array):
        assert metrics.map_at_k(column(truth), column(guess), k=2) == expected


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(ValueError, match="y_true has 2 rows, y_pred has 1 rows"):
        metrics.rmse([1, 2], [1])
    with pytest.raises(ValueError, match="y_pred: row 1 is NaN"):
        metrics.rmse([1, 2], [1, float("nan")])
    with pytest.raises(ValueError, match="y_pred: row 1 is NaN"):
        metrics.rmse([1, 2], pl.Series([1.0, None]))
    with pytest.raises(ValueError, match="y_true: expected numbers"):
        metrics.rmse(["1"], [1])
    with pytest.raises(ValueError, match="y_true: expected 0 and 1"):
        metrics.roc_auc([0, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="never equal"):
        metrics.accuracy(["1"], [1])
    with pytest.raises(ValueError, match="row 1 has no label"):
        metrics.accuracy(np.array(["a", None], dtype=object), np.array(["a", "b"], dtype=object))
    with pytest.raises(ValueError, match="y_true: row 1 is no label of the 2 columns"):
        metrics.multiclass_log_loss([0, 2], [[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(ValueError, match="row 0 has an item that its true order lacks"):
        metrics.kendall_tau([["a", "b"]], [["a", "z"]])
    with pytest.raises(TypeError, match="row 0 is a text"):
        metrics.mean_jaccard(["a b"], ["a b"])


def test_a_metric_without_a_value_says_so() -> None:
    with pytest.raises(errors.UndefinedMetricError, match="pearson is undefined") as raised:
        metrics.pearson([1, 2], [3, 3])
    assert raised.value.metric == "pearson"
    assert isinstance(raised.value, ValueError)


def test_columns_are_read_where_they_lie_and_the_interpreter_is_free() -> None:
    truth, guess = RANDOM.normal(size=(2, 300_000))
    truth.flags.writeable = False
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    before = ticks
    for _ in range(3):
        metrics.spearman(truth, guess)
    during = ticks - before
    done.set()
    ticker.join()
    assert during >= 3
    view = metrics._columns.numbers(truth, "y_true")
    assert np.shares_memory(view, truth)
    pandas = pd.Series(guess)
    assert np.shares_memory(metrics._columns.numbers(pandas, "y_pred"), pandas.to_numpy())
    arrow = pa.array(guess)
    assert np.shares_memory(metrics._columns.numbers(arrow, "y_pred"), arrow.to_numpy())
    polars = pl.Series(guess)
    assert np.shares_memory(metrics._columns.numbers(polars, "y_pred"), polars.to_numpy())


@pytest.mark.parametrize("module", ["", "._classification", "._lists", "._ranking", "._regression", "._tables"])
def test_examples_in_the_documentation(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"mledojo.metrics{module}"))
    assert result.failed == 0
    assert result.attempted > 0


def test_every_name_is_there() -> None:
    assert len(metrics.__all__) >= 50
    assert all(callable(getattr(metrics, name)) for name in metrics.__all__)
