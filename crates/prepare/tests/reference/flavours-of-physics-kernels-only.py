import zipfile

import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count,
            id=lambda row: 10000 + row,
            LifeTime=(0.0, 1.0),
            mass=(1600.0, 1900.0),
            min_ANNmuon=(0.0, 1.0),
            p0_pt=(0, 99),
            signal=(0, 2),
        )

    train, test = rows(71), rows(307)[["p0_pt", "id", "LifeTime"]]
    other = made.table(9, id=(0, 99), weight=(0.0, 1.0))
    made.packed(folder, {"training.csv": train, "test.csv": test, "sample_submission.csv": other})
    made.packed(folder, {"check_agreement.csv": other, "check_correlation.csv": other})


def prepare(raw, out):
    all_rows, kaggle_test = pd.read_csv(raw / "training.csv.zip"), pd.read_csv(raw / "test.csv.zip")
    share = len(kaggle_test) / (len(all_rows) + len(kaggle_test))
    parts = [
        made.train_test_split(all_rows[all_rows["signal"] == kind], test_size=share, random_state=42) for kind in (1, 0)
    ]
    train, test = (pd.concat(sides) for sides in zip(*parts))
    answers = test[["id"]].assign(prediction=test["signal"].astype(float), min_ANNmuon=test["min_ANNmuon"])
    made.save(
        out,
        {
            "public/training.csv": train,
            "public/test.csv": test[kaggle_test.columns],
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": test[["id"]].assign(prediction=0.5),
        },
    )
    for name in ("check_agreement.csv", "check_correlation.csv"):
        zipfile.ZipFile(raw / f"{name}.zip").extractall(out / "public")
