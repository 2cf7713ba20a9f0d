import made
import pandas as pd


def raw(folder):
    def rows(count):
        table = made.table(
            count, SeriousDlqin2yrs=(0, 2), age=(20, 90), DebtRatio=(0.0, 2.0), MonthlyIncome=["NA", "9120", "2600"]
        )
        table.index += 1
        return table

    rows(59).to_csv(folder / "cs-training.csv")
    rows(40).assign(SeriousDlqin2yrs="").to_csv(folder / "cs-test.csv")
    made.files(folder, ["Data Dictionary.xls", "sampleEntry.csv"])


def prepare(raw, out):
    def read(name):
        table = pd.read_csv(raw / name)
        return table.rename(columns={table.columns[0]: "Id"})

    target = "SeriousDlqin2yrs"
    train, test = made.split(read("cs-training.csv"), read("cs-test.csv"))
    answers = test[["Id", target]].rename(columns={target: "Probability"})
    made.save(
        out,
        {
            "public/cs-training.csv": train[[target] + [name for name in train if name != target]],
            "public/cs-test.csv": test.drop(columns=target),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(Probability=0.0),
        },
    )
    made.copy([raw / "Data Dictionary.xls"], out / "public")
