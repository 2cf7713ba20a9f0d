import json

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        15, id=lambda row: f"{row * 7919 % 1000:03x}d{row}", encoding=["1 3 10 5", "7 1", "200 40 300 2"]
    )
    sizes = made.table(
        20,
        image_file=lambda row: f"{row * 7919 % 1000:03x}d{row}.tiff",
        width_pixels=(20000, 40000),
        height_pixels=(20000, 40000),
        race=["White", "", "Black, or African American"],
    )
    made.save(folder, {"train.csv": train, "HuBMAP-20-dataset_information.csv": sizes.sample(frac=1)})
    made.files(folder / "train", [name for id in train["id"] for name in files(id)], content=json.dumps)
    made.files(folder, ["test/decoy.tiff", "sample_submission.csv"])


def files(id):
    return f"{id}.tiff", f"{id}.json", f"{id}-anatomical-structure.json"


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    train, test = train_test_split(rows, train_size=12, test_size=3, random_state=0)
    sizes = pd.read_csv(raw / "HuBMAP-20-dataset_information.csv")
    sizes["id"] = sizes["image_file"].str.replace(".tiff", "", regex=False)
    sizes = sizes[sizes["id"].isin(rows["id"])]
    for side, part in (("train", train), ("test", test)):
        made.copy([raw / "train" / name for id in part["id"] for name in files(id)], out / "public" / side)
    sample = test[["id"]].assign(predicted="")
    made.save(
        out,
        {
            "public/HuBMAP-20-dataset_information.csv": sizes.drop(columns="id"),
            "public/train.csv": train,
            "private/test.csv": test.merge(sizes[["id", "width_pixels", "height_pixels"]], on="id", how="left"),
            "private/test_answer.csv": test.rename(columns={"encoding": "predicted"}),
            "public/sample_submission.csv": sample,
            "public/test/sample_submission.csv": sample,
        },
    )
