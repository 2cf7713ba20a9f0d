import made
import numpy as np
import pandas as pd


def raw(folder):
    def acts(rows, first):
        return made.table(
            rows,
            people_id=lambda row: f"ppl_{row % 17}",
            activity_id=lambda row: f"act2_{first + row * 37 % 1000}",
            date=["2023-08-26", "2022-09-27"],
            char_10=["type 76", "", "type 1, 2"],
        )

    train = acts(101, 1000).assign(outcome=np.random.randint(0, 2, 101))
    tables = {
        "act_train": train,
        "act_test": acts(23, 5000),
        "people": made.table(17, people_id=lambda row: f"ppl_{row}", char_38=(0, 100)),
    }
    for name, table in tables.items():
        made.zipped(folder / f"{name}.csv.zip", {f"{name}.csv": table.to_csv(index=False)})
    made.zipped(folder / "sample_submission.csv.zip", {"sample_submission.csv": "activity_id,outcome\nact1_1,0\n"})


def prepare(raw, out):
    acts, others = pd.read_csv(raw / "act_train.csv.zip"), pd.read_csv(raw / "act_test.csv.zip")
    order = np.random.RandomState(42).permutation(len(acts))
    test, train = acts.iloc[order[: len(others)]], acts.iloc[order[len(others) :]]
    train.to_csv(out / "public/act_train.csv", index=False)
    test.drop(columns="outcome").to_csv(out / "public/act_test.csv", index=False)
    made.placed(made.unzipped(raw / "people.csv.zip") / "people.csv", out / "public/people.csv")
    answers = test[["activity_id", "outcome"]]
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(outcome=0.0).to_csv(out / "public/sample_submission.csv", index=False)
