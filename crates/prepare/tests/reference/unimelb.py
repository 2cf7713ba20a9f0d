import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    grants = made.table(
        141,
        **{
            "Grant.Application.ID": lambda row: row + 1,
            "Grant.Status": (0, 2),
            "Sponsor.Code": ["4D", "", "2B, 3C"],
            "Start.date": ["8/11/05", "11/11/05"],
            "Person.ID.1": [40572, "", 9067],
        },
    )
    # The last column has neither a name nor cells.
    text = grants.to_csv(index=False).replace("\n", ",\n")
    (folder / "unimelb_training.csv").write_text(text)
    grants.drop(columns="Grant.Status").head(9).to_csv(folder / "unimelb_test.csv", index=False)
    (folder / "unimelb_example.csv").write_text("ID,Status\n6635,0.5\n6636,0.5\n")


def prepare(raw, out):
    rows = pd.read_csv(raw / "unimelb_training.csv")
    size = round(len(rows) * 2176 / 10883)
    train, test = train_test_split(rows, test_size=size, stratify=rows["Grant.Status"], random_state=42)
    train.to_csv(out / "public/train.csv", index=False)
    test.assign(**{"Grant.Status": ""}).to_csv(out / "public/test.csv", index=False)
    answers = test[["Grant.Application.ID", "Grant.Status"]]
    answers.to_csv(out / "private/test_answer.csv", index=False)
    sample = answers.assign(**{"Grant.Status": 0.0})
    sample.columns = pd.read_csv(raw / "unimelb_example.csv").columns
    sample.to_csv(out / "public/sample_submission.csv", index=False)
