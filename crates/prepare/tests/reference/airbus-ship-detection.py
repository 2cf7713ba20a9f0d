import random

import made
import pandas as pd

MASKS = "train_ship_segmentations_v2.csv"


def raw(folder):
    names = [f"{row * 7919 % 1000003:09x}.jpg" for row in range(397)]
    masks = []
    for name in random.sample(names, len(names)):
        ships = random.randint(0, 3)
        runs = [f"{random.randint(1, 589000)} {random.randint(1, 9)} 589900 5" for _ in range(ships)]
        masks += [(name, run) for run in runs or [""]]
    pd.DataFrame(masks, columns=["ImageId", "EncodedPixels"]).to_csv(folder / MASKS, index=False)
    made.files(folder / "train_v2", [*names, "notes.txt"])
    made.files(folder, ["test_v2/decoy.jpg", "sample_submission_v2.csv"])


def prepare(raw, out):
    random.seed(42)
    pictures = sorted(path.name for path in (raw / "train_v2").iterdir() if path.suffix == ".jpg")
    random.shuffle(pictures)
    size = round(len(pictures) * 15601 / (15601 + 192551))
    test, train = pictures[:size], pictures[size:]
    masks = pd.read_csv(raw / MASKS).dropna()
    joined = [" ".join(masks.loc[masks["ImageId"] == name, "EncodedPixels"]) for name in test]
    answers = pd.DataFrame({"ImageId": test, "EncodedPixels": joined})
    made.save(
        out,
        {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(EncodedPixels="")},
    )
    for part, names in (("train", train), ("test", test)):
        made.copy([raw / "train_v2" / name for name in names], out / "public" / part)
    made.copy([raw / MASKS], out / "public")
