"""From whatever holds columns (NumPy, pandas, polars, Arrow, lists) to what the formulas read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mledojo import errors

#: A column: a NumPy array, a pandas or polars Series, an Arrow array, a list.
Column: TypeAlias = npt.ArrayLike
#: A table: a two-dimensional array, a DataFrame, an Arrow table, a list of rows.
Rows: TypeAlias = npt.ArrayLike
#: A list of items a row.
Lists: TypeAlias = Iterable[Iterable[Hashable]]

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]


def defined(metric: str, value: float | None) -> float:
    """The value of a metric that has one.

    Raises:
        UndefinedMetricError: If it has none.
    """
    if value is None:
        message = f"{metric} is undefined for these columns: its docstring says when"
        raise errors.UndefinedMetricError(message, {"metric": metric})
    return value


def same_length(**columns: Sequence[Any] | npt.NDArray[Any]) -> None:
    """Sees to it that columns have as many rows.

    Raises:
        ValueError: If they don't.
    """
    lengths = {what: len(column) for what, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{what} has {length} rows" for what, length in lengths.items())
        raise ValueError(f"{found}; expected as many")


def numbers(values: Column, what: str) -> Floats:
    """A column of numbers; a contiguous array of 64-bit floats is taken as it lies."""
    return _floats(_one_column(np.asarray(values), what), what)


def flags(values: Column, what: str) -> Bools:
    """A column of yes and no: booleans, or the numbers 0 and 1."""
    return _bools(_one_column(np.asarray(values), what), what)


def matrix(values: Rows, what: str, width: int | None = None) -> Floats:
    """A table of numbers, of so many columns if it is said; contiguous 64-bit floats are taken as they lie."""
    return _floats(_table(values, what, width), what)


def flag_matrix(values: Rows, what: str) -> Bools:
    """A table of yes and no."""
    return _bools(_table(values, what, None), what)


def same_shape(**tables: Floats | Bools) -> None:
    """Sees to it that tables have one shape.

    Raises:
        ValueError: If they don't.
    """
    shapes = {what: table.shape for what, table in tables.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(", ".join(f"{what} has shape {shape}" for what, shape in shapes.items()) + "; expected one shape")


def labels(y_true: Column, y_pred: Column) -> tuple[Integers, Integers]:
    """Two columns of labels as numbers, equal where the labels are; whole numbers stand for themselves."""
    truth, predicted = _one_column(np.asarray(y_true), "y_true"), _one_column(np.asarray(y_pred), "y_pred")
    same_length(y_true=truth, y_pred=predicted)
    if _is_numeric(truth) != _is_numeric(predicted):
        raise ValueError("y_true and y_pred hold labels of different kinds: numbers and texts are never equal")
    codes = codes_of(np.concatenate([truth, predicted]) if len(truth) else truth, "y_true or y_pred")
    return codes[: len(truth)], codes[len(truth) :]


def whole_numbers(values: Column, what: str) -> Integers:
    """A column of whole numbers."""
    array = _one_column(np.asarray(values), what)
    if array.dtype.kind in "biu":
        return np.ascontiguousarray(array, dtype=np.int64)
    floats = _floats(array, what)
    if not np.all(np.isfinite(floats) & (floats == np.floor(floats)) & (np.abs(floats) < 2.0**53)):
        raise ValueError(f"{what}: expected whole numbers")
    return floats.astype(np.int64)


def codes_of(values: Column, what: str) -> Integers:
    """Numbers for the values of a column, equal where the values are."""
    array = _one_column(np.asarray(values), what)
    if array.dtype.kind in "biu":
        return np.ascontiguousarray(array, dtype=np.int64)
    if array.dtype.kind == "O":
        known: dict[Hashable, int] = {}
        coded = np.empty(len(array), dtype=np.int64)
        for row, value in enumerate(array.tolist()):
            # Only what is not a number differs from itself.
            if value is None or value != value:
                raise ValueError(f"{what}: row {row} has no label")
            coded[row] = known.setdefault(value, len(known))
        return coded
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{what}: row {int(np.isnan(array).argmax())} has no label")
    return np.unique(array, return_inverse=True)[1].astype(np.int64)


def lists(y_true: Lists, y_pred: Lists) -> tuple[list[list[int]], list[list[int]]]:
    """Two columns of lists with their items as numbers, equal where the items are."""
    known: dict[Hashable, int] = {}

    def coded(column: Lists, what: str) -> list[list[int]]:
        rows = []
        for row, items in enumerate(plain(column)):
            if isinstance(items, str | bytes):
                raise TypeError(f"{what}: row {row} is a text; expected a list, such as `text.split()`")
            rows.append([known.setdefault(item, len(known)) for item in plain(items)])
        return rows

    truth, predicted = coded(y_true, "y_true"), coded(y_pred, "y_pred")
    same_length(y_true=truth, y_pred=predicted)
    return truth, predicted


def plain(values: Any) -> list[Any]:
    """Any sequence as a list of Python's own values."""
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            made: list[Any] = getattr(values, method)()
            return made
    return list(values)


def _one_column(array: npt.NDArray[Any], what: str) -> npt.NDArray[Any]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"{what}: expected one column, found an array of shape {array.shape}")
    return array


def _table(values: Rows, what: str, width: int | None) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 1 and width is None:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0 or (width is not None and array.shape[1] != width):
        columns = "columns" if width is None else f"{width} columns"
        raise ValueError(f"{what}: expected rows of {columns}, found an array of shape {array.shape}")
    return array


def _is_numeric(array: npt.NDArray[Any]) -> bool:
    if array.dtype.kind == "O":
        return all(isinstance(value, bool | int | float) for value in array.tolist())
    return array.dtype.kind in "biuf"


def _floats(array: npt.NDArray[Any], what: str) -> Floats:
    if array.dtype.kind in "biufO":
        try:
            return np.ascontiguousarray(array, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{what}: expected numbers, but {error}") from None
    raise ValueError(f"{what}: expected numbers, found an array of type {array.dtype}")


def _bools(array: npt.NDArray[Any], what: str) -> Bools:
    if array.dtype == np.bool_:
        return np.ascontiguousarray(array)
    floats = _floats(array, what)
    ones: Bools = np.equal(floats, 1.0)
    if not np.all(ones | (floats == 0.0)):
        raise ValueError(f"{what}: expected 0 and 1, or booleans")
    return ones
