import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

CLASSES = ["Negative for Pneumonia", "Typical Appearance", "Indeterminate Appearance", "Atypical Appearance"]


def raw(folder):
    studies = [f"{row * 7919 % 1000:012x}" for row in range(43)]
    classes = np.random.randint(0, 4, len(studies))
    levels = pd.DataFrame(np.eye(4, dtype=int)[classes], columns=CLASSES)
    levels.insert(0, "id", [f"{study}_study" for study in studies])
    levels.to_csv(folder / "train_study_level.csv", index=False)
    images = made.table(
        70,
        id=lambda row: f"{row * 104729 % 10000:012x}_image",
        boxes=["[{'x': 1.5, 'y': 2}]", ""],
        label=["none 1 0 0 1 1", "opacity 1 789.28 582.43 1815.94 2499.73"],
        StudyInstanceUID=lambda row: studies[row % 43],
    )
    # The last study has no image in the table.
    images = images[images["StudyInstanceUID"] != studies[-1]]
    images.to_csv(folder / "train_image_level.csv", index=False)
    made.files(folder / "train", [f"{study}/{study}a/{image}.dcm" for study in studies for image in ("1", "2")])
    made.files(folder / "test", ["00188a671292/3eb5a506ccf3/3dcdfc352a06.dcm"])


def prepare(raw, out):
    levels, images = pd.read_csv(raw / "train_study_level.csv"), pd.read_csv(raw / "train_image_level.csv")
    train, test = (part.sort_values("id") for part in train_test_split(levels, test_size=0.1, random_state=0))
    train.to_csv(out / "public/train_study_level.csv", index=False)
    is_test = (images["StudyInstanceUID"] + "_study").isin(test["id"])
    images[~is_test].sort_values("id").to_csv(out / "public/train_image_level.csv", index=False)
    for side, part in (("train", train), ("test", test)):
        for study in part["id"].str.removesuffix("_study"):
            made.placed(raw / "train" / study, out / "public" / side / study)
    words = np.array(["negative", "typical", "indeterminate", "atypical"])[test[CLASSES].to_numpy().argmax(axis=1)]
    of_studies = pd.DataFrame({"id": test["id"], "PredictionString": [f"{word} 1 0 0 1 1" for word in words]})
    of_images = images[is_test].sort_values("id")[["id", "label"]].set_axis(["id", "PredictionString"], axis=1)
    pd.concat([of_studies, of_images]).to_csv(out / "private/test_answer.csv", index=False)
    guesses = [
        of_studies.assign(PredictionString="negative 1 0 0 1 1"),
        of_images.assign(PredictionString="none 1 0 0 1 1"),
    ]
    pd.concat(guesses).to_csv(out / "public/sample_submission.csv", index=False)
