import made
import pandas as pd


def raw(folder):
    def rows(count):
        return made.table(
            count,
            building_id=(0, 9),
            meter=(0, 4),
            timestamp=lambda row: f"2016-01-0{1 + row % 9} 00:00:00",
            meter_reading=(0.0, 900.0),
        )

    rows(71).to_csv(folder / "train.csv", index=False)
    rows(149).drop(columns="meter_reading").to_csv(folder / "test.csv", index=False)
    made.files(folder, ["building_metadata.csv", "weather_train.csv", "weather_test.csv"])


def prepare(raw, out):
    train, test = made.split(pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "test.csv"), both=False)
    answers = pd.DataFrame({"row_id": range(len(test)), "meter_reading": test["meter_reading"].to_numpy()})
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="meter_reading"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers,
        },
    )
    names = ("building_metadata.csv", "weather_train.csv", "weather_test.csv")
    made.copy([raw / name for name in names], out / "public")
