import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, Id=lambda row: row + 1, Elevation=(1800, 3900), Soil_Type1=(0, 2), Cover_Type=(1, 8))

    train, test = rows(301), rows(1501)[["Id", "Soil_Type1", "Elevation"]]
    made.packed(
        folder, {"train.csv": train, "test.csv": test, "sampleSubmission.csv": test[["Id"]].assign(Cover_Type=1)}
    )


def prepare(raw, out):
    train, kaggle_test = pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip")
    train, test = made.split(train, kaggle_test, stratify=train["Cover_Type"])
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test[kaggle_test.columns],
            "private/test_answer.csv": test[["Id", "Cover_Type"]],
            "public/sample_submission.csv": test[["Id"]].assign(Cover_Type=1),
        },
    )
