"""The formulas by which submissions are scored, on columns from NumPy, pandas, polars or Arrow.

Contiguous NumPy arrays of 64-bit floats, and what is stored as such (Series, Arrow arrays without gaps), are read where they
lie; anything else is converted once. The interpreter is free meanwhile. Numbers must be finite; columns must have as many rows.
A metric that has no value for its columns raises `mledojo.errors.UndefinedMetricError`.

>>> from mledojo import metrics
>>> metrics.rmse([1.0, 2.0], [1.0, 4.0]) == 2 ** 0.5
True
"""

from __future__ import annotations

from mledojo.metrics._classification import (
    accuracy,
    balanced_accuracy,
    f1_binary,
    f1_macro,
    f1_micro,
    f1_weighted,
    macro_recall,
    mcc,
    quadratic_weighted_kappa,
)
from mledojo.metrics._lists import (
    kendall_tau,
    map_at_k,
    mean_f1,
    mean_jaccard,
    mean_levenshtein,
    micro_f1,
    ndcg_at_k,
    token_error_rate,
    top_k_error,
)
from mledojo.metrics._ranking import (
    average_precision,
    banded_roc_auc,
    bias_weighted_auc,
    gini_of_auc,
    log_loss,
    lwlrap,
    mean_column_roc_auc,
    roc_auc,
)
from mledojo.metrics._regression import (
    gini,
    laplace_log_likelihood,
    mae,
    mape,
    mean_group_log_mae,
    median_absolute_error,
    mse,
    normalized_gini,
    pearson,
    r2,
    rmse,
    rmsle,
    rmspe,
    smape,
    spearman,
    weighted_mae,
)
from mledojo.metrics._tables import (
    balanced_log_loss,
    haversine_p50_p95_mean,
    kl_divergence,
    mean_angular_error,
    mean_column_rmse,
    mean_column_rmsle,
    mean_column_spearman,
    multiclass_log_loss,
)

__all__ = [
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "balanced_log_loss",
    "banded_roc_auc",
    "bias_weighted_auc",
    "f1_binary",
    "f1_macro",
    "f1_micro",
    "f1_weighted",
    "gini",
    "gini_of_auc",
    "haversine_p50_p95_mean",
    "kendall_tau",
    "kl_divergence",
    "laplace_log_likelihood",
    "log_loss",
    "lwlrap",
    "macro_recall",
    "mae",
    "map_at_k",
    "mape",
    "mcc",
    "mean_angular_error",
    "mean_column_rmse",
    "mean_column_rmsle",
    "mean_column_roc_auc",
    "mean_column_spearman",
    "mean_f1",
    "mean_group_log_mae",
    "mean_jaccard",
    "mean_levenshtein",
    "median_absolute_error",
    "micro_f1",
    "mse",
    "multiclass_log_loss",
    "ndcg_at_k",
    "normalized_gini",
    "pearson",
    "quadratic_weighted_kappa",
    "r2",
    "rmse",
    "rmsle",
    "rmspe",
    "roc_auc",
    "smape",
    "spearman",
    "token_error_rate",
    "top_k_error",
    "weighted_mae",
]
