import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count,
            Insult=(0, 2),
            Date=["", "20120618192155Z"],
            Comment=lambda row: f'"{made.TEXTS[row % 10]}\\xa0{row}\\n"',
            Usage=["PublicTest", "PrivateTest"],
        )

    rows(31).drop(columns="Usage").to_csv(folder / "train.csv", index=False)
    rows(23).to_csv(folder / "test_with_solutions.csv", index=False)
    made.files(folder, ["test.csv", "impermium_verification_labels.csv", "sample_submission_null.csv"])


def prepare(raw, out):
    test = pd.read_csv(raw / "test_with_solutions.csv")[["Insult", "Date", "Comment"]]
    made.copy([raw / "train.csv"], out / "public")
    (out / "private/test.csv").write_bytes((raw / "test_with_solutions.csv").read_bytes())
    made.save(
        out,
        {
            "private/test_answer.csv": test,
            "public/test.csv": test[["Date", "Comment"]],
            "public/sample_submission.csv": test.assign(Insult=0),
        },
    )
