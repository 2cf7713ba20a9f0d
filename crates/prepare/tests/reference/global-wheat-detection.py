import ast

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    boxes = made.table(
        187,
        image_id=lambda row: f"{row * row * 7919 % 61:09x}",
        width=[1024],
        height=lambda row: 1000 + row,
        bbox=lambda row: f"[{row}.0, {row * 3}, {row / 7}, 36.0]",
        source=["usask_1"],
    )
    boxes.to_csv(folder / "train.csv", index=False)
    made.files(folder, [f"train/{name}.jpg" for name in [*boxes["image_id"], "empty"]])
    made.files(folder, ["test/a.jpg", "sample_submission.csv"])


def prepare(raw, out):
    boxes = pd.read_csv(raw / "train.csv")
    train, test = train_test_split(boxes["image_id"].unique(), test_size=0.2, random_state=42)
    test = sorted(test)
    rows = []
    for name in test:
        own = boxes[boxes["image_id"] == name]
        strings = ["1.0 " + " ".join(str(float(number)) for number in ast.literal_eval(box)) for box in own["bbox"]]
        rows.append((name, own["width"].iloc[0], own["height"].iloc[0], " ".join(strings)))
    table = pd.DataFrame(rows, columns=["image_id", "width", "height", "PredictionString"])
    answers = table[["image_id", "PredictionString"]]
    made.save(
        out,
        {
            "public/train.csv": boxes[boxes["image_id"].isin(train)],
            "public/test.csv": table[["image_id", "width", "height"]],
            "public/sample_submission.csv": answers.assign(PredictionString=""),
            "private/test_answer.csv": answers,
        },
    )
    for part, names in (("train", train), ("test", test)):
        made.copy([raw / f"train/{name}.jpg" for name in names], out / "public" / part)
