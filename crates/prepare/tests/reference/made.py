"""What the downloads of several competitions are made with."""

import pathlib
import zipfile

import numpy as np
import pandas as pd


def table(rows, **columns):
    """A table: each column is a function of the row's number, a list of values to draw from, or a pair (low, high)."""
    data = {}
    for name, column in columns.items():
        if callable(column):
            data[name] = [column(row) for row in range(rows)]
        elif isinstance(column, tuple):
            low, high = column
            whole = isinstance(low, int) and isinstance(high, int)
            data[name] = np.random.randint(low, high, rows) if whole else np.random.uniform(low, high, rows).round(4)
        else:
            data[name] = [column[place] for place in np.random.randint(0, len(column), rows)]
    return pd.DataFrame(data)


def zipped(path, files):
    """A zip of texts or bytes by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def files(folder, names, content=lambda name: f"content of {name}"):
    """Small files, each with bytes of its own."""
    folder = pathlib.Path(folder)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content(name))
