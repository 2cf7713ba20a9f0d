"""Loads exported data sets as trainers do: `load_exports.py FOLDER ROWS …`, with the rows of each split as JSON.

Fails where a loader sees something else than the JSONL file says, line for line, read by Python itself.
"""

import json
import sys
from pathlib import Path

import datasets
import pandas
import polars
import pyarrow.parquet


def full(value, feature):
    """A value of the JSONL file with the keys that it leaves out."""
    if value is None:
        return None
    if isinstance(feature, datasets.List):
        return [full(element, feature.feature) for element in value]
    if isinstance(feature, dict):
        assert not set(value) - set(feature), (value, feature)
        return {name: full(value.get(name), feature[name]) for name in feature}
    return value


def same(left, right):
    """Equal, where absent lists and empty ones are one."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or (left in (None, []) and right in (None, []))


def check(folder: Path, counts: dict[str, int]) -> None:
    loaded = datasets.load_dataset(str(folder))
    assert {split: len(rows) for split, rows in loaded.items()} == counts, loaded
    for split, rows in loaded.items():
        lines = (folder / "data" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        expected = [full(json.loads(line), dict(rows.features)) for line in lines]

        assert same(rows.to_list(), expected), f"datasets, {split}"

        parquet = str(folder / "data" / f"{split}.parquet")
        assert same(pyarrow.parquet.read_table(parquet).to_pylist(), expected), f"pyarrow, {split}"
        frame = polars.read_parquet(parquet)
        assert same(frame.to_dicts(), expected), f"polars, {split}"
        table = pandas.read_parquet(parquet)
        assert list(table["id"]) == [row["id"] for row in expected], f"pandas, {split}"

        jsonl = str(folder / "data" / f"{split}.jsonl")
        by_lines = pandas.read_json(jsonl, lines=True)
        assert list(by_lines.columns) == list(table.columns), f"pandas, {split}"
        by_lines = polars.read_ndjson(jsonl, infer_schema_length=None)
        assert by_lines.height == len(expected) and by_lines.columns == frame.columns, f"polars, {split}"
        by_lines = datasets.load_dataset("json", data_files=jsonl, split="train")
        assert len(by_lines) == len(expected), f"datasets, {split}"

        for row in expected:
            check_row(row)


def check_row(row) -> None:
    """What trainers rely on."""
    for span in row.get("spans") or []:
        message = row["messages"][span["message"]]
        assert message["train"] and message["role"] == "assistant"
        text = row["text"][span["start"] : span["end"]]
        assert text.startswith(message["content"]) and text.endswith("<|im_end|>"), text
    if row.get("tools"):
        assert all(tool["type"] == "function" for tool in json.loads(row["tools"]))
    if "chosen" in row:
        assert row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant"
        assert row["margin"] > 0


def main() -> None:
    datasets.disable_progress_bars()
    arguments = iter(sys.argv[1:])
    for folder, rows in zip(arguments, arguments):
        check(Path(folder), {split: count for split, count in json.loads(rows).items() if count})


main()
