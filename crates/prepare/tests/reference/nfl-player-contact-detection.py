import made
import pandas as pd
from sklearn.model_selection import train_test_split

TABLES = ["baseline_helmets", "player_tracking", "video_metadata"]
VIEWS = ["All29", "Endzone", "Sideline"]


def raw(folder):
    plays = [f"{58168 + row * 37 % 997}_{row:06d}" for row in range(23)]
    labels = made.table(
        211,
        contact_id=lambda row: f"{plays[row * 7 % 23]}_{row}_38590_43854",
        game_play=lambda row: plays[row * 7 % 23],
        nfl_player_id_2=["G", "38590"],
        contact=(0, 2),
    )
    made.save(folder, {"train_labels.csv": labels})
    for table in TABLES:
        rows = made.table(101, view=VIEWS, game_play=plays, x=(0.0, 9.0))
        made.save(folder, {f"train_{table}.csv": rows, f"test_{table}.csv": rows.head(3)})
    made.files(folder / "train", [f"{play}_{view}.mp4" for play in plays for view in VIEWS])
    made.files(folder, ["test/decoy.mp4", "sample_submission.csv"])


def prepare(raw, out):
    labels = pd.read_csv(raw / "train_labels.csv")
    plays = train_test_split(labels["game_play"].unique(), test_size=0.1, random_state=0)
    train, test = (labels[labels["game_play"].isin(part)] for part in plays)
    answers = test[["contact_id", "contact"]]
    made.save(
        out,
        {
            "public/train_labels.csv": train,
            "private/test_answer.csv": answers,
            "public/sample_submission.csv": answers.assign(contact=0),
        },
    )
    for side, part in zip(("train", "test"), plays):
        for table in TABLES:
            rows = pd.read_csv(raw / f"train_{table}.csv")
            made.save(out, {f"public/{side}_{table}.csv": rows[rows["game_play"].isin(part)]})
        made.copy([raw / f"train/{play}_{view}.mp4" for play in part for view in VIEWS], out / "public" / side)
