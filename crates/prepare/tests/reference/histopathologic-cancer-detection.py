import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    labels = made.table(83, id=lambda row: f"{row * 7919 % 1000:040x}", label=(0, 2))
    labels.to_csv(folder / "train_labels.csv", index=False)
    made.files(folder, [f"train/{name}.tif" for name in labels["id"]])
    made.files(folder, [f"test/{row}.tif" for row in range(23)] + ["test/notes.txt", "sample_submission.csv"])


def prepare(raw, out):
    labels = pd.read_csv(raw / "train_labels.csv")
    test = len(list(raw.glob("test/*.tif")))
    train_ids, test_ids = train_test_split(labels["id"], test_size=test / (len(labels) + test), random_state=0)
    train, test = (labels[labels["id"].isin(ids)] for ids in (train_ids, test_ids))
    made.save(
        out,
        {
            "public/train_labels.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(label=0),
        },
    )
    for side, rows in (("train", train), ("test", test)):
        made.copy([raw / f"train/{name}.tif" for name in rows["id"]], out / "public" / side)
