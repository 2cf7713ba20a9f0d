import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    train = made.table(
        59, id=lambda row: f"{row * 7919 % 1000:04x}{row % 7:06x}", rle_mask=["", "1 101", "9 93 109 94"]
    )
    files = {"competition_data/train.csv": train.to_csv(index=False)}
    for name in train["id"]:
        files[f"competition_data/train/images/{name}.png"] = f"image {name}"
        files[f"competition_data/train/masks/{name}.png"] = f"mask {name}"
    made.zipped(folder / "competition_data.zip", files)
    depths = pd.concat([train[["id"]], pd.DataFrame({"id": ["test1", "00test2"]})]).sample(frac=1)
    depths.assign(z=range(50, 50 + len(depths))).to_csv(folder / "depths.csv", index=False)


def prepare(raw, out):
    data = made.unzipped(raw / "competition_data.zip") / "competition_data"
    parts = train_test_split(pd.read_csv(data / "train.csv").fillna(""), test_size=0.25, random_state=0)
    train, test = (part.sort_values("id") for part in parts)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "private/test_answer.csv", index=False)
    test.assign(rle_mask="1 1").to_csv(out / "public/sample_submission.csv", index=False)
    depths = pd.read_csv(raw / "depths.csv")
    depths[depths["id"].isin(train["id"])].sort_values("id").to_csv(out / "public/depths.csv", index=False)
    for name in train["id"]:
        made.placed(data / f"train/images/{name}.png", out / f"public/train/images/{name}.png")
        made.placed(data / f"train/masks/{name}.png", out / f"public/train/masks/{name}.png")
    for name in test["id"]:
        made.placed(data / f"train/images/{name}.png", out / f"public/test/images/{name}.png")
