import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    tags = [
        "Subject Focus",
        "Eyes",
        "Face",
        "Near",
        "Action",
        "Accessory",
        "Group",
        "Collage",
        "Human",
        "Occlusion",
        "Info",
        "Blur",
    ]
    train = made.table(
        97, Id=lambda row: f"{row * 7919 % 1000:032x}", **{tag: (0, 2) for tag in tags}, Pawpularity=(1, 101)
    )
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder / "train", train["Id"] + ".jpg")
    made.files(folder / "test", ["decoy.jpg"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.drop(columns="Pawpularity").to_csv(out / "public/test.csv", index=False)
    sample = test[["Id"]].assign(Pawpularity=np.random.default_rng(0).uniform(1, 100, len(test)).round(2))
    sample.to_csv(out / "public/sample_submission.csv", index=False)
    for side, rows in (("train", train), ("test", test)):
        for name in rows["Id"]:
            made.placed(raw / f"train/{name}.jpg", out / f"public/{side}/{name}.jpg")
