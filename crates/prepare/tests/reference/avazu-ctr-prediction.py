import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count, id=lambda row: 18446744073709551615 - row * 7919, click=(0, 2), hour=[14102100], C1=["007"]
        )

    for name, table in (("train", rows(89)), ("test", rows(13).drop(columns="click"))):
        table.to_csv(folder / f"{name}.gz", index=False, compression="gzip")
    made.table(2, id=(0, 9), click=(0, 2)).to_csv(folder / "sampleSubmission.gz", index=False)


def prepare(raw, out):
    train, kaggle_test = (pd.read_csv(raw / f"{name}.gz", dtype={"id": "uint64"}) for name in ("train", "test"))
    test = train.sample(frac=len(kaggle_test) / len(train), random_state=42)
    made.save(
        out,
        {
            "public/train.csv": train.drop(index=test.index),
            "public/test.csv": test.drop(columns="click"),
            "private/test_answer.csv": test[["id", "click"]],
            "public/sample_submission.csv": test[["id"]].assign(click=0.5),
        },
    )
