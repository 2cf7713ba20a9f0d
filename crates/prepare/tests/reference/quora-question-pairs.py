import made
import pandas as pd


def raw(folder):
    texts = ['Is "a, b" right?', "Two\nlines?", "", "null", "What is 数学?"]
    pairs = made.table(
        109, id=lambda row: row, qid1=(1, 500), qid2=(1, 500), question1=texts, question2=texts, is_duplicate=(0, 2)
    )
    made.zipped(folder / "train.csv.zip", {"train.csv": pairs.to_csv(index=False)})
    made.zipped(folder / "sample_submission.csv.zip", {"sample_submission.csv": "test_id,is_duplicate\n0,1\n"})
    test = made.table(331, test_id=lambda row: row, question1=texts, question2=texts)
    test.to_csv(folder / "test.csv", index=False)


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv")
    share = len(others) / (len(rows) + len(others))
    shuffled = rows.sample(frac=1, random_state=42)
    cut = int(len(rows) * (1 - share))
    train, test = shuffled[:cut], shuffled[cut:]
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "public/test.csv", index=False)
    answers = test[["id", "is_duplicate"]].rename(columns={"id": "test_id"})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(is_duplicate=0.5).to_csv(out / "public/sample_submission.csv", index=False)
