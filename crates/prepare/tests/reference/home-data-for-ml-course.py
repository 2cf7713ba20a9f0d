import made
import numpy as np
import pandas as pd


def raw(folder):
    def rows(first, count):
        return made.table(
            count,
            Id=lambda row: first + row,
            LotFrontage=["", "NA", "65", "80"],
            Alley=["NA", "Grvl"],
            LotArea=(5000, 9999),
        )

    train = rows(1, 97).assign(SalePrice=np.random.randint(50000, 500000, 97))
    made.save(folder, {"train.csv": train, "test.csv": rows(98, 96)})
    made.files(folder, ["data_description.txt", "sample_submission.csv"])


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"))
    prices = np.random.RandomState(0).randint(100000, 300000, len(test))
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="SalePrice"),
            "private/test_answer.csv": test[["Id", "SalePrice"]],
            "public/sample_submission.csv": test[["Id"]].assign(SalePrice=prices),
        },
    )
