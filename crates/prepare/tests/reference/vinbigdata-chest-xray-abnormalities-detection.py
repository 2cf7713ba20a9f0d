import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    names = {0: "Aortic enlargement", 3: "Cardiomegaly", 10: "Pleural effusion"}
    images = [f"{row * 7919 % 1000:032x}" for row in range(37)]
    rows = made.table(
        300,
        image_id=images,
        class_id=list(names),
        rad_id=["R8", "R9", "R10"],
        x_min=(0.0, 900.0),
        y_min=(0, 900),
        x_max=(900.0, 2000.0),
        y_max=(900, 2000),
    )
    rows.insert(1, "class_name", rows["class_id"].map(names))
    rows.loc[::9, ["x_min", "y_max"]] = None
    healthy = rows["image_id"].isin(images[::4])
    rows.loc[healthy, ["class_name", "class_id"]] = ["No finding", 14]
    rows.loc[healthy, ["x_min", "y_min", "x_max", "y_max"]] = None
    rows.to_csv(folder / "train.csv", index=False)
    made.files(folder / "train", [f"{image}.dicom" for image in images])
    made.files(folder / "test", ["002a34c58c5b758217ed1f584ccbcfe9.dicom"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    train, test = train_test_split(rows["image_id"].unique(), test_size=0.1, random_state=0)
    rows[rows["image_id"].isin(train)].to_csv(out / "public/train.csv", index=False)
    boxes = rows[rows["image_id"].isin(test)].groupby(["image_id", "class_id"]).first().reset_index()
    boxes = boxes.fillna(0)
    boxes.loc[boxes["class_id"] == 14, ["x_max", "y_max"]] = 1.0
    boxes.to_csv(out / "private/answers.csv", index=False)
    boxes["text"] = [
        f"{box.class_id} 1.0 {float(box.x_min)} {float(box.y_min)} {float(box.x_max)} {float(box.y_max)}"
        for box in boxes.itertuples()
    ]
    answers = boxes.groupby("image_id")["text"].agg(" ".join).rename("PredictionString").reset_index()
    answers.to_csv(out / "private/test_answer.csv", index=False)
    sample = answers.assign(PredictionString="14 1 0 0 1 1")
    sample.to_csv(out / "public/sample_submission.csv", index=False)
    for side, images in (("train", train), ("test", test)):
        for image in images:
            made.placed(raw / f"train/{image}.dicom", out / f"public/{side}/{image}.dicom")
