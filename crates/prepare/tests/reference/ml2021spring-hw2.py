import made
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

FOLDER = "timit_11/timit_11"


def raw(folder):
    folder = folder / FOLDER
    folder.mkdir(parents=True)
    np.save(folder / "train_11.npy", np.random.normal(size=(83, 11)).astype(np.float32))
    np.save(folder / "train_label_11.npy", np.random.randint(0, 39, 83).astype(str))
    np.save(folder / "test_11.npy", np.zeros((31, 11), np.float32))


def prepare(raw, out):
    names = ("train_11.npy", "train_label_11.npy", "test_11.npy")
    frames, labels, kaggle_test = (np.load(raw / FOLDER / name) for name in names)
    share = len(kaggle_test) / (len(frames) + len(kaggle_test))
    train, test = train_test_split(np.arange(len(frames)), test_size=share, random_state=0)
    (out / "public" / FOLDER).mkdir(parents=True)
    for name, array in zip(names, (frames[train], labels[train], frames[test])):
        np.save(out / "public" / FOLDER / name, array)
    answers = pd.DataFrame({"Id": range(len(test)), "ClassId": labels[test]})
    made.save(out, {"private/test_answer.csv": answers, "public/sample_submission.csv": answers.assign(ClassId=0)})
