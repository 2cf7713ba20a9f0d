from sklearn import metrics

PROBABILITIES = METRIC in ("roc_auc", "log_loss", "multiclass_log_loss")
REGRESSION = METRIC in ("rmse", "mae", "rmsle", "r2", "mape", "smape", "pearson", "spearman")


def score_numbers(truth, predicted):
    """The competition's metric for predicted numbers, turned so that more is better."""
    if METRIC in ("pearson", "spearman"):
        return pd.Series(truth).corr(pd.Series(predicted), method=METRIC) if np.ptp(predicted) > 0 else -1.0
    if METRIC == "smape":
        size = np.abs(truth) + np.abs(predicted)
        return -np.mean(np.divide(np.abs(truth - predicted), size, out=np.zeros_like(size), where=size > 0))
    if METRIC == "rmsle":
        return -metrics.root_mean_squared_error(np.log1p(np.maximum(truth, 0)), np.log1p(np.maximum(predicted, 0)))
    if METRIC == "r2":
        return metrics.r2_score(truth, predicted)
    loss = {
        "mae": metrics.mean_absolute_error,
        "mape": metrics.mean_absolute_percentage_error,
    }.get(METRIC, metrics.root_mean_squared_error)
    return -loss(truth, predicted)


def score_probabilities(truth, proba):
    """ROC AUC or negative log loss of class probabilities; `truth` holds class numbers."""
    if METRIC == "roc_auc":
        return metrics.roc_auc_score(truth == POSITIVE, proba[:, POSITIVE])
    return -metrics.log_loss(truth, np.clip(proba, 1e-15, 1), labels=np.arange(proba.shape[1]))


def score_labels(truth, labels):
    """The competition's metric for predicted class numbers."""
    average = "binary" if AVERAGE == "binary" and len(CLASSES) == 2 else "macro" if AVERAGE == "binary" else AVERAGE
    return {
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1": lambda t, p: metrics.f1_score(t, p, average=average, zero_division=0),
        "quadratic_weighted_kappa": lambda t, p: metrics.cohen_kappa_score(t, p, weights="quadratic"),
        "mcc": metrics.matthews_corrcoef,
    }.get(METRIC, metrics.accuracy_score)(truth, labels)


def labels_of(proba, threshold):
    """The class numbers that the metric rewards most under these probabilities."""
    if METRIC == "quadratic_weighted_kappa":
        expected = proba @ np.arange(proba.shape[1])
        return np.clip(np.rint(expected), 0, proba.shape[1] - 1).astype(int)
    if threshold is not None:
        return (proba[:, 1] >= threshold).astype(int)
    if METRIC == "balanced_accuracy":
        proba = proba / np.bincount(TRUTH, minlength=proba.shape[1])
    return proba.argmax(axis=1)


def best_threshold(truth, proba):
    """F1 and Matthews' correlation of two classes peak away from one half; other metrics need no threshold."""
    if len(CLASSES) != 2 or METRIC not in ("f1", "mcc"):
        return None
    grid = np.linspace(0.1, 0.9, 33)
    scores = np.array([score_labels(truth, (proba[:, 1] >= value).astype(int)) for value in grid])
    # The middle of the plateau rather than its first edge.
    return float(np.median(grid[scores >= scores.max() - 1e-9]))


def score(truth, predicted):
    """Scores out-of-fold predictions: numbers as one column, classes as one column of probabilities each."""
    if REGRESSION:
        return score_numbers(truth, predicted[:, 0])
    if PROBABILITIES:
        return score_probabilities(truth, predicted)
    return score_labels(truth, labels_of(predicted, best_threshold(truth, predicted)))
