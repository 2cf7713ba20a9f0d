import made
import pandas as pd
from sklearn.model_selection import train_test_split

FOLDERS = ["GoogleNews-vectors-negative300", "glove.840B.300d", "paragram_300_sl999", "wiki-news-300d-1M"]


def raw(folder):
    texts = ['Why "this", now?', "Two\nlines?", "NA", "How are you?", "What's \\ that?"]
    questions = made.table(131, qid=lambda row: f"{row * 7919 % 1000:020x}", question_text=texts)
    questions["target"] = [int(row % 11 == 5) for row in range(131)]
    questions.to_csv(folder / "train.csv", index=False)
    questions.drop(columns="target").head(29).to_csv(folder / "test.csv", index=False)
    made.zipped(folder / "embeddings.zip", {f"{name}/{name}.txt": f"the 0.1 {name}" for name in FOLDERS})


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv")
    share = len(others) / (len(rows) + len(others))
    train, test = train_test_split(rows, test_size=share, stratify=rows["target"], random_state=42)
    train.to_csv(out / "public/train.csv", index=False)
    test.to_csv(out / "public/test.csv", index=False)
    test[["qid", "target"]].to_csv(out / "private/test_answer.csv", index=False)
    test[["qid"]].assign(prediction=0).to_csv(out / "public/sample_submission.csv", index=False)
    unpacked = made.unzipped(raw / "embeddings.zip")
    for name in FOLDERS:
        made.placed(unpacked / name, out / "public" / name)
