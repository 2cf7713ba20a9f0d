import json

import made
import pandas as pd
from sklearn.model_selection import train_test_split


HEIGHT = 400


def outlines(row):
    """Two eight-cornered glomeruli, as lists of points."""
    reach = 20 + 2 * row
    corners = [(3, 1), (1, 3), (-1, 3), (-3, 1), (-3, -1), (-1, -3), (1, -3), (3, -1)]
    centres = [(90 + row, 200), (260, 120 + 5 * row)]
    return [[(x + dx * reach // 3, y + dy * reach // 3) for dx, dy in corners] for x, y in centres]


def encoding(row):
    """The pixels within the outlines, as runs down the columns."""
    runs = []
    for x in range(400):
        for shape in outlines(row):
            crossed = []
            for (x1, y1), (x2, y2) in zip(shape, shape[1:] + shape[:1]):
                if (x1 <= x) != (x2 <= x):
                    crossed.append(y1 + (x - x1) / (x2 - x1) * (y2 - y1))
            if crossed:
                runs.append((x * HEIGHT + round(min(crossed)) + 1, max(1, round(max(crossed) - min(crossed)))))
    return " ".join(f"{start} {length}" for start, length in sorted(runs))


def raw(folder):
    train = made.table(15, id=lambda row: f"{row * 7919 % 1000:03x}d{row}", encoding=encoding)
    sizes = made.table(
        20,
        image_file=lambda row: f"{row * 7919 % 1000:03x}d{row}.tiff",
        width_pixels=(20000, 40000),
        height_pixels=(20000, 40000),
        race=["White", "", "Black, or African American"],
    )
    made.save(folder, {"train.csv": train, "HuBMAP-20-dataset_information.csv": sizes.sample(frac=1)})
    made.files(folder / "train", [name for id in train["id"] for name in files(id)], content=json.dumps)
    for row, id in enumerate(train["id"]):
        shapes = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [shape]}} for shape in outlines(row)]
        (folder / "train" / f"{id}.json").write_text(json.dumps(shapes))
    made.files(folder, ["test/decoy.tiff", "sample_submission.csv"])


def files(id):
    return f"{id}.tiff", f"{id}.json", f"{id}-anatomical-structure.json"


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    train, test = train_test_split(rows, train_size=12, test_size=3, random_state=0)
    sizes = pd.read_csv(raw / "HuBMAP-20-dataset_information.csv")
    sizes["id"] = sizes["image_file"].str.replace(".tiff", "", regex=False)
    sizes = sizes[sizes["id"].isin(rows["id"])]
    for side, part in (("train", train), ("test", test)):
        made.copy([raw / "train" / name for id in part["id"] for name in files(id)], out / "public" / side)
    sample = test[["id"]].assign(predicted="")
    made.save(
        out,
        {
            "public/HuBMAP-20-dataset_information.csv": sizes.drop(columns="id"),
            "public/train.csv": train,
            "private/test.csv": test.merge(sizes[["id", "width_pixels", "height_pixels"]], on="id", how="left"),
            "private/test_answer.csv": test.rename(columns={"encoding": "predicted"}),
            "public/sample_submission.csv": sample,
            "public/test/sample_submission.csv": sample,
        },
    )
