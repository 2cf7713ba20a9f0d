import made
import pandas as pd


def raw(folder):
    sales = made.table(
        137,
        Store=lambda row: 1 + row // 50,
        Dept=lambda row: 1 + row % 50,
        Date=lambda row: f"2010-{1 + row % 12:02}-05",
        Weekly_Sales=(-100.0, 30000.0),
        IsHoliday=["TRUE", "FALSE"],
    )
    others = sales.drop(columns="Weekly_Sales").head(38)
    features = made.table(9, Store=(1, 4), Date=["2010-02-05"], MarkDown1=["NA", "12.5"], IsHoliday=["FALSE"])
    for name, table in (("train", sales), ("test", others), ("features", features)):
        made.zipped(folder / f"{name}.csv.zip", {f"{name}.csv": table.to_csv(index=False)})
    made.table(3, Store=lambda row: row + 1, Type=["A", "B"], Size=(1, 9)).to_csv(folder / "stores.csv", index=False)


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train.csv.zip"), pd.read_csv(raw / "test.csv.zip")
    count = round(len(others) / (len(rows) + len(others)) * len(rows))
    shuffled = rows.sample(frac=1, random_state=42)
    train, test = shuffled[:-count], shuffled[-count:]
    train.to_csv(out / "public/train.csv", index=False)
    test.drop(columns="Weekly_Sales").to_csv(out / "public/test.csv", index=False)
    ids = test["Store"].astype(str) + "_" + test["Dept"].astype(str) + "_" + test["Date"]
    answers = pd.DataFrame({"Id": ids, "Weekly_Sales": test["Weekly_Sales"]})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(Weekly_Sales=0.0).to_csv(out / "public/sample_submission.csv", index=False)
    made.placed(made.unzipped(raw / "features.csv.zip") / "features.csv", out / "public/features.csv")
    made.placed(raw / "stores.csv", out / "public/stores.csv")
