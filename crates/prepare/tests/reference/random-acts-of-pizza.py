import json
import zipfile

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

TEST_KEYS = [
    "giver_username_if_known",
    "request_id",
    "request_title",
    "requester_subreddits_at_request",
    "requester_upvotes_at_request",
]


def raw(folder):
    def request(number):
        received = bool(np.random.randint(0, 2))
        return {
            "giver_username_if_known": f"giver {number}" if received else "N/A",
            "request_id": f"t3_{number * 7919 % 1000:x}",
            "request_text": "édité \u2028 \U0001f355",
            "request_title": ['[Request] "Broke", hungry', "Tab\there / there\nnow", "\\ 木"][number % 3],
            "requester_received_pizza": received,
            "requester_subreddits_at_request": [] if number % 4 == 0 else ["Food", "AskReddit"],
            "requester_upvotes_at_request": number / 7,
            "requester_upvotes_at_retrieval": number,
            "requester_user_flair": None,
        }

    train, test = [request(number) for number in range(161)], [request(number) for number in range(200, 261)]
    (folder / "train.json").write_text(json.dumps(train))
    (folder / "test.json").write_text(
        json.dumps([{key: record[key] for key in TEST_KEYS} for record in test], indent=2)
    )


def prepare(raw, out):
    rows, others = (json.loads((raw / f"{part}.json").read_text()) for part in ("train", "test"))
    share = len(others) / (len(rows) + len(others))
    train, test = train_test_split(rows, test_size=share, random_state=0)
    public = [{key: record[key] for key in others[0]} for record in test]
    for part, records in (("train", train), ("test", public)):
        (out / f"public/{part}.json").write_text(json.dumps(records, indent=4))
        with zipfile.ZipFile(out / f"public/{part}.zip", "w") as archive:
            archive.write(out / f"public/{part}.json", f"{part}.json")
    answers = [(record["request_id"], int(record["requester_received_pizza"])) for record in test]
    answers = pd.DataFrame(answers, columns=["request_id", "requester_received_pizza"])
    answers.to_csv(out / "private/test_answer.csv", index=False)
    answers.assign(requester_received_pizza=0).to_csv(out / "public/sample_submission.csv", index=False)
