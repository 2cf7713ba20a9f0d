"""What both text normalization challenges do; the languages are the prefixes of their files."""

import csv

import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder, language):
    sentences = np.repeat(np.arange(40) * 3, 5)
    train = made.table(
        200,
        token_id=lambda row: row % 5,
        **{"class": ["PLAIN", "DATE", "PUNCT"]},
        before=["2006", "Hi, you", '"', "NA", "слово", ","],
    )
    train.insert(0, "sentence_id", sentences)
    train["after"] = [{"2006": "two thousand six", "NA": "NA"}.get(text, text) for text in train["before"]]
    quoted = train.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    made.zipped(folder / f"{language}_train.csv.zip", {f"{language}_train.csv": quoted})
    made.zipped(
        folder / f"{language}_test_2.csv.zip", {f"{language}_test_2.csv": "sentence_id,token_id,before\n0,0,a\n"}
    )
    made.zipped(
        folder / f"{language}_sample_submission_2.csv.zip", {f"{language}_sample_submission_2.csv": "id,after\n0_0,a\n"}
    )


def prepare(raw, out, language):
    rows = pd.read_csv(raw / f"{language}_train.csv.zip")
    parts = train_test_split(rows["sentence_id"].unique(), test_size=0.1, random_state=0)
    train, test = (rows[rows["sentence_id"].isin(part)].copy() for part in parts)
    for part in (train, test):
        part["sentence_id"] = pd.factorize(part["sentence_id"])[0]
    ids = test["sentence_id"].astype(str) + "_" + test["token_id"].astype(str)
    files = {
        f"public/{language}_train.csv": train,
        f"public/{language}_test_2.csv": test.drop(columns=["class", "after"]),
        "private/test_answer.csv": pd.DataFrame({"id": ids, "after": test["after"]}),
        "private/sample_submission.csv": pd.DataFrame({"id": ids, "after": test["before"]}),
        "public/sample_submission.csv": pd.DataFrame({"id": ids, "after": test["before"]}),
    }
    for file, table in files.items():
        table.to_csv(out / file, index=False, quoting=csv.QUOTE_NONNUMERIC)
