import made
import pandas as pd
from sklearn.model_selection import train_test_split

TARGETS = ["healthy", "multiple_diseases", "rust", "scab"]


def raw(folder):
    train = made.table(53, image_id=lambda row: f"Train_{row}", **{target: (0, 2) for target in TARGETS})
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder / "images", train["image_id"] + ".jpg")
    made.files(folder / "images", ["Test_0.jpg", "Test_1.jpg"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    for side, rows in (("Train", train), ("Test", test)):
        rows["old"] = rows["image_id"]
        rows["image_id"] = [f"{side}_{number}" for number in range(len(rows))]
        for _, row in rows.iterrows():
            made.placed(raw / f"images/{row['old']}.jpg", out / f"public/images/{row['image_id']}.jpg")
    train.drop(columns="old").to_csv(out / "public/train.csv", index=False)
    test.drop(columns="old").to_csv(out / "private/test_answer.csv", index=False)
    test[["image_id"]].to_csv(out / "public/test.csv", index=False)
    sample = test[["image_id"]].assign(**{target: 0.25 for target in TARGETS})
    sample.to_csv(out / "public/sample_submission.csv", index=False)
