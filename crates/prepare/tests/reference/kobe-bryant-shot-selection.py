import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    data = made.table(
        131,
        action_type=["Jump Shot", "Layup, driving"],
        lat=(33.2, 34.1),
        shot_made_flag=["", "0", "1", "1", "0", "1"],
        matchup=["LAL @ POR", "LAL vs. UTA"],
        shot_id=lambda row: row + 1,
    )
    made.packed(folder, {"data.csv": data, "sample_submission.csv": data[["shot_id"]]})


def prepare(raw, out):
    data = pd.read_csv(raw / "data.csv.zip")
    pool, blank = data[data["shot_made_flag"].notna()], data[data["shot_made_flag"].isna()]
    train, test = train_test_split(pool, test_size=len(blank) / len(pool), random_state=42)
    answers = test[["shot_id", "shot_made_flag"]]
    made.save(
        out,
        {
            "public/train.csv": train,
            "public/test.csv": test.drop(columns="shot_made_flag"),
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(shot_made_flag=0.5),
        },
    )
