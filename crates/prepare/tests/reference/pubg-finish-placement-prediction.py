import made
import pandas as pd


def raw(folder):
    train = made.table(
        119,
        Id=lambda row: f"{row * 7919 % 1000:014x}",
        groupId=lambda row: f"g{row // 4}",
        matchId=lambda row: f"m{row // 16}",
        damageDealt=(0.0, 500.0),
        matchType=["squad-fpp", "duo"],
        winPlacePerc=(0.0, 1.0),
    )
    train["winPlacePerc"] = train["winPlacePerc"].mask(train.index % 10 == 3)
    test = made.table(37, Id=lambda row: f"t{row}", groupId=lambda row: "", matchId=lambda row: "m")
    for name, table in (("train_V2", train), ("test_V2", test)):
        made.zipped(folder / f"{name}.csv.zip", {f"{name}.csv": table.to_csv(index=False)})


def prepare(raw, out):
    rows, others = pd.read_csv(raw / "train_V2.csv.zip"), pd.read_csv(raw / "test_V2.csv.zip")
    test = rows.sample(n=len(others), random_state=42)
    rows.drop(test.index).to_csv(out / "public/train.csv", index=False)
    test.drop(columns="winPlacePerc").to_csv(out / "public/test.csv", index=False)
    answers = test[["Id", "winPlacePerc"]]
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(winPlacePerc=0.0).to_csv(out / "public/sample_submission.csv", index=False)
