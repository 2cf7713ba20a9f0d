//! What is known of each metric: name, direction, range, number of target columns, formula in a line.

use super::metric::{Average, GiniForm, Metric};
use crate::direction::Direction;

const INFINITE: f64 = f64::INFINITY;
/// No upper limit to the number of target columns.
const MANY: usize = usize::MAX;

struct Facts {
    name: &'static str,
    direction: Direction,
    range: (f64, f64),
    targets: (usize, usize),
    formula: &'static str,
}

const fn larger(name: &'static str, range: (f64, f64), targets: (usize, usize), formula: &'static str) -> Facts {
    Facts { name, direction: Direction::Maximize, range, targets, formula }
}

const fn smaller(name: &'static str, range: (f64, f64), targets: (usize, usize), formula: &'static str) -> Facts {
    Facts { name, direction: Direction::Minimize, range, targets, formula }
}

impl Metric {
    /// Which way this metric gets better.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.facts().direction
    }

    /// The metric's name, as a spec writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.facts().name
    }

    /// The smallest and the largest value that the metric can take, up to rounding; infinite where there is no bound.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        self.facts().range
    }

    /// The least and the largest number of target columns that the metric takes.
    #[must_use]
    pub fn target_columns(&self) -> (usize, usize) {
        self.facts().targets
    }

    /// The formula in one line, for people: y is the truth, p the prediction, n the number of rows.
    #[must_use]
    pub fn formula(&self) -> &'static str {
        self.facts().formula
    }

    fn facts(&self) -> Facts {
        const UNIT: (f64, f64) = (0.0, 1.0);
        const SIGNED: (f64, f64) = (-1.0, 1.0);
        const ABOVE: (f64, f64) = (0.0, INFINITE);
        const ONE: (usize, usize) = (1, 1);
        const TWO: (usize, usize) = (2, 2);
        match self {
            Self::Accuracy => larger("accuracy", UNIT, ONE, "share of rows with p = y"),
            Self::ExactMatch { scale } => {
                larger("exact_match", (0.0, *scale), ONE, "share of rows with p = y, times a scale")
            }
            Self::TopKError { .. } => {
                smaller("top_k_error", UNIT, ONE, "share of rows with y not among the first k labels of p")
            }
            Self::BalancedAccuracy => {
                let formula = "mean over the classes of the share of their rows with p = y";
                larger("balanced_accuracy", UNIT, ONE, formula)
            }
            Self::F1 { average } => {
                let formula = match average {
                    Average::Binary => "2·TP / (2·TP + FP + FN) of label 1",
                    Average::Macro => "mean over the classes of 2·TP / (2·TP + FP + FN)",
                    Average::Micro => "2·TP / (2·TP + FP + FN), counts of all classes added up",
                    Average::Weighted => {
                        "mean over the classes of 2·TP / (2·TP + FP + FN), weighted by their true counts"
                    }
                };
                larger("f1", UNIT, ONE, formula)
            }
            Self::Mcc => larger("mcc", SIGNED, ONE, "correlation of p and y over the confusion matrix (Matthews)"),
            Self::QuadraticWeightedKappa { .. } => {
                let formula = "1 − Σ w·O / Σ w·E with weights (p − y)², O observed and E expected counts";
                larger("quadratic_weighted_kappa", SIGNED, ONE, formula)
            }
            Self::HierarchicalMacroRecall { .. } => {
                let formula = "weighted mean over the components of the mean recall over their classes";
                larger("hierarchical_macro_recall", UNIT, ONE, formula)
            }
            Self::RocAuc => {
                let formula = "probability that a positive row scores above a negative one, ties counting half";
                larger("roc_auc", UNIT, ONE, formula)
            }
            Self::Gini { form: GiniForm::Auc } => larger("gini", SIGNED, ONE, "2·AUC − 1"),
            Self::Gini { form: GiniForm::Area } => {
                larger("gini", (-0.5, 0.5), ONE, "(2·AUC − 1)·(1 − share of positives) / 2")
            }
            Self::NormalizedGini { .. } => {
                let formula = "area between the concentration curve of y by p and the diagonal, over that of y by y";
                larger("normalized_gini", SIGNED, ONE, formula)
            }
            Self::WeightedRocAuc { area, .. } => {
                let low = if *area == crate::curve::BandArea::Exact { 0.0 } else { f64::NEG_INFINITY };
                let formula = "area under the ROC curve, weighted by bands of the true positive rate";
                larger("weighted_roc_auc", (low, 1.0), ONE, formula)
            }
            Self::BiasWeightedAuc { .. } => {
                let formula = "w·AUC + w·Σ power means of the areas in three kinds of subgroups";
                larger("bias_weighted_auc", UNIT, ONE, formula)
            }
            Self::LogLoss { eps, .. } => {
                let formula = "−mean(y·ln p + (1 − y)·ln(1 − p)), p clipped to [ε, 1 − ε]";
                smaller("log_loss", (0.0, worst_log(*eps)), ONE, formula)
            }
            Self::Rmse => smaller("rmse", ABOVE, (1, MANY), "√mean((p − y)²)"),
            Self::Mse => smaller("mse", ABOVE, (1, MANY), "mean((p − y)²)"),
            Self::Mae => smaller("mae", ABOVE, (1, MANY), "mean(|p − y|)"),
            Self::MedianAe => smaller("median_ae", ABOVE, ONE, "median(|p − y|)"),
            Self::Rmsle { .. } => smaller("rmsle", ABOVE, (1, MANY), "√mean((ln(1 + p) − ln(1 + y))²)"),
            Self::Rmspe => smaller("rmspe", ABOVE, ONE, "√mean(((y − p) / y)²) over the rows with y ≠ 0"),
            Self::R2 => larger("r2", (f64::NEG_INFINITY, 1.0), ONE, "1 − Σ(p − y)² / Σ(y − mean y)²"),
            Self::Mape => smaller("mape", ABOVE, ONE, "mean(|p − y| / |y|)"),
            Self::Smape => {
                let formula = "100·mean(2·|p − y| / (|y| + |p|)), a term with y = p = 0 counting 0";
                smaller("smape", (0.0, 200.0), ONE, formula)
            }
            Self::Pearson => larger("pearson", SIGNED, ONE, "cov(p, y) / (sd p · sd y)"),
            Self::Spearman => {
                larger("spearman", SIGNED, ONE, "Pearson's correlation of the ranks, ties ranked by their mean")
            }
            Self::Wmae { .. } => smaller("wmae", ABOVE, ONE, "Σ w·|p − y| over Σ w, or over n"),
            Self::MeanGroupLogMae { floor, .. } => {
                let formula = "mean over the groups of ln(mean(|p − y|)), errors floored";
                smaller("mean_group_log_mae", (floor.ln(), INFINITE), ONE, formula)
            }
            Self::Mcrmse => smaller("mcrmse", ABOVE, (1, MANY), "mean over the columns of √mean((p − y)²)"),
            Self::Mcrmsle { .. } => {
                let formula = "mean over the columns of √mean((ln(1 + p) − ln(1 + y))²)";
                smaller("mcrmsle", ABOVE, (1, MANY), formula)
            }
            Self::MeanColumnRocAuc { .. } => {
                larger("mean_column_roc_auc", UNIT, (1, MANY), "mean over the columns of the area under the ROC curve")
            }
            Self::MeanColumnSpearman { .. } => {
                let formula = "mean over the columns of Spearman's rank correlation";
                larger("mean_column_spearman", SIGNED, (1, MANY), formula)
            }
            Self::MeanAveragePrecision => {
                let formula = "mean over the columns of the mean precision at the ranks of the positive rows";
                larger("mean_average_precision", UNIT, (1, MANY), formula)
            }
            Self::Lwlrap => {
                let formula = "mean over all positive cells of the precision at their rank in their row";
                larger("lwlrap", UNIT, (2, MANY), formula)
            }
            Self::MulticlassLogLoss { eps, .. } => {
                let formula = "−mean(ln p of the true class), p clipped to [ε, 1 − ε]";
                // A row that is clipped before it is scaled, or clipped twice, can cost more than one clip allows.
                smaller("multiclass_log_loss", (0.0, worst_log(*eps).max(worst_log(f64::EPSILON))), (2, MANY), formula)
            }
            Self::BalancedLogLoss { eps } => {
                let formula = "mean over both classes of −mean(ln p of the class), rows divided by their sum";
                smaller("balanced_log_loss", (0.0, worst_log(*eps)), TWO, formula)
            }
            Self::KlDivergence { eps } => {
                let formula = "mean of Σ y·ln(y / p), p clipped from below";
                smaller("kl_divergence", (f64::NEG_INFINITY, worst_log(*eps)), (2, MANY), formula)
            }
            Self::LaplaceLogLikelihood { sigma_min, .. } => {
                let formula = "mean(−√2·min(|p − y|, Δ)/σ − ln(√2·σ)), confidence σ floored";
                let best = -(std::f64::consts::SQRT_2 * sigma_min).ln();
                larger("laplace_log_likelihood", (f64::NEG_INFINITY, best), TWO, formula)
            }
            Self::MeanAngularError => {
                let formula = "mean angle in radians between the true and the predicted direction";
                smaller("mean_angular_error", (0.0, std::f64::consts::PI), TWO, formula)
            }
            Self::HaversineP50P95Mean => {
                let formula = "mean over the groups of the middle of the 50th and 95th percentile of the distance in m";
                smaller("haversine_p50_p95_mean", ABOVE, TWO, formula)
            }
            Self::MapAtK { repeats, .. } => {
                let most = if *repeats == crate::lists::Repeats::Once { 1.0 } else { INFINITE };
                larger("map_at_k", (0.0, most), ONE, "mean of the average precision of the first k labels")
            }
            Self::NdcgAtK { .. } => {
                larger("ndcg_at_k", UNIT, ONE, "mean of 1 / log₂(1 + place of y), 0 beyond place k")
            }
            Self::MeanF1PerRow { .. } => {
                larger("mean_f1_per_row", UNIT, ONE, "mean over the rows of 2·|p ∩ y| / (|p| + |y|)")
            }
            Self::MicroF1OfSets { .. } => {
                larger("micro_f1_of_sets", UNIT, ONE, "2·TP / (2·TP + FP + FN), counts of all rows added up")
            }
            Self::JaccardWords { .. } => {
                larger("jaccard_words", UNIT, ONE, "mean over the rows of |p ∩ y| / |p ∪ y|, sets of lower-case words")
            }
            Self::LevenshteinMean => {
                smaller("levenshtein_mean", ABOVE, ONE, "mean number of letters inserted, deleted or replaced")
            }
            Self::TokenErrorRate => {
                let formula = "numbers inserted, deleted or replaced, over all true numbers";
                smaller("token_error_rate", ABOVE, ONE, formula)
            }
            Self::CharSpanMicroF1 { .. } => {
                let formula = "2·TP / (2·TP + FP + FN) of characters, counts of all rows added up";
                larger("char_span_micro_f1", UNIT, ONE, formula)
            }
            Self::KendallTau => larger("kendall_tau", SIGNED, ONE, "1 − 4·Σ inversions / Σ n·(n − 1)"),
            Self::MeanRowSpearman { .. } => {
                larger("mean_row_spearman", SIGNED, ONE, "mean over the rows of Spearman's rank correlation")
            }
            Self::Dice { .. } => larger("dice", UNIT, ONE, "mean over the rows of 2·|p ∩ y| / (|p| + |y|) in pixels"),
            Self::MaskFbeta { .. } => {
                let formula = "mean over the rows of (1 + β²)·P·R / (β²·P + R) of pixels";
                larger("mask_fbeta", UNIT, ONE, formula)
            }
            Self::InstanceFbeta { .. } => {
                let formula = "mean over images and IoU thresholds of (1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP)";
                larger("instance_fbeta", UNIT, ONE, formula)
            }
            Self::MapIou { .. } => {
                larger("map_iou", UNIT, ONE, "mean over images and IoU thresholds of TP / (TP + FP + FN)")
            }
            Self::DiceHausdorff { .. } => {
                let formula = "weighted sum of the mean Dice and of 1 − the mean Hausdorff distance";
                larger("dice_hausdorff", UNIT, ONE, formula)
            }
            Self::VocDetectionMap { .. } => {
                let formula = "mean over the classes of the area under the precision-recall curve of their boxes";
                larger("voc_detection_map", UNIT, ONE, formula)
            }
            Self::PointInBoxF1 { .. } => {
                let formula = "2·TP / (2·TP + FP + FN) of points, counts of all pages added up";
                larger("point_in_box_f1", UNIT, ONE, formula)
            }
            Self::GameOfLifeError { .. } => {
                let formula = "share of cells that differ once the predicted board has been stepped forward";
                smaller("game_of_life_error", UNIT, (1, MANY), formula)
            }
            Self::Python { direction, least, most, .. } => Facts {
                name: "python",
                direction: *direction,
                range: (*least, *most),
                targets: (1, MANY),
                formula: "score(answers, submission) of a Python file beside the spec",
            },
        }
    }
}

/// The largest −ln of a number clipped by `eps`, with room for the rounding of 1 − (1 − ε).
fn worst_log(eps: f64) -> f64 {
    -(eps * 0.9).ln()
}
