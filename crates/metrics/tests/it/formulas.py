"""Formulas in NumPy, SciPy and scikit-learn, to hold those of Rust against that no grader has yet.

Reads a JSON list of cases [name, arguments] on stdin; prints a JSON list of scores.
"""

import json
import sys
import warnings

import numpy as np
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn.metrics as sk

warnings.filterwarnings("ignore")


def array(values):
    return np.asarray(values, float)


def gini(truth, predicted):
    truth = array(truth)[np.argsort(-array(predicted), kind="stable")]
    n = len(truth)
    return (np.cumsum(truth).sum() / truth.sum() - (n + 1) / 2) / n


def levenshtein(a, b):
    table = np.zeros((len(a) + 1, len(b) + 1), int)
    table[:, 0], table[0] = range(len(a) + 1), range(len(b) + 1)
    for i in range(len(a)):
        for j in range(len(b)):
            table[i + 1, j + 1] = min(table[i, j] + (a[i] != b[j]), table[i, j + 1] + 1, table[i + 1, j] + 1)
    return table[-1, -1]


def grid_auc(truth, scores):
    fpr, tpr, _ = sk.roc_curve(truth, scores)
    grid = np.linspace(0, 1, 10000)
    left = np.interp(grid, tpr, fpr)
    bands = [(0, 0.2, 2), (0.2, 0.4, 1.5), (0.4, 0.6, 1), (0.6, 0.8, 0.5)]
    inside = [(grid >= low) & (grid <= high) for low, high, _ in bands]
    area = sum(w * np.trapezoid(left[mask], grid[mask]) for (_, _, w), mask in zip(bands, inside))
    return 1 - area / sum(w * (high**2 - low**2) / 2 for low, high, w in bands)


def held_auc(truth, scores):
    fpr, tpr, _ = sk.roc_curve(truth, scores)
    total = 0
    for low, high, weight in [(0, 0.4, 2), (0.4, 1, 1)]:
        a, b = np.searchsorted(tpr, low, "left"), np.searchsorted(tpr, high, "right")
        if a < b:
            total += weight * np.trapezoid(np.r_[fpr[a], fpr[a:b], fpr[b - 1]], np.r_[low, tpr[a:b], high])
    return 1 - total / 3


def exact_auc(truth, scores):
    fpr, tpr, _ = sk.roc_curve(truth, scores, drop_intermediate=False)
    rates = np.unique(np.r_[tpr, 0.4])
    low, high = rates[:-1], rates[1:]
    # Sampled between the corners, where the curve is straight, the areas are exact.
    middle = np.interp((low + high) / 2, tpr, fpr)
    return np.sum(np.where(high <= 0.4, 2, 1) * (high - low) * (1 - middle)) / 1.4


def life(width, steps, last, first):
    board = np.asarray(first, int).reshape(-1, width)
    for _ in range(steps):
        shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
        around = sum(np.roll(board, shift, (0, 1)) for shift in shifts)
        board = ((around == 3) | ((around == 2) & (board == 1))).astype(int)
    return np.mean(board.ravel() != np.asarray(last, int))


def masks(formula):
    def score(a, b):
        a, b = set(a), set(b)
        return formula(len(a & b), len(a), len(b))

    return score


FORMULAS = {
    "mse": sk.mean_squared_error,
    "median_absolute_error": sk.median_absolute_error,
    "rmspe": lambda t, p: np.sqrt(np.mean(((array(t) - p) / t) ** 2)),
    "weighted_mae": lambda t, p, w: sk.mean_absolute_error(t, p, sample_weight=w),
    "mean_column_rmse": lambda t, p: np.mean(np.sqrt(np.mean((array(t) - p) ** 2, axis=1))),
    "mean_column_roc_auc": lambda t, p: sk.roc_auc_score(np.transpose(t), np.transpose(p), average="macro"),
    "mean_column_spearman": lambda t, p: np.mean([scipy.stats.spearmanr(a, b).statistic for a, b in zip(t, p)]),
    "gini": gini,
    "normalized_gini": lambda t, p: gini(t, p) / gini(t, t),
    "macro_recall": lambda t, p: sk.recall_score(t, p, average="macro", zero_division=0),
    "kappa_of_places": lambda t, p: sk.cohen_kappa_score(t, p, weights="quadratic"),
    "grid_auc": grid_auc,
    "held_auc": held_auc,
    "exact_auc": exact_auc,
    "average_precision": sk.average_precision_score,
    "lwlrap": lambda t, s: sk.label_ranking_average_precision_score(t, s, sample_weight=np.sum(t, axis=1)),
    "clipped_log_loss": lambda t, p: sk.log_loss(t, p, labels=[0, 1]),
    "kl_divergence": lambda q, p: np.mean(
        scipy.special.rel_entr(array(q) / np.sum(q, axis=1, keepdims=True), np.clip(p, 1e-15, 1)).sum(axis=1)
    ),
    "kendall_tau": lambda order: scipy.stats.kendalltau(range(len(order)), order).statistic,
    "levenshtein": levenshtein,
    "jaccard": lambda a, b: len(set(a) & set(b)) / len(set(a) | set(b)),
    "ndcg": lambda places, k: np.mean([1 / np.log2(place + 2) if place < k else 0 for place in places]),
    "percentile": lambda values: np.percentile(values, 95),
    "hausdorff": lambda a, b: max(
        scipy.spatial.distance.directed_hausdorff(a, b)[0], scipy.spatial.distance.directed_hausdorff(b, a)[0]
    ),
    "dice": masks(lambda common, a, b: 2 * common / (a + b)),
    "iou": masks(lambda common, a, b: common / (a + b - common)),
    "life": life,
}

if __name__ == "__main__":
    json.dump([float(FORMULAS[name](*arguments)) for name, arguments in json.load(sys.stdin)], sys.stdout)
