import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(71, segment_id=lambda row: 1136037770 + row * 7919 % 1000, time_to_eruption=(10_000, 50_000_000))
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder / "train", [f"{segment}.csv" for segment in train["segment_id"]])
    made.files(folder / "test", ["1000213997.csv"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv", float_precision="round_trip")
    train, test = train_test_split(rows, test_size=0.1, random_state=0)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.assign(time_to_eruption=0).to_csv(out / "public/sample_submission.csv", index=False)
    for side, rows in (("train", train), ("test", test)):
        for segment in rows["segment_id"]:
            made.placed(raw / f"train/{segment}.csv", out / f"public/{side}/{segment}.csv")
