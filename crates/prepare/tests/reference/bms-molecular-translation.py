import made
import pandas as pd
from sklearn.model_selection import train_test_split


def path(name):
    return f"{name[0]}/{name[1]}/{name[2]}"


def raw(folder):
    labels = made.table(
        48, image_id=lambda row: f"{row * 7919 % 4096:03x}d2a601c", InChI=lambda row: f"InChI=1S/C{row}H2O/c1-2,3"
    )
    labels.to_csv(folder / "train_labels.csv", index=False)
    made.files(folder, [f"train/{path(name)}/{name}.png" for name in labels["image_id"]])
    made.files(folder, ["extra_approved_InChIs.csv", "sample_submission.csv"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train_labels.csv"), test_size=0.2, random_state=0)
    made.save(
        out,
        {
            "public/train_labels.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(InChI="InChI=1S/H2O/h1H2"),
        },
    )
    for side, rows in (("train", train), ("test", test)):
        for name in rows["image_id"]:
            made.copy([raw / "train" / path(name) / f"{name}.png"], out / "public" / side / path(name))
    made.copy([raw / "extra_approved_InChIs.csv"], out / "public")
