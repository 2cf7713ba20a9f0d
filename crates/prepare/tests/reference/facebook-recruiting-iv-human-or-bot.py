import zipfile

import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count, bidder_id=lambda row: f"{row * 7919 % 1000:x}ysie", address=made.TEXTS, outcome=[0.0, 1.0]
        )

    bids = made.table(9, bid_id=(0, 99), url=made.TEXTS)
    made.packed(folder, {"train.csv": rows(41), "test.csv": rows(95).drop(columns="outcome"), "bids.csv": bids})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip"))
    answers = test[["bidder_id", "outcome"]].rename(columns={"outcome": "prediction"})
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="outcome"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(prediction=0.0),
        },
    )
    zipfile.ZipFile(raw / "bids.csv.zip").extractall(out / "public")
