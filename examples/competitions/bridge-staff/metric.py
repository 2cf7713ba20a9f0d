"""Mean cost of planning stewards by a forecast: a rider too few costs three times as much as one too many."""

import numpy as np
import pandas as pd


def score(answers: pd.DataFrame, submission: pd.DataFrame) -> float:
    """Both files as `pandas.read_csv` reads them; columns and ids have been checked, the order of rows has not.

    A `ValueError` makes the submission invalid, and its text is what the agent reads: it must tell no answer. Anything
    else that goes wrong is a fault of the metric.
    """
    riders = pd.to_numeric(submission["riders"], errors="coerce")
    if not np.isfinite(riders).all():
        ids = submission["id"][~np.isfinite(riders)].head(3).tolist()
        raise ValueError(f"`riders` must be a finite number; it is not for the ids {ids}")
    predicted = submission.assign(riders=riders).set_index("id")["riders"].reindex(answers["id"])
    short = answers["riders"].to_numpy() - predicted.to_numpy()
    return float((3 * short.clip(min=0) + (-short).clip(min=0)).mean())
