import io
import shutil
import zipfile

import made
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.model_selection import train_test_split


def picture(mode, row):
    levels = np.random.randint(0, 256, (5 + row % 3, 7, 4), dtype=np.uint8)
    page = Image.fromarray(levels, "RGBA").convert(mode)
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def raw(folder):
    modes = ["L", "L", "RGB", "RGBA", "LA", "1"]
    for part in ("train", "train_cleaned"):
        pages = {f"{part}/{row}.png": picture(modes[row % len(modes)], row) for row in range(95, 118)}
        made.zipped(folder / f"{part}.zip", pages)
    made.zipped(folder / "test.zip", {"test/1.png": picture("L", 1)})


def prepare(raw, out):
    for part in ("train", "train_cleaned"):
        zipfile.ZipFile(raw / f"{part}.zip").extractall(out / "public")
    _, test = train_test_split(sorted((out / "public/train").glob("*.png")), test_size=0.2, random_state=0)
    (out / "public/test").mkdir()
    for page in test:
        shutil.move(page, out / "public/test" / page.name)
    rows = []
    for page in sorted(out / "public/train_cleaned" / page.name for page in test):
        levels = np.array(Image.open(page).convert("L")) / 255.0
        rows += [(f"{page.stem}_{i + 1}_{j + 1}", value) for (i, j), value in np.ndenumerate(levels)]
        page.unlink()
    answers = pd.DataFrame(rows, columns=["id", "value"])
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(value=1)})
