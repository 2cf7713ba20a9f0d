import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, Activity=(0, 2), D1=(0.0, 1.0), D2=(0, 2))

    rows(67).to_csv(folder / "train.csv", index=False)
    rows(44).drop(columns="Activity").to_csv(folder / "test.csv", index=False)


def prepare(raw, out):
    train = pd.read_csv(raw / "train.csv")
    train, test = made.split(train, pd.read_csv(raw / "test.csv"), both=False, stratify=train["Activity"])
    test.insert(0, "MoleculeId", range(1, len(test) + 1))
    answers = test[["MoleculeId", "Activity"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="Activity"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers,
        },
    )
