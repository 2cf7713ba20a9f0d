import random
import shutil

import made
import pandas as pd


def raw(folder):
    for number in range(1, 38):
        for day in range(1, 6):
            made.files(folder, [f"train/train/set{number}_{day}.tif", f"train_sm/train_sm/set{number}_{day}.jpeg"])


def prepare(raw, out):
    random.seed(42)
    sets = sorted({picture.name.split("_")[0] for picture in (raw / "train/train").glob("*.tif")})
    random.shuffle(sets)
    size = round(0.56 * len(sets))
    train, test = sets[:size], sorted(sets[size:])
    for folder in ("train", "train_sm", "test", "test_sm"):
        (out / "public" / folder).mkdir()

    def place(name, day, part, number):
        shutil.copy(raw / f"train/train/{name}_{day}.tif", out / f"public/{part}/{name}_{number}.tif")
        shutil.copy(raw / f"train_sm/train_sm/{name}_{day}.jpeg", out / f"public/{part}_sm/{name}_{number}.jpeg")

    for name in train:
        for day in range(1, 6):
            place(name, day, "train", day)
    answers = []
    for name in test:
        order = [1, 2, 3, 4, 5]
        random.shuffle(order)
        answers.append((name, " ".join(map(str, order))))
        for day in range(1, 6):
            place(name, day, "test", order[day - 1])
    sample = []
    for name in test:
        order = [1, 2, 3, 4, 5]
        random.shuffle(order)
        sample.append((name, " ".join(map(str, order))))
    columns = ["setId", "day"]
    made.save(
        out,
        {
            "private/test_answer.csv": pd.DataFrame(answers, columns=columns),
            "public/sample_submission.csv": pd.DataFrame(sample, columns=columns),
        },
    )
