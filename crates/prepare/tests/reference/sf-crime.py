import made
import pandas as pd
from sklearn.model_selection import train_test_split

CLASSES = ["ASSAULT", "DRUG/NARCOTIC", "ARSON", "WARRANTS"]


def raw(folder):
    crimes = made.table(
        103,
        Dates=["2015-05-13 23:53:00", "2003-01-06 00:01:00"],
        Category=CLASSES[:3],
        Descript=['FOUND "PROPERTY", LOST', "NA"],
        DayOfWeek=["Monday", "Sunday"],
        PdDistrict=["NORTHERN", "PARK"],
        Resolution=["NONE", "ARREST, BOOKED"],
        Address=["OAK ST / LAGUNA ST", "1500 Block of LOMBARD ST"],
        X=(-122.5, -120.5),
        Y=(37.7, 90.0),
    )
    sample = pd.DataFrame([[0] * 5], columns=["Id", *CLASSES])
    for name, table in (("train", crimes), ("test", crimes[["Dates", "X"]].head()), ("sampleSubmission", sample)):
        made.zipped(folder / f"{name}.csv.zip", {f"{name}.csv": table.to_csv(index=False)})


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv.zip"), test_size=0.2, random_state=42)
    train.to_csv(out / "public/train.csv", index=False)
    test = test.reset_index(drop=True)
    test.insert(0, "Id", range(len(test)))
    classes = pd.read_csv(raw / "sampleSubmission.csv.zip").columns[1:]
    answers = test[["Id"]].assign(**{name: (test["Category"] == name).astype(int) for name in classes})
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(**{name: 0.0 for name in classes}).to_csv(out / "public/sample_submission.csv", index=False)
    test.drop(columns=["Category", "Descript", "Resolution"]).to_csv(out / "public/test.csv", index=False)
