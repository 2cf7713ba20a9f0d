import made
import pandas as pd

BUNDLE = "loan-default-prediction.zip"


def raw(folder):
    train = made.table(61, id=lambda row: row + 1, f1=(0.0, 9.0), loss=[0, 0, 0, 7], f777=["NA", "1", ""])
    test = made.table(119, id=lambda row: row + 62, f1=(0.0, 9.0), f777=["NA", "1", ""])
    made.packed(folder, {"train_v2.csv": train, "test_v2.csv": test})
    made.files(folder, ["sampleSubmission.csv", "folder/decoy.csv", BUNDLE])


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train_v2.csv.zip"), pd.read_csv(raw / "test_v2.csv.zip"))
    features = test.drop(columns="loss")
    made.save(
        out,
        {
            "public/train.csv": train[[*features.columns, "loss"]],
            "public/test.csv": features,
            "private/test_answer.csv": test[["id", "loss"]],
            "public/sample_submission.csv": test[["id"]].assign(loss=0.0),
        },
    )
    made.copy([raw / name for name in ("train_v2.csv.zip", "test_v2.csv.zip", BUNDLE)], out / "public")
