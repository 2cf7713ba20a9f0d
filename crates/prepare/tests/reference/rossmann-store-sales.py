import made
import pandas as pd


def raw(folder):
    train = made.table(
        127,
        Store=(1, 9),
        DayOfWeek=(1, 8),
        Date=["2015-07-31", "2013-01-01"],
        Sales=(0, 9000),
        Customers=(0, 900),
        Open=(0, 2),
        Promo=(0, 2),
        StateHoliday=["0", "a"],
        SchoolHoliday=(0, 2),
    )
    # Nobody buys in a closed store, and who buys is a customer.
    train["Sales"] *= train["Open"]
    train["Customers"] = train["Sales"] // 9 + train["Promo"] * train["Open"]
    train.to_csv(folder / "train.csv", index=False)
    train.head(41).drop(columns=["Sales", "Customers"]).reset_index(names="Id").to_csv(folder / "test.csv", index=False)
    stores = made.table(
        8, Store=lambda row: row + 1, CompetitionOpenSinceMonth=["9", ""], PromoInterval=["", "Jan,Apr,Jul,Oct"]
    )
    stores.to_csv(folder / "store.csv", index=False)


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv")
    size = len(rows) - round(len(rows) * len(others) / (len(rows) + len(others)))
    shuffled = rows.sample(frac=1, random_state=42)
    train, test = shuffled[:size], shuffled[size:]
    train.to_csv(out / "public/train.csv", index=False)
    test.drop(columns="Sales").to_csv(out / "public/test.csv", index=False)
    answers = pd.DataFrame({"Id": range(1, len(test) + 1), "Sales": test["Sales"]})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(Sales=0).to_csv(out / "public/sample_submission.csv", index=False)
    pd.read_csv(raw / "store.csv").to_csv(out / "public/store.csv", index=False)
