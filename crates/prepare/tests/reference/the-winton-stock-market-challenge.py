import made
import pandas as pd

RETURNS = [*(f"Ret_{minute}" for minute in range(121, 181)), "Ret_PlusOne", "Ret_PlusTwo"]
WEIGHTS = ["Weight_Intraday", "Weight_Daily"]


def raw(folder):
    columns = ["Ret_MinusTwo", "Ret_2", "Ret_120", *RETURNS]
    train = made.table(
        39,
        Id=lambda row: row + 1,
        Feature_1=["", 1.0, 2.5],
        **{name: (-0.01, 0.01) for name in columns},
        **{name: (1e5, 2e6) for name in WEIGHTS},
    )
    made.zipped(folder / "train.csv.zip", {"train.csv": train.to_csv(index=False)})
    test = train.drop(columns=RETURNS + WEIGHTS)
    made.zipped(folder / "test_2.csv.zip", {"test_2.csv": pd.concat([test, test, test.head(11)]).to_csv(index=False)})


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test_2.csv.zip")
    share = len(others) / (len(rows) + len(others))
    train = rows.sample(n=round((1 - share) * len(rows)), random_state=42)
    test = rows.drop(train.index)
    train.to_csv(out / "public/train.csv", index=False)
    test.drop(columns=RETURNS + WEIGHTS).to_csv(out / "public/test.csv", index=False)
    answers = [
        (
            f"{row['Id']:.0f}_{k}",
            row[name],
            row["Weight_Intraday"] if k <= 60 else 0.0,
            0.0 if k <= 60 else row["Weight_Daily"],
        )
        for _, row in test.iterrows()
        for k, name in enumerate(RETURNS, 1)
    ]
    answers = pd.DataFrame(answers, columns=["Id", "Predicted", *WEIGHTS])
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers[["Id"]].assign(Predicted=0.0).to_csv(out / "public/sample_submission.csv", index=False)
