import csv

import made
import pandas as pd

LABELS = [f"s{i}" for i in range(1, 6)] + [f"w{i}" for i in range(1, 5)] + [f"k{i}" for i in range(1, 16)]


def raw(folder):
    def rows(count):
        labels = dict.fromkeys(reversed(LABELS), (0.0, 1.0))
        return made.table(
            count, id=lambda row: row + 1, tweet=made.TEXTS, state=made.TEXTS, location=made.TEXTS, **labels
        )

    rows(67).to_csv(folder / "train.csv", index=False, quoting=csv.QUOTE_ALL)
    test = rows(37)
    test[["id", "tweet", "state", "location"]].to_csv(folder / "test.csv", index=False, quoting=csv.QUOTE_ALL)
    test[["id", *LABELS]].to_csv(folder / "sampleSubmission.csv", index=False)
    names = 'Variable,Meaning\ns1,"I can\'t tell"\n"s2","Negative, or so"\n\nk1,"a ""cloud"""\nk2\n'
    (folder / "variableNames.txt").write_text(names)


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"))
    sample = pd.read_csv(raw / "sampleSubmission.csv")
    labels = [name for name in sample if name in train and name != "id"]
    train.to_csv(out / "public/train.csv", index=False, quoting=csv.QUOTE_ALL)
    tweets = test[["id", "tweet", "state", "location"]]
    tweets.to_csv(out / "public/test.csv", index=False, quoting=csv.QUOTE_ALL)
    made.save(
        out,
        {
            "public/sample_submission.csv": test[["id"]].assign(**dict.fromkeys(labels, 0)),
            "private/test_answer.csv": test[["id", *labels]],
            "public/variableNames.txt": pd.read_csv(raw / "variableNames.txt"),
        },
    )
