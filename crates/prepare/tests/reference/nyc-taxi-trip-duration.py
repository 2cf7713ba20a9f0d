import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    columns = {
        "vendor_id": (1, 3),
        "pickup_datetime": ["2016-03-14 17:24:55", "2016-06-12 00:43:35"],
        "pickup_longitude": (-74.0, -73.0),
    }
    train = made.table(
        97,
        id=lambda row: f"id{row * 37 % 997:07d}",
        trip_duration=(1, 3000),
        dropoff_datetime=["2016-03-14 17:32:30", "2016-06-12 00:54:38"],
        **columns,
    )
    pickup = pd.to_datetime(train["pickup_datetime"])
    train["dropoff_datetime"] = (pickup + pd.to_timedelta(train["trip_duration"], unit="s")).astype(str)
    test = made.table(41, id=lambda row: f"id{row:07d}", **columns)
    for name, rows in (("train", train), ("test", test), ("sample_submission", test)):
        made.zipped(folder / f"{name}.zip", {f"{name}.csv": rows.to_csv(index=False)})


def prepare(raw, out):
    rows, kaggle_test = pd.read_csv(raw / "train.zip"), pd.read_csv(raw / "test.zip")
    train, test = train_test_split(rows, test_size=len(kaggle_test) / len(rows), random_state=42)
    features = test.drop(columns="trip_duration")
    guesses = np.random.RandomState(0).randint(100, 1000, len(test))
    made.save(
        out,
        {
            "public/train.csv": train[[*features.columns, "trip_duration"]],
            "public/test.csv": features,
            "private/test_answer.csv": test[["id", "trip_duration"]],
            "public/sample_submission.csv": test[["id"]].assign(trip_duration=guesses),
        },
    )
