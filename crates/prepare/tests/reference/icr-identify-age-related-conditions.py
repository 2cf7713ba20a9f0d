import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        97, Id=lambda row: f"{row * 7919 % 1000:012x}", AB=(0.0, 1.0), Class=[0, 0, 0, 1], EJ=["A", "B"], GL=["", "2.5"]
    )
    made.save(folder, {"train.csv": train, "test.csv": train[["Id", "AB"]].head(5), "greeks.csv": train[["Id", "EJ"]]})


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    features, label = rows.drop(columns="Class"), rows["Class"]
    parts = train_test_split(features, label, test_size=0.2, random_state=42, stratify=label)
    train_features, test_features, train_label, test_label = parts
    made.save(
        out,
        {
            "public/train.csv": pd.concat([train_features, train_label], axis=1),
            "public/test.csv": test_features,
            "private/test_answer.csv": pd.concat([test_features["Id"], test_label], axis=1),
            "public/sample_submission.csv": test_features[["Id"]].assign(class_0=0.5, class_1=0.5),
        },
    )
