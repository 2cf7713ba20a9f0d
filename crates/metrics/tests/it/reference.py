"""Scores from scikit-learn and SciPy, to hold the Rust formulas against.

Reads a JSON list of cases on stdin: {"metric", "average", "truth", "predicted"}; prints a JSON list with a score for
each, or null where the metric is undefined. For multiclass_log_loss `truth` holds class numbers and `predicted` one
list of probabilities a row.
"""

import json
import math
import sys
import warnings

import numpy as np
import scipy.stats
import sklearn.metrics as sk

warnings.filterwarnings("ignore")
CLIP = 1e-15


def log_loss(truth, predicted):
    return sk.log_loss(truth, np.clip(predicted, CLIP, 1 - CLIP), labels=[0, 1])


def multiclass_log_loss(truth, predicted):
    rows = np.asarray(predicted)
    rows = np.clip(rows / rows.sum(axis=1, keepdims=True), CLIP, 1 - CLIP)
    return -np.mean(np.log(rows[np.arange(len(truth)), truth]))


def quadratic_weighted_kappa(truth, predicted):
    labels = list(range(min(truth), max(truth) + 1))
    return sk.cohen_kappa_score(truth, predicted, weights="quadratic", labels=labels)


def smape(truth, predicted):
    truth, predicted = np.asarray(truth, float), np.asarray(predicted, float)
    size = np.abs(truth) + np.abs(predicted)
    terms = np.divide(2 * np.abs(truth - predicted), size, out=np.zeros_like(size), where=size > 0)
    return 100 * terms.mean()


METRICS = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "roc_auc": sk.roc_auc_score,
    "log_loss": log_loss,
    "multiclass_log_loss": multiclass_log_loss,
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "rmsle": sk.root_mean_squared_log_error,
    "r2": lambda truth, predicted: sk.r2_score(truth, predicted, force_finite=False),
    "mape": sk.mean_absolute_percentage_error,
    "smape": smape,
    "quadratic_weighted_kappa": quadratic_weighted_kappa,
    "mcc": sk.matthews_corrcoef,
    "pearson": lambda truth, predicted: scipy.stats.pearsonr(truth, predicted).statistic,
    "spearman": lambda truth, predicted: scipy.stats.spearmanr(truth, predicted).statistic,
}


def score(case):
    truth, predicted = case["truth"], case["predicted"]
    if case["metric"] == "f1":
        value = sk.f1_score(truth, predicted, average=case["average"], zero_division=0)
    elif case["metric"] in ("pearson", "spearman") and len(truth) < 2:
        return None  # SciPy raises an error
    else:
        value = METRICS[case["metric"]](truth, predicted)
    return float(value) if math.isfinite(value) else None


if __name__ == "__main__":
    json.dump([score(case) for case in json.load(sys.stdin)], sys.stdout)
