import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(57, id_code=lambda row: f"{row * 7919 % 1000:04x}", diagnosis=(0, 5))
    train.to_csv(folder / "train.csv", index=False)
    made.files(folder, [f"train_images/{name}.png" for name in train["id_code"]])
    made.files(folder, ["test.csv", "test_images/decoy.png"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test[["id_code"]],
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(diagnosis=0),
        },
    )
    made.copy([raw / f"train_images/{name}.png" for name in train["id_code"]], out / "public/train_images")
    made.copy([raw / f"train_images/{name}.png" for name in test["id_code"]], out / "public/test_images")
