import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, id=lambda row: row * 3 + 1, cat1=["A", "B"], cat2=made.TEXTS, loss=(0.0, 5e3))

    text = rows(61).to_csv(index=False)
    (folder / "train.csv").write_text(text + "900,A,B,1.5,surplus,cells\n901,A,B,2.5\n")
    rows(41).drop(columns="loss").to_csv(folder / "test.csv", index=False)


def prepare(raw, out):
    train, test = (pd.read_csv(raw / name, engine="python", on_bad_lines="skip") for name in ("train.csv", "test.csv"))
    train, test = made.split(train, test)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="loss"),
            "private/test_answer.csv": test[["id", "loss"]],
            "public/sample_submission.csv": test[["id"]].assign(loss=0),
        },
    )
