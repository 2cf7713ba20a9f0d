import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    labels = made.table(43, FileId=lambda row: row + 1, O1=(-1.0, 1.0), O2=(-1.0, 1.0), O3=(-1.0, 1.0))
    labels.to_csv(folder / "trainLabels.csv", index=False)
    made.zipped(folder / "data.zip", {f"data/{day}.csv": f"O1\n{day}\n" for day in range(1, 60)})


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "trainLabels.csv"), test_size=0.2, random_state=42)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(O1=0, O2=0, O3=0),
        },
    )
