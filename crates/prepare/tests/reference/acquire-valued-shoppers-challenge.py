import gzip

import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count, id=lambda row: 86000 + row * 37 % 1000, chain=(1, 500), repeattrips=(0, 9), repeater=["t", "f"]
        )

    other = made.table(9, offer=(1, 9), company=["007", "8"])
    train, test = rows(53), rows(47).drop(columns=["repeattrips", "repeater"])
    made.packed(folder, {"trainHistory.csv": train, "testHistory.csv": test}, "gz")
    made.packed(folder, {"offers.csv": other, "transactions.csv": other}, "gz")


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "trainHistory.csv.gz"), pd.read_csv(raw / "testHistory.csv.gz"))
    answers = test[["id"]].assign(repeatProbability=test["repeater"].map({"t": 1.0, "f": 0.0}))
    made.save(
        out,
        {
            "public/trainHistory.csv": train,
            "public/testHistory.csv": test.drop(columns=["repeater", "repeattrips"]),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(repeatProbability=0.0),
        },
    )
    for name in ("offers.csv", "transactions.csv"):
        (out / "public" / name).write_bytes(gzip.open(raw / f"{name}.gz").read())
