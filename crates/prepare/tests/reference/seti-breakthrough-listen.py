import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(67, id=lambda row: f"{row * 7919 % 1000 + 16**11 * (row % 16):012x}", target=(0, 2))
    train.to_csv(folder / "train_labels.csv", index=False)
    made.files(folder / "train", [f"{name[0]}/{name}.npy" for name in train["id"]])
    made.files(folder / "test", ["0/00034abb3629.npy"])
    made.files(folder / "old_leaky_data", ["train_labels_old.csv", "train_old/a/a1.npy"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train_labels.csv"), test_size=0.1, random_state=0)
    train.to_csv(out / "public/train_labels.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.assign(target=0.5).to_csv(out / "public/sample_submission.csv", index=False)
    made.placed(raw / "old_leaky_data", out / "public/old_leaky_data")
    for side, rows in (("train", train), ("test", test)):
        for name in rows["id"]:
            made.placed(raw / f"train/{name[0]}/{name}.npy", out / f"public/{side}/{name[0]}/{name}.npy")
