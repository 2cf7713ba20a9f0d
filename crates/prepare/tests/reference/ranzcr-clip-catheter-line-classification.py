import made
import pandas as pd
from sklearn.model_selection import train_test_split

ETT = ["ETT - Abnormal", "ETT - Borderline", "ETT - Normal"]
NGT = ["NGT - Abnormal", "NGT - Borderline", "NGT - Incompletely Imaged", "NGT - Normal"]
CVC = ["CVC - Abnormal", "CVC - Borderline", "CVC - Normal"]


def raw(folder):
    labels = [*ETT, *NGT, *CVC, "Swan Ganz Catheter Present"]
    train = made.table(
        151,
        StudyInstanceUID=lambda row: f"1.2.826.{row * 7919 % 1000}",
        **{label: (0, 2) for label in labels},
        PatientID=lambda row: f"p{row // 3}",
    )
    train.to_csv(folder / "train.csv", index=False)
    annotations = made.table(
        200, StudyInstanceUID=list(train["StudyInstanceUID"]), label=labels, data=["[[1, 2], [3, 4]]"]
    )
    annotations.to_csv(folder / "train_annotations.csv", index=False)
    made.files(folder / "train", train["StudyInstanceUID"] + ".jpg")


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    annotations = pd.read_csv(raw / "train_annotations.csv")
    annotations = annotations[annotations["StudyInstanceUID"].isin(train["StudyInstanceUID"])]
    annotations.to_csv(out / "public/train_annotations.csv", index=False)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    sample = test.copy()
    for label in [*ETT, *NGT, "CVC - Abnormal", "CVC - Borderline"]:
        sample[label] = test["ETT - Abnormal"]
    sample.to_csv(out / "public/sample_submission.csv", index=False)
    for side, rows in (("train", train), ("test", test)):
        for name in rows["StudyInstanceUID"]:
            made.placed(raw / f"train/{name}.jpg", out / f"public/{side}/{name}.jpg")
