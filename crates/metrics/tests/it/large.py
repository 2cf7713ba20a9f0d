"""The formulas in NumPy, SciPy and scikit-learn on 1 to 100,000 rows, which both sides make by the same generator.

Reads a JSON list of [rows, coarse] on stdin; prints for each a JSON object of scores by name, null where undefined.
"""

import json
import math
import sys
import warnings

import numpy as np
import scipy.stats
import sklearn.metrics as sk

from formulas import FORMULAS
from reference import METRICS

warnings.filterwarnings("ignore")


def unit(stream, count):
    """The numbers from 0 to 1 of `Random(stream)` in reference.rs (SplitMix64)."""
    bits = np.uint64(stream) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)) / 2.0**53


def auc(truth, scores):
    return sk.roc_auc_score(truth, scores) if 0 < truth.sum() < len(truth) else math.nan


def bias_weighted_auc(truth, scores, groups):
    kinds = [lambda t, m: m, lambda t, m: t != m, lambda t, m: t == m]
    parts = [auc(truth, scores)]
    for kind in kinds:
        areas = np.array([auc(truth[rows], scores[rows]) for rows in (kind(truth, group) for group in groups)])
        areas = areas[~np.isnan(areas)]
        parts.append(np.mean(areas**-5.0) ** -0.2 if len(areas) else math.nan)
    return 0.25 * np.nansum(parts) if not np.all(np.isnan(parts)) else math.nan


def of_groups(values, groups, formula):
    order = np.argsort(groups, kind="stable")
    parts = np.split(values[order], np.unique(groups[order], return_index=True)[1][1:])
    return np.mean([formula(part) for part in parts])


def haversine(a, b):
    (x, y), (u, v) = np.radians(a), np.radians(b)
    inner = np.sin((u - x) / 2) ** 2 + np.cos(x) * np.cos(u) * np.sin((v - y) / 2) ** 2
    return 2 * 6_371_000 * np.arcsin(np.sqrt(inner))


def angle(a, b):
    (x, y), (u, v) = a, b
    return np.arccos(np.clip(np.sin(y) * np.sin(v) * np.cos(x - u) + np.cos(y) * np.cos(v), -1, 1))


def balanced_log_loss(truth, rows):
    loss = -np.log(np.clip(rows / rows.sum(axis=1, keepdims=True), 1e-15, 1 - 1e-15))
    parts = [loss[truth == label, int(label)].mean() if (truth == label).any() else 0 for label in (False, True)]
    return np.mean(parts)


def lwlrap(truth, scores):
    """As scikit-learn's label ranking average precision, weighted by labels, which takes minutes on so many rows."""
    reached = scores[:, None, :] >= scores[:, :, None]
    precision = (reached & truth[:, None, :]).sum(axis=2) / reached.sum(axis=2)
    return precision[truth].mean()


def average_precision_at(k, truth, predicted):
    """Of distinct labels a row."""
    hits = (predicted[:, :k, None] == truth[:, None, :]).any(axis=2)
    precision = hits.cumsum(axis=1) / np.arange(1, k + 1)
    return np.mean((precision * hits).sum(axis=1) / min(k, truth.shape[1]))


def scores(n, coarse):
    a, b, c, d = (unit(4 * n + stream, n) for stream in range(4))
    rough = np.floor if coarse else (lambda values: values)
    t, p = rough(10 * a - 3), rough(10 * a - 3 + 2 * b - 1)
    tp, pp, w = 10 * a + 0.5, 10 * b + 0.5, c + 0.1
    yes, scored = a < 0.3, np.floor(20 * b) / 20 if coarse else b
    odd = np.floor(2 * d) == 1
    l = np.floor(5 * a).astype(int)
    g = np.where(b < 0.6, l, np.floor(5 * c)).astype(int)
    rows = np.stack([a, b, c], axis=1) + 0.01
    kind = np.floor(3 * d).astype(int)
    groups = np.floor(d * (n / 50 + 1)).astype(int)
    near, far = (180 * a - 90, 360 * b - 180), (180 * a - 90 + 0.1 * c, 360 * b - 180 + 0.1 * d)
    turned, seen = (6 * a, 3 * b), (6 * c, 3 * d)
    order = np.argsort(d, kind="stable")
    # Five distinct labels of eight, two of which are true.
    start = np.floor(8 * b).astype(int)
    listed = (start[:, None] + np.arange(5)) % 8
    right = (np.floor(8 * c).astype(int)[:, None] + np.array([0, 3])) % 8
    pair = np.stack([yes, ~yes], axis=1)
    two = np.stack([b, c], axis=1)
    pixels, guessed = np.flatnonzero(a < 0.5), np.flatnonzero(np.where(b < 0.8, a, c) < 0.5)
    width = 5
    cells = n // width * width
    common = (listed[:, :, None] == right[:, None, :]).any(axis=1).sum(axis=1)
    few = min(n, 1000)
    F, M = FORMULAS, METRICS
    f1 = lambda average, x, y: sk.f1_score(x, y, average=average, zero_division=0)
    return {
        "rmse": M["rmse"](t, p),
        "mse": F["mse"](t, p),
        "mae": M["mae"](t, p),
        "median_absolute_error": F["median_absolute_error"](t, p),
        "rmsle": M["rmsle"](tp, pp),
        "rmspe": F["rmspe"](tp, p),
        "r2": M["r2"](t, p),
        "mape": M["mape"](tp, p),
        "smape": M["smape"](t, p),
        "pearson": M["pearson"](t, p) if n > 1 else math.nan,
        "spearman": M["spearman"](t, p) if n > 1 else math.nan,
        "weighted_mae": F["weighted_mae"](t, p, w),
        "mean_group_log_mae": of_groups(np.abs(t - pp), groups, lambda errors: np.log(max(errors.mean(), 1e-9))),
        "mean_column_rmse": F["mean_column_rmse"]([t, p], [p, w]),
        "mean_column_rmsle": np.mean([M["rmsle"](tp, pp), M["rmsle"](w, tp)]),
        "mean_column_roc_auc": np.mean([auc(yes, scored), auc(odd, a)]),
        "mean_column_spearman": F["mean_column_spearman"]([t, a], [p, b]) if n > 1 else math.nan,
        "laplace": np.mean(-math.sqrt(2) * np.minimum(np.abs(t - p), 1) / np.maximum(w, 0.3)
                           - np.log(math.sqrt(2) * np.maximum(w, 0.3))),
        "percentile": F["percentile"](t),
        "gini": F["gini"](tp, p),
        "normalized_gini": F["normalized_gini"](tp, p) if n > 1 else math.nan,
        "roc_auc": auc(yes, scored),
        "gini_of_auc": 2 * auc(yes, scored) - 1,
        "log_loss": M["log_loss"](yes, scored),
        "clipped_log_loss": F["clipped_log_loss"](yes, scored),
        "grid_auc": F["grid_auc"](yes, scored) if 0 < yes.sum() < n else math.nan,
        "held_auc": F["held_auc"](yes, scored) if 0 < yes.sum() < n else math.nan,
        "exact_auc": F["exact_auc"](yes, scored) if 0 < yes.sum() < n else math.nan,
        "bias_weighted_auc": bias_weighted_auc(yes, scored, [odd, d < 0.2]),
        "average_precision": F["average_precision"](yes, b) if yes.any() else math.nan,
        "lwlrap": lwlrap(pair, two),
        "multiclass_log_loss": M["multiclass_log_loss"](kind, rows),
        "balanced_log_loss": balanced_log_loss(yes, two + 0.01),
        "kl_divergence": F["kl_divergence"](rows, np.roll(rows, 1, axis=1)),
        "accuracy": M["accuracy"](l, g),
        "balanced_accuracy": M["balanced_accuracy"](l, g),
        "macro_recall": F["macro_recall"](l, g),
        "f1_binary": f1("binary", l == 1, g == 1),
        "f1_macro": f1("macro", l, g),
        "f1_micro": f1("micro", l, g),
        "f1_weighted": f1("weighted", l, g),
        "mcc": M["mcc"](l, g),
        "kappa": M["quadratic_weighted_kappa"](l, np.clip(g, l.min(), l.max())),
        "kappa_of_places": F["kappa_of_places"](l**2, g**2),
        "map_at": average_precision_at(3, right, listed),
        "ndcg": np.mean(np.where((kind - start) % 8 < 4, 1 / np.log2((kind - start) % 8 + 2), 0)),
        "top_k_error": np.mean((kind - start) % 8 >= 2),
        "mean_f1": np.mean(2 * common / 7),
        "mean_jaccard": np.mean(common / (7 - common)),
        "micro_f1": 2 * common.sum() / (7 * n),
        "mean_angular_error": angle(turned, seen).mean(),
        "haversine": of_groups(haversine(near, far), groups, lambda x: np.mean(np.percentile(x, [50, 95]))),
        "kendall_tau": F["kendall_tau"](order) if n > 1 else math.nan,
        "dice": F["dice"](pixels, guessed) if len(pixels) + len(guessed) else math.nan,
        "iou": F["iou"](pixels, guessed) if len(pixels) + len(guessed) else math.nan,
        "hausdorff": F["hausdorff"](np.stack([a, b], 1)[:few], np.stack([c, d], 1)[:few]),
        "life": F["life"](width, 2, c[:cells] < 0.4, b[:cells] < 0.4) if cells >= 15 else math.nan,
        "levenshtein": F["levenshtein"](list(l[:200]), list(g[:150])),
    }


if __name__ == "__main__":
    every = [scores(n, coarse) for n, coarse in json.load(sys.stdin)]
    finite = lambda value: float(value) if math.isfinite(value) else None
    json.dump([{name: finite(value) for name, value in one.items()} for one in every], sys.stdout)
