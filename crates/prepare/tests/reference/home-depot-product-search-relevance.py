import zipfile

import made
import numpy as np
import pandas as pd


def raw(folder):
    def rows(first, count):
        return made.table(
            count, id=lambda row: first + 2 * row, product_title=made.TEXTS, search_term=["4×4 angle", "5° tilt"]
        )

    train = rows(1, 61).assign(relevance=made.table(61, relevance=[1, 1.33, 2.67, 3])["relevance"])
    texts = made.table(9, product_uid=(1, 99), product_description=made.TEXTS)
    # Not all of it is UTF-8.
    train = train.to_csv(index=False).replace("木", "").encode("latin-1")
    made.zipped(folder / "train.csv.zip", {"train.csv": train})
    made.packed(folder, {"test.csv": rows(2, 137), "product_descriptions.csv": texts, "attributes.csv": texts})
    made.packed(folder, {"sample_submission.csv": texts})
    made.files(folder, ["relevance_instructions.docx", "folder/decoy.csv", "home-depot-product-search-relevance.zip"])


def prepare(raw, out):
    train = pd.read_csv(raw / "train.csv.zip", encoding="latin-1")
    train, test = made.split(train, pd.read_csv(raw / "test.csv.zip"))
    guesses = np.random.RandomState(0).uniform(1, 3, len(test))
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="relevance"),
            "private/test_answer.csv": test[["id", "relevance"]],
            "public/sample_submission.csv": test[["id"]].assign(relevance=guesses),
        },
    )
    for name in ("product_descriptions.csv", "attributes.csv"):
        zipfile.ZipFile(raw / f"{name}.zip").extractall(out / "public")
    made.copy([raw / "relevance_instructions.docx"], out / "public")
