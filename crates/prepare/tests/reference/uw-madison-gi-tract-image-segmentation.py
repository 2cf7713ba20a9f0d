import shutil

import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    # Days are as many as the case's number says; as text, day9 would come after day20.
    days = ["day9", "day20", "day0", "day101", "day33", "day5"]
    rows = []
    for case, count in (("case7", 2), ("case123", 6), ("case12", 4), ("case9", 5), ("case30", 1), ("case44", 3)):
        for day in days[:count]:
            for number in (1, 2, 10):
                width = 200 + number
                made.files(
                    folder / f"train/{case}/{case}_{day}/scans", [f"slice_{number:04}_{width}_310_1.50_1.50.png"]
                )
                for part in ("large_bowel", "small_bowel", "stomach"):
                    rows.append((f"{case}_{day}_slice_{number:04}", part, "28094 3 28358 7" if number > 1 else ""))
    pd.DataFrame(rows, columns=["id", "class", "segmentation"]).to_csv(folder / "train.csv", index=False)
    # A day that the table does not speak of stays with its case.
    made.files(folder / "train/case30/case30_day77/scans", ["slice_0001_266_266_1.50_1.50.png"])


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv")
    parts = rows["id"].str.split("_", expand=True)
    case, day = parts[0], parts[1]
    folder = case + "_" + day
    train_cases, test_cases = train_test_split(case.unique(), test_size=0.1, random_state=42)
    for side, cases in (("train", train_cases), ("test", test_cases)):
        for name in cases:
            made.placed(raw / "train" / name, out / "public" / side / name)
    is_test = case.isin(test_cases)
    for name in train_cases:
        days = sorted(day[case == name].unique(), key=lambda day: int(day.removeprefix("day")))
        for late in days[4:]:
            is_test |= folder == f"{name}_{late}"
            (out / "public/test" / name).mkdir(exist_ok=True)
            shutil.move(out / f"public/train/{name}/{name}_{late}", out / f"public/test/{name}/{name}_{late}")
    train, test = rows[~is_test], rows[is_test].rename(columns={"segmentation": "predicted"})
    sizes = []
    for row in test.index:
        scans = out / f"public/test/{case[row]}/{folder[row]}/scans"
        (scan,) = scans.glob(f"slice_{parts[3][row]}_*.png")
        sizes.append([float(number) for number in scan.name.split("_")[2:4]])
    train.to_csv(out / "public/train.csv", index=False)
    test[["id", "class"]].to_csv(out / "public/test.csv", index=False)
    test.assign(predicted="1 1 5 2").to_csv(out / "public/sample_submission.csv", index=False)
    test[["image_width", "image_height"]] = sizes
    test.to_csv(out / "private/test_answer.csv", index=False)
