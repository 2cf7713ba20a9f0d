import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    labels = made.table(61, name=lambda row: row * 37 % 997 + 1, invasive=(0, 2))
    made.packed(folder, {"train_labels.csv": labels})
    # Kaggle has them as train.7z.
    made.files(folder, [f"train/{name}.jpg" for name in labels["name"]] + ["test/1.jpg", "sample_submission.csv"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train_labels.csv.zip"), test_size=0.2, random_state=0)
    made.save(
        out,
        {
            "public/train_labels.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(invasive=0.5),
        },
    )
    for side, rows in (("train", train), ("test", test)):
        made.copy([raw / f"train/{name}.jpg" for name in rows["name"]], out / "public" / side)
