import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(count, id=lambda row: row, bond_id=(1, 9), trade_price=(90.0, 120.0), weight=(0.0, 3.0))

    rows(97).to_csv(folder / "train.csv", index=False)
    rows(11).drop(columns=["trade_price", "bond_id"]).to_csv(folder / "test.csv", index=False)


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"), both=False)
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test,
            "private/test_answer.csv": test[["id", "trade_price", "weight"]],
            "public/sample_submission.csv": test[["id"]].assign(trade_price=0),
        },
    )
