import os
import warnings

# Threads pay off on large tables only; the libraries below read the variables as they load.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
if os.path.getsize(os.path.join(DATA, "train.csv")) < 5_000_000:
    CORES = 1
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, str(CORES))
warnings.filterwarnings("ignore")

import numpy as np
import pandas as pd

WORKING = os.path.dirname(OUTPUT)
os.makedirs(WORKING, exist_ok=True)


def texts(name, columns):
    """Columns of a table as text, letter for letter: even "NA" and "007" are what they are."""
    return pd.read_csv(os.path.join(DATA, name), usecols=columns, dtype=str, keep_default_na=False).astype(object)


def read(name):
    """A table of the competition. Ids and targets stay text: a submission gives them back as they came."""
    frame = pd.read_csv(os.path.join(DATA, name), low_memory=False)
    kept = [column for column in frame.columns if column in [ID, *TARGETS]]
    return frame.assign(**texts(name, kept))


def write(ids, columns):
    """Writes the submission: one column of values per target, in the order of the sample submission."""
    frame = pd.DataFrame({ID: ids, **columns}).set_index(ID)
    order = read("sample_submission.csv")[ID]
    frame.loc[order].reset_index()[[ID, *TARGETS]].to_csv(OUTPUT, index=False)
