import made
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    ids = [f"{row * 7919 % 1000:08x}" for row in range(47)]
    scores = made.table(47, id=lambda row: ids[row], score=[0.5, 3.0, 4.5])
    logs = made.table(
        211, id=ids, event_id=(1, 99), activity=["Nonproduction", "Move From [1, 2] To [3, 4]"], text_change=made.TEXTS
    )
    logs = pd.concat([logs, scores[["id"]]]).sample(frac=1)
    made.save(folder, {"train_scores.csv": scores, "train_logs.csv": logs, "test_logs.csv": logs})


def prepare(raw, out):
    scores, logs = pd.read_csv(raw / "train_scores.csv"), pd.read_csv(raw / "train_logs.csv")
    train_ids, test_ids = train_test_split(scores["id"].unique(), train_size=0.67, random_state=42)
    for side in ("train", "test"):
        (out / "public" / side).mkdir()
    test = scores[scores["id"].isin(test_ids)]
    made.save(
        out,
        {
            "public/train/train_logs.csv": logs[logs["id"].isin(train_ids)],
            "public/train/train_scores.csv": scores[scores["id"].isin(train_ids)],
            "public/test/test_logs.csv": logs[logs["id"].isin(test_ids)],
            "private/test_answer.csv": test,
            "public/sample_submission.csv": test.assign(score=1.0),
        },
    )
