import made
import pandas as pd


def raw(folder):
    suits_and_ranks = {f"{kind}{card}": (1, 5 if kind == "S" else 14) for card in range(1, 6) for kind in "SC"}
    # 0.0244 · 143 is 3.4892 and so rounds down.
    train = made.table(143, **suits_and_ranks, hand=(0, 10))
    made.zipped(folder / "train.csv.zip", {"train.csv": train.to_csv(index=False)})
    made.zipped(folder / "test.csv.zip", {"test.csv": "id,S1\n1,2\n"})
    made.zipped(folder / "sampleSubmission.csv.zip", {"sampleSubmission.csv": "id,hand\n1,0\n"})


def prepare(raw, out):
    rows = pd.read_csv(raw / "train.csv.zip").sample(frac=1, random_state=42).reset_index(drop=True)
    size = round(len(rows) * 0.0244)
    train, test = rows[:size], rows[size:]
    train.to_csv(out / "public/train.csv", index=False)
    test.drop(columns="hand").to_csv(out / "public/test.csv", index=False)
    answers = pd.DataFrame({"id": range(1, len(test) + 1), "hand": test["hand"]})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(hand=0).to_csv(out / "public/sample_submission.csv", index=False)
