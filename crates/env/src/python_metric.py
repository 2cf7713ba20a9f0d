# Runs a metric of a user's own on the rows that count; each answer of it goes to `result.json`.
import importlib.util
import json
import os
import sys

import pandas as pd

INPUT = os.environ.get("MLEDOJO_INPUT_DIR", "/kaggle/input")


def place(*names):
    return os.path.join(INPUT, *names)


def rows_of(frame, rows):
    return (frame if rows is None else frame.iloc[rows]).reset_index(drop=True)


def scores(metric, answers, submission, parts):
    for part in parts:
        try:
            score = metric.score(rows_of(answers, part["answers"]), rows_of(submission, part["submission"]))
        except ValueError as error:
            yield {"invalid": str(error)}
            return
        # What is no number at all is a fault of the metric, which the traceback shows.
        yield {"score": repr(float(score))}


def main(file):
    path = place("metric", file)
    spec = importlib.util.spec_from_file_location(file.removesuffix(".py"), path)
    metric = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = metric
    spec.loader.exec_module(metric)
    answers = pd.read_csv(place("metric", "answers.csv"), index_col=False)
    with open(place("submission", "parts.json")) as stream:
        parts = json.load(stream)
    try:
        submission = pd.read_csv(place("submission", "submission.csv"), index_col=False)
    except ValueError as error:
        results = [{"invalid": f"pandas cannot read the file: {error}"}]
    else:
        results = list(scores(metric, answers, submission, parts))
    with open("result.json", "w") as stream:
        json.dump(results, stream)


main(sys.argv[1])
