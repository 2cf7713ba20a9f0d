import json

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    def target(number):
        return {
            "id": f"{number * 7919 % 1000:08x}",
            "band_1": [float(value) for value in np.random.uniform(-40, 0, 9)],
            "band_2": [-27.878361, -1e-7, 3.0],
            "inc_angle": "na" if number % 5 == 2 else 30 + number / 3,
        }

    # As the archives train.json.7z and test.json.7z unpack.
    (folder / "data/processed").mkdir(parents=True)
    train = [{**target(number), "is_iceberg": int(np.random.randint(0, 2))} for number in range(57)]
    (folder / "data/processed/train.json").write_text(json.dumps(train))
    (folder / "data/processed/test.json").write_text(json.dumps([target(number) for number in range(100, 104)]))


def prepare(raw, out):
    rows, others = (json.loads((raw / f"data/processed/{part}.json").read_text()) for part in ("train", "test"))
    train, test = train_test_split(rows, test_size=0.2, random_state=0)
    (out / "private/tmp_data").mkdir()
    (out / "private/tmp_data/train.json").write_text(json.dumps(train))
    public = [{key: record[key] for key in others[0]} for record in test]
    (out / "private/tmp_data/test.json").write_text(json.dumps(public))
    answers = pd.DataFrame([(record["id"], record["is_iceberg"]) for record in test], columns=["id", "is_iceberg"])
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(is_iceberg=0.5).to_csv(out / "public/sample_submission.csv", index=False)
