import shutil

import made
import pandas as pd
from sklearn.model_selection import train_test_split

TARGETS = ["formation_energy_ev_natom", "bandgap_energy_ev"]


def raw(folder):
    columns = {"spacegroup": [33, 194], "lattice_angle_alpha_degree": (60.0, 120.0)}
    train = made.table(67, id=lambda row: row + 1, **columns, **dict.fromkeys(TARGETS, (0.0, 5.0)))
    test = made.table(9, id=lambda row: row + 1, **columns)
    made.packed(folder, {"train.csv": train, "test.csv": test})
    for name, rows in (("train", train), ("test", test)):
        made.zipped(folder / f"{name}.zip", {f"{name}/{id}/geometry.xyz": f"{name} {id}" for id in rows["id"]})


def prepare(raw, out):
    parts = train_test_split(pd.read_csv(raw / "train.csv.zip"), test_size=0.1, random_state=0)
    shutil.unpack_archive(raw / "train.zip", raw.parent / "unpacked")
    for side, rows in zip(("train", "test"), parts):
        for new, old in enumerate(rows["id"], 1):
            made.copy([raw.parent / f"unpacked/train/{old}/geometry.xyz"], out / f"public/{side}/{new}")
    train, test = (rows.assign(id=range(1, len(rows) + 1)) for rows in parts)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns=TARGETS),
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test[["id"]].assign(**dict(zip(TARGETS, (0.1779, 1.8892)))),
        },
    )
