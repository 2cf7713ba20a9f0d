import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, ACTION=(0, 2), RESOURCE=(1, 9999), MGR_ID=(1, 9999))

    rows(47).to_csv(folder / "train.csv", index=False)
    test = rows(83).drop(columns="ACTION")
    test.insert(0, "id", range(1, 84))
    test.to_csv(folder / "test.csv", index=False)
    (folder / "sampleSubmission.csv").write_text("Id,Action\n1,0\n")


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"))
    test.insert(0, "id", test.index)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="ACTION"),
            "private/test_answer.csv": test[["id", "ACTION"]],
            "public/sample_submission.csv": test[["id"]].assign(ACTION=0),
        },
    )
