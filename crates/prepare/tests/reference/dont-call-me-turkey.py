import json

import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def raw(folder):
    def clips(count):
        return [
            {
                "vid_id": f"-{row * 7919 % 1000:x}",
                "audio_embedding": np.random.randint(0, 256, (2, 3)).tolist(),
                "start": row / 7,
                "is_turkey": int(np.random.randint(0, 2)),
                "title": made.TEXTS[row % 10],
            }
            for row in range(count)
        ]

    test = [{key: clip[key] for key in clip if key != "is_turkey"} for clip in clips(53)]
    (folder / "train.json").write_text(json.dumps(clips(61)))
    (folder / "test.json").write_text(json.dumps(test))


def prepare(raw, out):
    train, test = (json.loads((raw / name).read_text()) for name in ("train.json", "test.json"))
    train, test = train_test_split(train, test_size=len(test) / (len(train) + len(test)), random_state=42)
    answers = pd.DataFrame(test)[["vid_id", "is_turkey"]]
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(is_turkey=0)})
    for clip in test:
        del clip["is_turkey"]
    (out / "public/train.json").write_text(json.dumps(train))
    (out / "public/test.json").write_text(json.dumps(test))
