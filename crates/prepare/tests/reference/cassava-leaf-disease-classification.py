import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(57, image_id=lambda row: f"{row * 7919 % 1000}.jpg", label=(0, 5))
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder, [f"train_images/{name}" for name in train["image_id"]])
    made.files(folder, ["test_images/decoy.jpg", "sample_submission.csv"])
    (folder / "label_num_to_disease_map.json").write_text('{"0": "CBB"}')


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(label=4),
        },
    )
    made.copy([raw / "train_images" / name for name in train["image_id"]], out / "public/train_images")
    made.copy([raw / "train_images" / name for name in test["image_id"]], out / "public/test_images")
    made.copy([raw / "label_num_to_disease_map.json"], out / "public")
