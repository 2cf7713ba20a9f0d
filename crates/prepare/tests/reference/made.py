"""What the downloads of several competitions are made with."""

import pathlib
import shutil
import zipfile

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


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


def placed(file, to):
    """Copies a file or a folder to a new path."""
    assert not to.exists(), to
    to.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if file.is_dir() else shutil.copy)(file, to)


def unzipped(archive):
    """Unpacks an archive of a download beside it; the folder."""
    folder = archive.parent.parent / "unpacked"
    shutil.unpack_archive(archive, folder)
    return folder


def files(folder, names, content=lambda name: f"content of {name}"):
    """Small files, each with bytes of its own."""
    folder = pathlib.Path(folder)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content(name))


# What cells of text may hold.
TEXTS = ["plain", "with, comma", 'said "so"', "two\nlines", "", "NA", " spaces ", "ümlaut 木", "1e5", "007"]


def packed(folder, tables, ending="zip"):
    """Tables by file name, each packed alone, as Kaggle does with large ones."""
    for name, table in tables.items():
        if ending == "zip":
            zipped(folder / f"{name}.zip", {name: table.to_csv(index=False)})
        else:
            table.to_csv(folder / f"{name}.{ending}", index=False)


def split(train, kaggle_test, both=True, otherwise=0.2, **how):
    """`train_test_split` in the proportion of Kaggle's own tables."""
    share = len(kaggle_test) / (len(train) + both * len(kaggle_test))
    return train_test_split(train, test_size=share if 0.05 < share < 1 else otherwise, random_state=42, **how)


def save(out, tables):
    """Tables by file name."""
    for name, table in tables.items():
        table.to_csv(out / name, index=False)


def copy(files, folder):
    """Copies files to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder)
