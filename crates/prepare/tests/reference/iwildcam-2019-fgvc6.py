import shutil

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        97,
        category_id=[0, 3, 13],
        date_captured=["2011-05-13 23:43:18", "2012-01-01 00:00:00"],
        id=lambda row: f"{row * 7919 % 1000:08x}-23d2-11e8",
        location=(1, 31),
        seq_id=["a", "b"],
    )
    train.to_csv(folder / "train.csv", index=False)
    made.zipped(folder / "train_images.zip", {f"{id}.jpg": f"picture {id}" for id in train["id"]})
    made.files(folder, ["test.csv", "sample_submission.csv", "test_images.zip"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    _, locations = train_test_split(rows["location"].unique(), test_size=0.1, random_state=8)
    is_test = rows["location"].isin(locations)
    train, test = rows[~is_test], rows[is_test]
    answers = test[["id", "category_id"]].rename(columns={"id": "Id", "category_id": "Category"})
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="category_id"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(Category=0),
        },
    )
    pictures = raw.parent / "unpacked"
    shutil.unpack_archive(raw / "train_images.zip", pictures)
    for side, rows in (("train", train), ("test", test)):
        made.copy([pictures / f"{id}.jpg" for id in rows["id"]], out / f"public/{side}_images")
