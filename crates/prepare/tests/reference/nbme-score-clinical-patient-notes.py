import made
import pandas as pd
from sklearn.model_selection import train_test_split

BUNDLE = "nbme-score-clinical-patient-notes.zip"


def raw(folder):
    train = made.table(
        83,
        id=lambda row: f"{row * 37 % 997:05d}_{row % 10:03d}",
        case_num=(0, 10),
        pn_num=(16, 99),
        feature_num=(0, 10),
        annotation=["['dad with recent heart attcak']", '["mother\'s, thyroid"]', "[]"],
        location=["['696 724']", "['203 217', '70 91;176 183']", "[]"],
    )
    # Every location marks a text.
    marked = {"['696 724']": "['dad with recent heart attcak']", "[]": "[]"}
    train["annotation"] = train["location"].map(marked).fillna("['mother's, thyroid', 'weight loss']")
    tables = {"train": train, "test": train[["id", "case_num"]].head(5), "features": train[["feature_num"]]}
    made.save(folder, {f"{name}.csv": table for name, table in tables.items()})
    made.files(folder, ["patient_notes.csv", "sample_submission.csv", "original.txt", "folder/decoy.csv", BUNDLE])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    train_ids, test_ids = train_test_split(rows["id"].unique(), test_size=0.2, random_state=42)
    train, test = (rows[rows["id"].isin(ids)] for ids in (train_ids, test_ids))
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="location"),
            "private/test_answer.csv": test[["id", "location"]],
            "public/sample_submission.csv": test[["id"]].assign(location=""),
        },
    )
    made.copy([raw / name for name in ("features.csv", "patient_notes.csv", BUNDLE)], out / "public")
