import made
import pandas as pd


def raw(folder):
    def rows(count):
        users = made.table(
            count,
            id=lambda row: f"u{row * 37 % 1000}",
            age=["", "31.0", "104.0"],
            gender=["-unknown-", "MALE"],
            date_first_booking=["2014-01-02", "2014-02-03"],
            country_destination=["NDF", "NDF", "US", "FR", "other"],
        )
        users.loc[users["country_destination"] == "NDF", "date_first_booking"] = ""
        return users

    other = made.table(9, user_id=lambda row: f"u{row}", action=made.TEXTS, secs_elapsed=["319.0", ""])
    made.packed(
        folder, {"train_users_2.csv": rows(107), "test_users.csv": rows(31).drop(columns="country_destination")}
    )
    made.packed(folder, {"sessions.csv": other, "countries.csv": other})


def prepare(raw, out):
    train = pd.read_csv(raw / "train_users_2.csv.zip")
    kaggle_test = pd.read_csv(raw / "test_users.csv.zip")
    train, test = made.split(train, kaggle_test, both=False, stratify=train["country_destination"])
    answers = test[["id", "country_destination"]].rename(columns={"country_destination": "country"})
    made.save(
        out,
        {
            "public/train_users.csv": train,
            "public/test_users.csv": test.drop(columns="country_destination"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(country="NDF"),
            "public/sessions.csv": pd.read_csv(raw / "sessions.csv.zip"),
            "public/countries.csv": pd.read_csv(raw / "countries.csv.zip"),
        },
    )
