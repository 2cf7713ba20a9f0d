#!/usr/bin/env python3
"""Make the leaderboards of the bundled competitions by running reference models.

Each entry of a board is a pipeline that was fitted on a competition's training set and scored on its test set: its
name says what it is. The test rows are split by hash into a public part (about 40 %) and a private
one (the rest), both about equally hard, and each part gives one score. The figures are frozen in
`catalog/<slug>/leaderboard.csv`; this script remakes them, with the packages of the pinned runtime:

    mledojo prepare breast-cancer --out prepared/breast-cancer        # and the others
    python scripts/make_leaderboards.py --competition all --prepared prepared --out catalog

For a new competition, start with a leaderboard.csv of one line. `--check` writes nothing: it recomputes, and lists the
scores that differ from the frozen ones by more than `--tolerance`.
"""

import argparse
import csv
import functools
import hashlib
import os
import runpy
import sys
import time
import tomllib
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # sums in one order; read when NumPy is imported

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, mean_absolute_error, roc_auc_score, root_mean_squared_error

from reference_models import classification, forecasting, regression

PUBLIC_SHARE = 0.4
MODELS = {"binary-classification": classification, "multiclass-classification": classification,
          "regression": regression, "forecasting": forecasting}


class Data:
    """A prepared competition, read whole: `X`, `y` of the training rows, `X_test` and `answers` of the test rows."""

    def __init__(self, slug, prepared, catalog):
        with open(catalog / slug / "competition.toml", "rb") as file:
            self.spec = tomllib.load(file)
        public, private = prepared / slug / "public", prepared / slug / "private"
        self.slug = slug
        self.models = MODELS[self.spec["task"]]
        self.metric = self.spec["metric"].get("name", "python")
        self.own_metric = catalog / slug / self.spec["metric"].get("python", "")
        self.id = self.spec["submission"]["id_columns"][0]
        self.columns = self.spec["submission"]["target_columns"]
        self.labels = self.spec["prepare"].get("labels")
        train, test = pd.read_csv(public / "train.csv"), pd.read_csv(public / "test.csv")
        self.sample = pd.read_csv(public / "sample_submission.csv")[self.columns].to_numpy()
        self.answers = pd.read_csv(private / "test_answer.csv")
        assert list(test[self.id]) == list(self.answers[self.id])
        self.y = train[self.spec["prepare"]["target"]].to_numpy()
        features = [column for column in test.columns if column != self.id]
        if not features:  # a series: all that is known of a row is its date
            features = [self.id]
        if features == ["file"]:
            self.X, self.X_test = self.read_images(public, train["file"]), self.read_images(public, test["file"])
        else:
            self.X, self.X_test = train[features], test[features]

    @staticmethod
    def read_images(public, files):
        from PIL import Image

        pixels = np.array([np.asarray(Image.open(public / file)).ravel() for file in files], dtype=float)
        return pd.DataFrame(pixels, columns=[f"p{row}{place}" for row in range(8) for place in range(8)])

    def truth(self):
        """The answers as labels (classification) or numbers, one a test row."""
        values = self.answers[self.columns].to_numpy()
        return values[:, 0] if len(self.columns) == 1 else np.array(self.labels, dtype=self.y.dtype)[values.argmax(1)]

    def public_rows(self):
        """Which test rows make the public board.

        The parts are small, so rows are first put in fives of one class that are about equally hard, and the hash
        picks two of each five: neither board is the easier one by luck. How hard a row is, a plain linear model says.
        """
        truth, hardness = self.truth(), self.models.hardness(self)
        is_class = "classification" in self.spec["task"]
        classes = truth if is_class else np.zeros(len(truth))
        hashes = [hashlib.sha256(f"{self.slug}:board:{name}".encode()).hexdigest() for name in self.answers[self.id]]
        chosen = np.zeros(len(truth), dtype=bool)
        for label in np.unique(classes):
            members = sorted(np.flatnonzero(classes == label), key=lambda row: (round(hardness[row], 6), hashes[row]))
            for first in range(0, len(members), 5):
                five = sorted(members[first : first + 5], key=hashes.__getitem__)
                chosen[five[: round(PUBLIC_SHARE * len(five))]] = True
        return chosen

    def score(self, prediction, rows):
        """The competition's metric on some test rows.

        `prediction` is what a submission would hold: numbers, labels, or one probability column per class.
        """
        truth, prediction = self.truth()[rows], prediction[rows]
        match self.metric:
            case "roc_auc":
                return roc_auc_score(truth, prediction)
            case "multiclass_log_loss":
                shares = prediction / prediction.sum(axis=1, keepdims=True)
                of_truth = shares[np.arange(len(truth)), np.searchsorted(np.unique(self.y), truth)]
                return float(-np.mean(np.log(np.clip(of_truth, 1e-15, 1 - 1e-15))))
            case "accuracy":
                return float(np.mean(truth == prediction))
            case "f1":
                return f1_score(truth, prediction, average=self.spec["metric"]["params"]["average"], zero_division=0)
            case "rmse":
                return root_mean_squared_error(truth, prediction)
            case "mae":
                return mean_absolute_error(truth, prediction)
            case "python":
                answers = self.answers[rows].reset_index(drop=True)
                submission = answers.assign(**{self.columns[0]: prediction})
                return runpy.run_path(str(self.own_metric))["score"](answers, submission)
        raise SystemExit(f"{self.slug}: no formula here for the metric {self.metric}")


@functools.cache
def load(slug, prepared, catalog):
    """A competition's data, read once a process."""
    return Data(slug, prepared, catalog)


def run_entry(job):
    """Fits and scores one entry: (name, public score, private score)."""
    slug, name, prepared, catalog = job
    warnings.simplefilter("ignore")
    data = load(slug, prepared, catalog)
    prediction = data.models.entries(data)[name]()
    assert len(prediction) == len(data.answers) and not pd.isna(prediction).any(), f"{slug}: {name}"
    public = data.public_rows()
    return name, data.score(prediction, public), data.score(prediction, ~public)


def rows_of(slug, prepared, catalog, jobs):
    """The rows of a leaderboard, best private score first, rounded to six significant digits."""
    data = load(slug, prepared, catalog)
    names = list(data.models.entries(data))
    assert not any(set(name) & set(',"\n') for name in names), "a name must need no quotes in CSV"
    tasks = [(slug, name, prepared, catalog) for name in names]
    if jobs == 1:
        results = [run_entry(task) for task in tasks]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            results = list(pool.map(run_entry, tasks))
    sign = -1 if data.spec["metric"]["direction"] == "maximize" else 1
    rounded = [(name, float(f"{public:.6g}"), float(f"{private:.6g}")) for name, public, private in results]
    return sorted(rounded, key=lambda row: (sign * row[2], sign * row[1], row[0]))


def check(slug, rows, frozen_file, tolerance):
    """Prints what differs from the frozen figures; whether all is well."""
    with open(frozen_file, newline="") as file:
        frozen = {row["entry"]: (float(row["public_score"]), float(row["private_score"])) for row in csv.DictReader(file)}
    problems = [f"only in the frozen board: {name}" for name in frozen.keys() - {row[0] for row in rows}]
    for name, *scores in rows:
        if name not in frozen:
            problems.append(f"not in the frozen board: {name}")
            continue
        for part, score, before in zip(("public", "private"), scores, frozen[name]):
            if abs(score - before) > tolerance * max(abs(score), abs(before)):
                problems.append(f"{name}: {part} score {score:.6g}, frozen {before:.6g}")
    for problem in problems:
        print(f"{slug}: {problem}")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--competition", default="all", help="a slug, or `all` of the catalog")
    parser.add_argument("--prepared", required=True, type=Path, help="folder with a prepared directory per slug")
    parser.add_argument("--out", default=Path("catalog"), type=Path, help="the catalog to read specs from and write to")
    parser.add_argument("--check", action="store_true", help="compare with the frozen figures instead of writing")
    parser.add_argument("--tolerance", default=1e-4, type=float, help="largest relative difference for --check")
    parser.add_argument("--jobs", default=2, type=int, help="entries at once; the scores don't depend on it")
    arguments = parser.parse_args()
    fine = True
    whole_catalog = sorted(spec.parent.name for spec in arguments.out.glob("*/competition.toml"))
    for slug in whole_catalog if arguments.competition == "all" else [arguments.competition]:
        start = time.monotonic()
        rows = rows_of(slug, arguments.prepared, arguments.out, arguments.jobs)
        board = arguments.out / slug / "leaderboard.csv"
        if arguments.check:
            fine &= check(slug, rows, board, arguments.tolerance)
        else:
            with open(board, "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(["entry", "public_score", "private_score"])
                writer.writerows((name, f"{public:.6g}", f"{private:.6g}") for name, public, private in rows)
        print(f"{slug}: {len(rows)} entries in {time.monotonic() - start:.0f} s", file=sys.stderr)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
