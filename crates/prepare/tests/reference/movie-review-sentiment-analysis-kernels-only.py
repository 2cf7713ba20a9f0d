import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    phrases = ["A series of escapades", "good , `` bad ''", "null", "None", "", 'say "so"', "it 's\tfine", "two\nlines"]
    train = made.table(
        97, PhraseId=lambda row: row + 1, SentenceId=lambda row: row // 5, Phrase=phrases, Sentiment=(0, 5)
    )
    made.zipped(folder / "train.tsv.zip", {"train.tsv": train.to_csv(sep="\t", index=False)})
    made.files(folder, ["test.tsv.zip", "sampleSubmission.csv"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.tsv.zip", sep="\t"), test_size=0.3, random_state=0)
    train.to_csv(out / "public/train.tsv", sep="\t", index=False)
    test.drop(columns="Sentiment").to_csv(out / "public/test.tsv", sep="\t", index=False)
    answers = test[["PhraseId", "Sentiment"]]
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(Sentiment=2)})
