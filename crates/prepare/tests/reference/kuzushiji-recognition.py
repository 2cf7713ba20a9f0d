import shutil

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        53, image_id=lambda row: f"100241706_{row * 37 % 997:05d}_2", labels=["U+306F 1231 3465 133 53", ""]
    )
    made.save(folder, {"train.csv": train})
    made.zipped(folder / "train_images.zip", {f"{id}.jpg": f"scan {id}" for id in train["image_id"]})
    made.files(folder, ["unicode_translation.csv", "sample_submission.csv", "test_images.zip"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.1, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(labels="U+003F 1 1 U+FF2F 2 2"),
        },
    )
    scans = raw.parent / "unpacked"
    shutil.unpack_archive(raw / "train_images.zip", scans)
    made.copy([raw / "unicode_translation.csv"], out / "public")
    for side, rows in (("train", train), ("test", test)):
        made.copy([scans / f"{id}.jpg" for id in rows["image_id"]], out / "public" / side)
