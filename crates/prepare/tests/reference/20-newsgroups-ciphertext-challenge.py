import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count, Id=lambda row: f"ID_{row:04x}", difficulty=(1, 5), ciphertext=made.TEXTS, target=(0, 20)
        )

    rows(73).to_csv(folder / "train.csv", index=False)
    rows(31).drop(columns="target").to_csv(folder / "test.csv", index=False)
    (folder / "sample_submission.csv").write_text("Id,Predicted\nID_0001,0\n")
    made.files(folder, ["notes.txt", "extra/more.txt", "decoy.zip"])


def prepare(raw, out):
    train, test = pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv")
    ratio = len(test) / len(train)
    shuffled = train.sample(frac=1.0, random_state=42)
    cut = int(len(train) * (1 - ratio))
    train, test = shuffled[:cut], shuffled[cut:]
    answers = test[["Id", "target"]].rename(columns={"target": "Predicted"})
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="target"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(Predicted=0),
        },
    )
    made.copy([raw / "notes.txt"], out / "public")
    made.copy([raw / "extra/more.txt"], out / "public/extra")
