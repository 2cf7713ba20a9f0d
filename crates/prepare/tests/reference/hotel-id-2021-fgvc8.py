import made
import pandas as pd
from sklearn.model_selection import train_test_split

TWICE = "ce27d36c9147cc19.jpg"


def raw(folder):
    train = made.table(
        71,
        image=lambda row: TWICE if row in (9, 40) else f"{row * 7919 % 1000:016x}.jpg",
        chain=(0, 4),
        hotel_id=(11, 29),
        timestamp=["2018-02-14 00:00:00", "2020-06-02 12:30:00"],
    )
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder / "train_images", [f"{row.chain}/{row.image}" for row in train.itertuples()])
    made.files(folder, ["test_images/decoy.jpg", "sample_submission.csv"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    train, test = train_test_split(rows[rows["image"] != TWICE], test_size=0.1, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test[["image"]].assign(hotel_id="36363 53586 18807 64314 60181"),
        },
    )
    for row in train.itertuples():
        made.copy([raw / f"train_images/{row.chain}/{row.image}"], out / f"public/train_images/{row.chain}")
    made.copy([raw / f"train_images/{row.chain}/{row.image}" for row in test.itertuples()], out / "public/test_images")
