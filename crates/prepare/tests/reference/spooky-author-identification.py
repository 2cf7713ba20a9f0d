import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    texts = ['"Alas," he said, "no."', "It was dark", "NA", "null, and void"]
    train = made.table(89, id=lambda row: f"id{row * 7919 % 1000:05}", text=texts, author=["EAP", "HPL", "MWS"])
    made.zipped(folder / "train.zip", {"train.csv": train.to_csv(index=False)})
    made.zipped(folder / "test.zip", {"test.csv": "id,text\nid02310,No\n"})


def prepare(raw, out):
    rows = pd.read_csv(made.unzipped(raw / "train.zip") / "train.csv")
    train, test = train_test_split(rows, test_size=0.1, random_state=0)
    train.to_csv(out / "public/train.csv", index=False)
    test.drop(columns="author").to_csv(out / "public/test.csv", index=False)
    answers = test[["id"]].assign(**{name: (test["author"] == name).astype(int) for name in ("EAP", "HPL", "MWS")})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    sample = answers.assign(EAP=0.403493538995863, HPL=0.287808366106543, MWS=0.308698094897594)
    sample.to_csv(out / "public/sample_submission.csv", index=False)
