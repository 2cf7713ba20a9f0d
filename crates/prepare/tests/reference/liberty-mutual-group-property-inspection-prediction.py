import made
import pandas as pd


def raw(folder):
    features = {"T1_V1": (1, 20), "T1_V4": ["N", "B", "NA"], "T2_V15": (0.0, 9.0)}
    train = made.table(83, Id=lambda row: row * 2 + 1, Hazard=(1, 70), **features)
    test = made.table(79, Id=lambda row: row * 2, **features)
    made.packed(folder, {"train.csv": train, "test.csv": test, "sample_submission.csv": test})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip"))
    features = test.drop(columns="Hazard")
    made.save(
        out,
        {
            "public/train.csv": train[[*features.columns, "Hazard"]],
            "public/test.csv": features,
            "private/test_answer.csv": test[["Id", "Hazard"]],
            "public/sample_submission.csv": test[["Id"]].assign(Hazard=0.0),
        },
    )
