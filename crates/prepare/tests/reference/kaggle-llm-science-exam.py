import made
import pandas as pd


def raw(folder):
    options = dict.fromkeys(["prompt", "A", "B", "C", "D", "E"], made.TEXTS)
    train = made.table(67, id=lambda row: row, **options, answer=list("ABCDE"))
    made.save(folder, {"train.csv": train, "test.csv": train.drop(columns="answer")})
    made.files(folder, ["sample_submission.csv", "notes.txt", "train/a.txt", "train/folder/b.txt", "other/c.txt"])
    made.zipped(folder / "extra.zip", {"d.txt": ""})


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"), both=False)
    answers = test[["id", "answer"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="answer"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(answer="A B C"),
        },
    )
    made.copy([raw / "notes.txt"], out / "public")
    made.copy([raw / "train/a.txt"], out / "public/train")
    made.copy([raw / "train/folder/b.txt"], out / "public/train/folder")
