import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    patients = [f"ID{row * 7919 % 100000:020d}" for row in range(31)]
    visits = [(patient, week) for patient in patients for week in np.random.permutation(range(-5, 60))[:6]]
    rows = made.table(
        len(visits),
        Patient=lambda row: visits[row][0],
        Weeks=lambda row: visits[row][1],
        FVC=(800, 5000),
        Percent=["", "58.253649", "70.1"],
        Age=(49, 88),
        Sex=["Male", "Female"],
        SmokingStatus=["Ex-smoker", "", "Never smoked"],
    )
    rows.sample(frac=1).to_csv(folder / "train.csv", index=False)
    made.files(folder, [f"train/{patient}/{slice}.dcm" for patient in patients for slice in (1, 2)])
    made.files(folder, ["test.csv", "sample_submission.csv", f"test/{patients[0]}/1.dcm"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv", float_precision="round_trip")
    groups = [group for _, group in rows.groupby("Patient")]
    train, test = (pd.concat(part) for part in train_test_split(groups, test_size=0.1, random_state=0))
    weeks = range(test["Weeks"].min(), test["Weeks"].max() + 1)
    grid = pd.DataFrame([(patient, week) for patient in test["Patient"].unique() for week in weeks])
    grid.columns = ["Patient", "Weeks"]
    grid = grid.merge(test, on=["Patient", "Weeks"], how="left")
    grid["Patient_Week"] = grid["Patient"] + "_" + grid["Weeks"].astype(str)
    grid["Confidence"] = 100
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.sort_values("Weeks").groupby("Patient").first().reset_index(),
            "private/test_answer.csv": grid[["Patient_Week", "FVC", "Patient", "Confidence"]],
            "public/sample_submission.csv": grid[["Patient_Week"]].assign(FVC=2000, Confidence=100),
        },
    )
    for side, part in (("train", train), ("test", test)):
        for patient in part["Patient"].unique():
            made.copy((raw / "train" / patient).iterdir(), out / f"public/{side}/{patient}")
