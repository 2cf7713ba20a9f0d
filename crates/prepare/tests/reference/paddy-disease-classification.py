import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        83,
        image_id=lambda row: f"{100001 + row * 37 % 100}.jpg",
        label=["normal", "blast", "hispa"],
        variety=["ADT45", "Ponni"],
        age=(45, 80),
    )
    train.to_csv(folder / "train.csv", index=False)
    train.head(3)[["image_id"]].assign(label="").to_csv(folder / "sample_submission.csv", index=False)
    made.files(folder / "train_images", train["label"] + "/" + train["image_id"])
    made.files(folder / "test_images", ["200001.jpg"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), train_size=0.75, random_state=0)
    train.to_csv(out / "public/train.csv", index=False)
    test[["image_id", "label"]].to_csv(out / "private/test_answer.csv", index=False)
    test[["image_id"]].assign(label="").to_csv(out / "public/sample_submission.csv", index=False)
    for _, row in train.iterrows():
        path = f"{row['label']}/{row['image_id']}"
        made.placed(raw / "train_images" / path, out / "public/train_images" / path)
    for _, row in test.iterrows():
        made.placed(raw / "train_images" / row["label"] / row["image_id"], out / "public/test_images" / row["image_id"])
