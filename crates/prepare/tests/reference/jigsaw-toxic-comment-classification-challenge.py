import made
import pandas as pd

LABELS = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]


def raw(folder):
    def comments(first, count):
        return made.table(count, id=lambda row: f"{first + row * 7919 % 1000:016x}", comment_text=made.TEXTS)

    def labelled(table, values):
        labels = made.table(len(table), **dict.fromkeys(LABELS, values))
        return pd.concat([table, labels], axis=1)

    train, test = labelled(comments(0, 43), (0, 2)), comments(5000, 61)
    # Rows that are not scored have -1 in all columns.
    test_labels = labelled(test[["id"]], (0, 2))
    test_labels.loc[test_labels.sample(13).index, LABELS] = -1
    sample = test[["id"]].assign(**dict.fromkeys(LABELS, 0.25))
    tables = {"train.csv": train, "test.csv": test, "test_labels.csv": test_labels, "sample_submission.csv": sample}
    made.packed(folder, tables)


def prepare(raw, out):
    read = {
        name: pd.read_csv(raw / f"{name}.csv.zip") for name in ("train", "test", "test_labels", "sample_submission")
    }
    made.save(
        out,
        {
            "public/train.csv": read["train"],
            "public/test.csv": read["test"],
            "private/test_answer.csv": read["test_labels"],
            "public/sample_submission.csv": read["sample_submission"].assign(**dict.fromkeys(LABELS, 0.5)),
        },
    )
