import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    questions = made.table(
        61,
        Id=lambda row: row + 1,
        Title=made.TEXTS,
        Body=lambda row: f"<p>{made.TEXTS[row % 10]}</p>\r\n\r\n<code>a, b</code>\n",
        Tags=["php", "c# .net", "python r-project", "javascript jquery"],
    )
    made.zipped(folder / "Train.zip", {"Train.csv": questions.to_csv(index=False, quoting=1)})
    made.zipped(folder / "Test.zip", {"Test.csv": "Id,Title,Body\n"})


def prepare(raw, out):
    questions = pd.read_csv(raw / "Train.zip", dtype={"Id": str, "Tags": str})
    train, test = train_test_split(questions, test_size=0.1, random_state=0)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="Tags"),
            "private/test_answer.csv": test[["Id", "Tags"]],
            "public/sample_submission.csv": test[["Id"]].assign(Tags="javascript c# python php java"),
        },
    )
