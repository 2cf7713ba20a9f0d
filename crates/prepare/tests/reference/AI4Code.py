import json

import made
import pandas as pd


def raw(folder):
    ancestors = made.table(
        347,
        id=lambda row: f"{row * 7919 % 1000003:06x}",
        ancestor_id=lambda row: f"a{row % 97 if row % 7 else row % 3}",
        parent_id=["", "p"],
    )
    ancestors.to_csv(folder / "train_ancestors.csv", index=False)
    orders = ancestors[["id"]][::-1].assign(cell_order=lambda rows: rows["id"] + "b " + rows["id"] + "a 5c")
    orders.to_csv(folder / "train_orders.csv", index=False)
    (folder / "train").mkdir()
    for name in ancestors["id"]:
        cells = {f"{name}a": "code", "5c": "markdown", f"{name}b": "markdown"}
        text = json.dumps({"cell_type": cells, "source": dict.fromkeys(cells, "x = {1: 2}")})
        (folder / "train" / f"{name}.json").write_text(text)


def prepare(raw, out):
    ancestors = pd.read_csv(raw / "train_ancestors.csv").sample(frac=1, random_state=0).reset_index(drop=True)
    groups = {}
    for row in ancestors.itertuples():
        groups.setdefault(row.ancestor_id, []).append(row.id)
    room = round(20000 * len(ancestors) / 139256)
    test = []
    for ids in groups.values():
        if len(test) + len(ids) <= room:
            test.extend(ids)
    assert len(test) == room
    test = set(test)
    orders = pd.read_csv(raw / "train_orders.csv")
    answers = orders[orders["id"].isin(test)]
    sample = answers.copy()
    sample["cell_order"] = [
        " ".join(json.loads((raw / f"train/{name}.json").read_text())["cell_type"]) for name in sample["id"]
    ]
    made.save(
        out,
        {
            "public/train_orders.csv": orders[~orders["id"].isin(test)],
            "private/test_answer.csv": answers,
            "public/train_ancestors.csv": ancestors[~ancestors["id"].isin(test)],
            "public/sample_submission.csv": sample,
        },
    )
    for name in ancestors["id"]:
        made.copy([raw / f"train/{name}.json"], out / "public" / ("test" if name in test else "train"))
