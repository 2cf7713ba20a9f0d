import made
import pandas as pd
from sklearn.model_selection import train_test_split

WINNERS = ["winner_model_a", "winner_model_b", "winner_tie"]


def raw(folder):
    train = made.table(
        83,
        id=lambda row: 30192 + row * 7919,
        model_a=["gpt-4", "llama"],
        model_b=["vicuna", "null"],
        prompt=['["Is it, \\"morally\\" right?","null"]', '[""]'],
        winner_model_a=lambda row: int(row % 3 == 0),
        response_a=made.TEXTS,
        winner_model_b=lambda row: int(row % 3 == 1),
        response_b=made.TEXTS,
        winner_tie=lambda row: int(row % 3 == 2),
    )
    made.save(folder, {"train.csv": train, "test.csv": train[["id", "prompt"]].head(3)})
    made.files(folder, ["sample_submission.csv"])


def prepare(raw, out):
    train, test = train_test_split(pd.read_csv(raw / "train.csv"), test_size=0.2, random_state=42)
    features = test.drop(columns=WINNERS)
    made.save(
        out,
        {
            "public/train.csv": train[[*features.columns, *WINNERS]],
            "public/test.csv": features,
            "private/test_answer.csv": test[["id", *WINNERS]],
            "public/sample_submission.csv": test[["id"]].assign(**dict.fromkeys(WINNERS, 1 / 3)),
        },
    )
