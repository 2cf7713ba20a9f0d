import random
import shutil

import made
import pandas as pd
from sklearn.model_selection import train_test_split

KINDS = ["Cover", "JMiPOD", "JUNIWARD", "UERD"]


def raw(folder):
    made.files(folder, [f"{kind}/{row * 7:05}.jpg" for kind in KINDS for row in range(163)])


def prepare(raw, out):
    covers = sorted((raw / "Cover").glob("*.jpg"))
    train, test = train_test_split(covers, test_size=round(5000 * len(covers) / 75000), random_state=42)
    for kind in [*KINDS, "Test"]:
        (out / "public" / kind).mkdir()
    for number, cover in enumerate(train, 1):
        for kind in KINDS:
            shutil.copy(raw / kind / cover.name, out / "public" / kind / f"{number:05}.jpg")
    random.seed(0)
    random.shuffle(test)
    labels = []
    for number, cover in enumerate(test, 1):
        kind = "Cover" if random.choice((True, False)) else random.choice(("JMiPOD", "JUNIWARD", "UERD"))
        shutil.copy(raw / kind / cover.name, out / "public/Test" / f"{number:04}.jpg")
        labels.append((f"{number:04}.jpg", int(kind != "Cover")))
    answers = pd.DataFrame(labels, columns=["Id", "Label"])
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(Label=0)})
