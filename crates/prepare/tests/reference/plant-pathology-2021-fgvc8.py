import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        61,
        image=lambda row: f"{row * 7919 % 1000:016x}.jpg",
        labels=["healthy", "scab", "scab frog_eye_leaf_spot complex"],
    )
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder / "train_images", train["image"])
    made.files(folder / "test_images", ["85f8cb619c66b863.jpg"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.2, random_state=0)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.assign(labels="healthy").to_csv(out / "public/sample_submission.csv", index=False)
    for side, rows in (("train_images", train), ("test_images", test)):
        for name in rows["image"]:
            made.placed(raw / "train_images" / name, out / "public" / side / name)
