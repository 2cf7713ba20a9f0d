import shutil
import zipfile

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    names = [f"{kind}.{row}.jpg" for kind in ("dog", "cat") for row in range(73)]
    made.zipped(folder / "train.zip", {f"train/{name}": name for name in names})
    made.zipped(folder / "test.zip", {"test/1.jpg": "1"})


def prepare(raw, out):
    zipfile.ZipFile(raw / "train.zip").extractall(raw.parent / "unpacked")
    pictures = sorted((raw.parent / "unpacked/train").glob("*.jpg"))
    train, test = train_test_split(pictures, test_size=0.1, random_state=0)
    for part in ("train", "test"):
        (out / "public" / part).mkdir()
    counts = {"cat": 0, "dog": 0}
    for picture in train:
        kind = "cat" if "cat" in picture.name else "dog"
        shutil.copy(picture, out / f"public/train/{kind}.{counts[kind]}.jpg")
        counts[kind] += 1
    for number, picture in enumerate(test, 1):
        shutil.copy(picture, out / f"public/test/{number}.jpg")
    labels = [(number, int("dog" in picture.name)) for number, picture in enumerate(test, 1)]
    answers = pd.DataFrame(labels, columns=["id", "label"])
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(label=0.5)})
