# A look at the data: its tables, their columns, what the columns hold; and at what is installed.
import os
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

DATA = "__DATA__"
shown = 0
for folder, folders, files in os.walk(DATA):
    folders.sort()
    for name in sorted(files):
        path = os.path.join(folder, name)
        if not name.endswith((".csv", ".tsv", ".csv.gz", ".parquet")) or shown == 12:
            continue
        shown += 1
        try:
            if name.endswith(".parquet"):
                table = pd.read_parquet(path)
            else:
                table = pd.read_csv(path, sep="\t" if name.endswith(".tsv") else ",", nrows=100_000, low_memory=False)
        except Exception as error:
            print(f"{os.path.relpath(path, DATA)}: {type(error).__name__}: {error}")
            continue
        print(f"{os.path.relpath(path, DATA)}: {len(table)} rows read, {table.shape[1]} columns")
        for column in table.columns[:40]:
            values = table[column].dropna()
            missing = table[column].isna().mean()
            if len(values) == 0:
                facts = "empty"
            elif values.nunique() < 10:
                facts = "values " + ", ".join(str(value)[:30] for value in sorted(values.unique(), key=str))
            elif pd.api.types.is_numeric_dtype(values):
                facts = f"from {values.min():.4g} to {values.max():.4g}, mean {values.mean():.4g}"
            else:
                facts = f"{values.nunique()} texts such as {str(values.iloc[0])[:40]!r}"
            print(f"  {column}: {facts}" + (f", {missing:.1%} missing" if missing else ""))
        if table.shape[1] > 40:
            print(f"  and {table.shape[1] - 40} more columns")

packages = (
    "numpy pandas polars scipy scikit-learn statsmodels lightgbm xgboost catboost torch torchvision timm transformers "
    "sentence-transformers tensorflow nltk spacy pillow opencv-python scikit-image librosa networkx optuna prophet"
)
installed = []
for name in packages.split():
    try:
        installed.append(f"{name} {version(name)}")
    except PackageNotFoundError:
        pass
print("Installed, among others: " + ", ".join(installed))
