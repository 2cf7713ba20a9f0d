import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    features = {"X0": ["k", "az", "nan"], "X10": (0, 2)}
    train = made.table(83, ID=lambda row: row * 2, y=(70.0, 130.0), **features)
    test = made.table(81, ID=lambda row: row * 2 + 1, **features)
    made.packed(folder, {"train.csv": train, "test.csv": test, "sample_submission.csv": test})


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv.zip"), test_size=0.2, random_state=42)
    features = test.drop(columns="y")
    made.save(
        out,
        {
            "public/train.csv": train[[*features.columns, "y"]],
            "public/test.csv": features,
            "private/test_answer.csv": test[["ID", "y"]],
            "public/sample_submission.csv": test[["ID"]].assign(y=np.random.RandomState(0).normal(100, 10, len(test))),
        },
    )
