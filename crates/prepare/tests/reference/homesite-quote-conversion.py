import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, QuoteNumber=lambda row: row * 37 % 997, Field=made.TEXTS, Amount=(0.0, 9.0))

    train = rows(83)
    train.insert(1, "QuoteConversion_Flag", made.table(83, flag=(0, 2))["flag"])
    test = rows(55)
    made.packed(folder, {"train.csv": train, "test.csv": test, "sample_submission.csv": test})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip"))
    answers = test[["QuoteNumber", "QuoteConversion_Flag"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="QuoteConversion_Flag"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(QuoteConversion_Flag=0),
        },
    )
