import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(91, id=lambda row: f"{row * 7919 % 1000:032x}", attribute_ids=["448 2429", "7", "782 51 3"])
    labels = made.table(5, attribute_id=(0, 9), attribute_name=["country::france", "tags::'a', \"b\""])
    made.save(folder, {"train.csv": train, "labels.csv": labels})
    made.files(folder, [f"train/{id}.png" for id in train["id"]] + ["test/decoy.png", "sample_submission.csv"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.15, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(attribute_ids="0 1 2"),
        },
    )
    made.copy([raw / "labels.csv"], out / "public")
    for side, rows in (("train", train), ("test", test)):
        made.copy([raw / f"train/{id}.png" for id in rows["id"]], out / "public" / side)
