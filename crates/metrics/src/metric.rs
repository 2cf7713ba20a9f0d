//! The metrics by name, as a competition's spec refers to them.

use serde::{Deserialize, Serialize};

use crate::direction::Direction;

/// How the F1 score of several classes becomes one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// F1 of the positive class alone (labels 0 and 1, 1 is positive).
    Binary,
    /// Mean of the classes' F1 scores.
    Macro,
    /// F1 of the pooled counts.
    Micro,
    /// Mean of the classes' F1 scores, weighted by the classes' true counts.
    Weighted,
}

/// A metric and its parameters. In a spec: `name = "f1"` and `[metric.params] average = "macro"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "params", rename_all = "snake_case")]
pub enum Metric {
    /// Share of rows whose label is right.
    Accuracy,
    /// Mean recall over the classes present in the answers.
    BalancedAccuracy,
    /// Harmonic mean of precision and recall.
    F1 {
        /// How several classes become one number.
        average: Average,
    },
    /// Area under the ROC curve of one score column.
    RocAuc,
    /// Binary cross-entropy of one probability column.
    LogLoss,
    /// Cross-entropy of one probability column per class.
    MulticlassLogLoss,
    /// Root mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// Root mean squared error of `ln(1 + x)`.
    Rmsle,
    /// Coefficient of determination.
    R2,
    /// Mean absolute percentage error, as a fraction.
    Mape,
    /// Symmetric mean absolute percentage error, in percent (0 to 200).
    Smape,
    /// Cohen's kappa with quadratic weights over integer labels.
    QuadraticWeightedKappa,
    /// Matthews correlation coefficient.
    Mcc,
    /// Pearson's correlation.
    Pearson,
    /// Spearman's rank correlation.
    Spearman,
}

impl Metric {
    /// Which way this metric gets better.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match self {
            Self::LogLoss
            | Self::MulticlassLogLoss
            | Self::Rmse
            | Self::Mae
            | Self::Rmsle
            | Self::Mape
            | Self::Smape => Direction::Minimize,
            _ => Direction::Maximize,
        }
    }

    /// The metric's name, as a spec writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::F1 { .. } => "f1",
            Self::RocAuc => "roc_auc",
            Self::LogLoss => "log_loss",
            Self::MulticlassLogLoss => "multiclass_log_loss",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::Rmsle => "rmsle",
            Self::R2 => "r2",
            Self::Mape => "mape",
            Self::Smape => "smape",
            Self::QuadraticWeightedKappa => "quadratic_weighted_kappa",
            Self::Mcc => "mcc",
            Self::Pearson => "pearson",
            Self::Spearman => "spearman",
        }
    }

    /// The smallest and the largest value that the metric can take, up to rounding; infinite where there is no bound.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        match self {
            Self::Accuracy | Self::BalancedAccuracy | Self::F1 { .. } | Self::RocAuc => (0.0, 1.0),
            Self::QuadraticWeightedKappa | Self::Mcc | Self::Pearson | Self::Spearman => (-1.0, 1.0),
            Self::LogLoss | Self::MulticlassLogLoss => (0.0, -crate::probability::CLIP.ln()),
            Self::Smape => (0.0, 200.0),
            Self::Rmse | Self::Mae | Self::Rmsle | Self::Mape => (0.0, f64::INFINITY),
            Self::R2 => (f64::NEG_INFINITY, 1.0),
        }
    }

    /// The formula in one line, for people: y is the truth, p the prediction, n the number of rows.
    #[must_use]
    pub fn formula(&self) -> &'static str {
        match self {
            Self::Accuracy => "share of rows with p = y",
            Self::BalancedAccuracy => "mean over the classes of the share of their rows with p = y",
            Self::F1 { average: Average::Binary } => "2·TP / (2·TP + FP + FN) of label 1",
            Self::F1 { average: Average::Macro } => "mean over the classes of 2·TP / (2·TP + FP + FN)",
            Self::F1 { average: Average::Micro } => "2·TP / (2·TP + FP + FN), counts of all classes added up",
            Self::F1 { average: Average::Weighted } => {
                "mean over the classes of 2·TP / (2·TP + FP + FN), weighted by their true counts"
            }
            Self::RocAuc => "probability that a positive row scores above a negative one, ties counting half",
            Self::LogLoss => "−mean(y·ln p + (1 − y)·ln(1 − p)), p clipped to [1e-15, 1 − 1e-15]",
            Self::MulticlassLogLoss => {
                "−mean(ln p of the true class), each row divided by its sum, then clipped to [1e-15, 1 − 1e-15]"
            }
            Self::Rmse => "√mean((p − y)²)",
            Self::Mae => "mean(|p − y|)",
            Self::Rmsle => "√mean((ln(1 + p) − ln(1 + y))²)",
            Self::R2 => "1 − Σ(p − y)² / Σ(y − mean y)²",
            Self::Mape => "mean(|p − y| / |y|)",
            Self::Smape => "100·mean(2·|p − y| / (|y| + |p|)), a term with y = p = 0 counting 0",
            Self::QuadraticWeightedKappa => "1 − Σ w·O / Σ w·E with weights (p − y)², O observed and E expected counts",
            Self::Mcc => "correlation of p and y over the confusion matrix (Matthews)",
            Self::Pearson => "cov(p, y) / (sd p · sd y)",
            Self::Spearman => "Pearson's correlation of the ranks, ties ranked by their mean",
        }
    }
}
