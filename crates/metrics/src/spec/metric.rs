//! The metrics by name and parameters, as a competition refers to them.

use serde::{Deserialize, Serialize};

use crate::boxes::Matching;
use crate::columns::UndefinedColumn;
use crate::cross_entropy::PairClip;
use crate::curve::{Band, BandArea};
use crate::direction::Direction;
use crate::gini::TieOrder;
use crate::lists::Repeats;
use crate::masks::Hit;
use crate::points::Inside;
use crate::regression::LogDomain;
use crate::sets::{BothEmpty, Vocabulary};
use crate::spans::Malformed;
use crate::weighted::Divisor;

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

/// What the weights of a kappa are made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KappaDistance {
    /// The labels' values; predictions must lie within the range of the true labels.
    #[default]
    Values,
    /// The labels' places in the list of all that occur.
    Places,
}

/// Which Gini coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GiniForm {
    /// 2·AUC − 1, in [−1, 1].
    Auc,
    /// (2·AUC − 1)·(1 − p)/2 with the share p of positives: the area between the concentration curve and the diagonal.
    Area,
}

/// A component of a label that is predicted row by row, named by the end of the id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What follows the id's second underscore.
    pub suffix: String,
    /// Its weight.
    pub weight: f64,
}

/// Where the weights of the rows come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum RowWeights {
    /// A column of numbers.
    Column {
        /// A column of the answers.
        column: String,
    },
    /// A column of truth values, and a weight for either.
    Flag {
        /// A column of the answers.
        flag: String,
        /// Weight where it is true.
        yes: f64,
        /// Weight where it is not.
        no: f64,
        /// Whether all rows weigh `no` if there is no such column.
        optional: bool,
    },
    /// By the number after the id's underscore: up to `first`, one column's weight, beyond it another one's.
    Index {
        /// The last index of the first column.
        first: u32,
        /// The last index of all.
        last: u32,
        /// Column of the weight up to `first`.
        column: String,
        /// Column of the weight beyond it.
        then: String,
    },
}

/// How a row of class probabilities is made to sum to 1, and kept from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowScaling {
    /// Divided by its sum, then clipped. A row of zeros is an error.
    #[default]
    Strict,
    /// Divided by its sum, then clipped; a sum of 0 counts as 1.
    ScaleThenClip,
    /// Clipped, then divided by its sum.
    ClipThenScale,
    /// Clipped, divided by its sum, and clipped to double the machine's precision.
    ClipScaleClip,
    /// Clipped only: rows need not sum to 1.
    Clip,
}

/// What an overlap is measured between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IouCells {
    /// One run-length encoded mask an image.
    Masks,
    /// Boxes with confidences.
    Boxes,
}

/// What the distance of two masks is measured on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum MaskDistance {
    /// A canvas of one size for all, row by row.
    Canvas {
        /// Rows of pixels.
        height: u32,
        /// Columns of pixels.
        width: u32,
    },
    /// Images of their own sizes; all slices of a case are one volume.
    Volumes {
        /// Column of the answers with the rows of pixels.
        height_column: String,
        /// Column of the answers with the columns of pixels.
        width_column: String,
    },
}

/// A metric and its parameters.
///
/// Each variant refers to the formula of its name, documented there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)] // parameters are documented with their types and formulas
pub enum Metric {
    /// Share of rows whose label is right.
    Accuracy,
    /// Share of rows whose label is right, times `scale`.
    ExactMatch { scale: f64 },
    /// Share of rows whose first label is not the true one.
    TopKError { k: usize },
    /// Mean recall over the classes present in the answers.
    BalancedAccuracy,
    /// Harmonic mean of precision and recall.
    F1 { average: Average },
    /// Matthews correlation coefficient.
    Mcc,
    /// Cohen's kappa with quadratic weights over integer labels.
    QuadraticWeightedKappa {
        #[serde(default)]
        distance: KappaDistance,
    },
    /// Weighted mean of the macro recalls of a label's components.
    HierarchicalMacroRecall { components: Vec<Component> },

    /// Area under the ROC curve of one score column.
    RocAuc,
    /// Gini coefficient of one score column.
    Gini { form: GiniForm },
    /// Gini coefficient over that of a perfect prediction.
    NormalizedGini { ties: TieOrder },
    /// Area under the ROC curve with weights for bands of true positive rates.
    #[serde(alias = "alaska_weighted_auc", alias = "tpr_weighted_roc_auc")]
    WeightedRocAuc { bands: Vec<Band>, area: BandArea },
    /// Area under the ROC curve, overall and in subgroups of the rows.
    BiasWeightedAuc { identities: Vec<String>, threshold: f64, weight: f64, power: f64 },
    /// Binary cross-entropy of one probability column.
    LogLoss {
        #[serde(default = "small")]
        eps: f64,
        #[serde(default = "prediction")]
        clip: PairClip,
    },

    /// Root mean squared error, of all target columns together.
    Rmse,
    /// Mean squared error.
    Mse,
    /// Mean absolute error, of all target columns together.
    Mae,
    /// Median absolute error.
    MedianAe,
    /// Root mean squared error of `ln(1 + x)`, of all target columns together.
    Rmsle {
        #[serde(default = "strict")]
        domain: LogDomain,
    },
    /// Root mean squared percentage error, over the rows whose truth is not 0.
    Rmspe,
    /// Coefficient of determination.
    R2,
    /// Mean absolute percentage error, as a fraction.
    Mape,
    /// Symmetric mean absolute percentage error, in percent (0 to 200).
    Smape,
    /// Pearson's correlation.
    Pearson,
    /// Spearman's rank correlation.
    Spearman,
    /// Weighted mean absolute error.
    Wmae { weights: RowWeights, divisor: Divisor },
    /// Mean over groups of the logarithm of the mean absolute error.
    MeanGroupLogMae { group: String, floor: f64 },

    /// Mean over the columns of the root mean squared error.
    Mcrmse,
    /// Mean over the columns of the root mean squared error of `ln(1 + x)`.
    #[serde(alias = "mean_column_rmsle")]
    Mcrmsle {
        #[serde(default = "strict")]
        domain: LogDomain,
    },
    /// Mean over the columns of the area under the ROC curve.
    MeanColumnRocAuc {
        #[serde(default = "propagates")]
        undefined: UndefinedColumn,
        /// Columns that count 0 beside the target columns.
        #[serde(default)]
        zeros: usize,
        /// What a column counts that holds a cell that is no number; an error if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unreadable: Option<f64>,
    },
    /// Mean over the columns of Spearman's rank correlation.
    MeanColumnSpearman {
        #[serde(default = "propagates")]
        undefined: UndefinedColumn,
    },
    /// Mean over the columns of the average precision.
    MeanAveragePrecision,
    /// Label-weighted label-ranking average precision.
    Lwlrap,

    /// Cross-entropy of one probability column per class.
    MulticlassLogLoss {
        #[serde(default = "small")]
        eps: f64,
        #[serde(default)]
        rows: RowScaling,
    },
    /// Mean of the cross-entropies of the rows of class 0 and of class 1.
    BalancedLogLoss { eps: f64 },
    /// Kullback-Leibler divergence of the true shares from the predicted ones.
    KlDivergence { eps: f64 },

    /// Log likelihood of values under Laplace distributions; two target columns: value and confidence.
    LaplaceLogLikelihood {
        sigma_min: f64,
        error_max: f64,
        /// The confidence that a blank one stands for; an error if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blank_confidence: Option<f64>,
    },
    /// Mean angle between directions; two target columns: azimuth and zenith.
    MeanAngularError,
    /// Mean over groups of the middle of the 50th and 95th percentiles of distances; two target columns: latitude and
    /// longitude in degrees. The group is the first id column.
    HaversineP50P95Mean,

    /// Mean average precision of lists cut at k.
    MapAtK { k: usize, repeats: Repeats },
    /// Normalised discounted cumulative gain at k of the one true label.
    NdcgAtK { k: usize },
    /// Mean over the rows of the F1 of sets.
    MeanF1PerRow { both_empty: BothEmpty },
    /// F1 of sets, their counts added up.
    MicroF1OfSets { vocabulary: Vocabulary },
    /// Mean over the rows of the Jaccard similarity of the sets of lower-case words.
    JaccardWords { both_empty: BothEmpty },
    /// Mean Levenshtein distance of texts.
    LevenshteinMean,
    /// Levenshtein distances of lists of whole numbers over their true lengths.
    TokenErrorRate,
    /// F1 of character positions, counts added up.
    CharSpanMicroF1 { malformed: Malformed },
    /// Kendall's tau of orders, inversions added up.
    KendallTau,
    /// Mean over the rows of Spearman's correlation of lists of whole numbers.
    MeanRowSpearman {
        /// Whether a list must be a permutation of the true one.
        #[serde(default)]
        permutations: bool,
    },

    /// Mean over the rows of Dice's coefficient of masks.
    Dice { both_empty: f64 },
    /// Mean over the rows of the F-beta of masks.
    MaskFbeta { beta: f64 },
    /// Mean over the images of the F-beta of several masks each, over thresholds of overlap.
    InstanceFbeta { beta: f64, thresholds: Vec<f64>, hit: Hit, pixels: u64, single_precision: bool },
    /// Mean over the images of the precision over thresholds of overlap.
    MapIou {
        cells: IouCells,
        thresholds: Vec<f64>,
        hit: Hit,
        /// Pixels of an image, for masks.
        #[serde(default)]
        pixels: u64,
        /// What a short last group does, for boxes.
        #[serde(default = "rejected")]
        short_group: Malformed,
    },
    /// Weighted sum of Dice's coefficient and one minus the Hausdorff distance of masks.
    DiceHausdorff {
        dice_weight: f64,
        distance_weight: f64,
        distance: MaskDistance,
        /// Dice and distance of two empty masks; such rows do not count if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        both_empty: Option<(f64, f64)>,
    },
    /// Mean over the classes of the average precision of boxes.
    #[serde(alias = "detection_voc_map")]
    VocDetectionMap {
        threshold: f64,
        hit: Hit,
        matching: Matching,
        epsilon: f64,
        /// Whether classes are whole numbers.
        numbered: bool,
        /// What a group that is no box does.
        malformed: Malformed,
        /// Whether a short last group makes the cell empty, where malformed groups are skipped.
        #[serde(default)]
        whole_cells: bool,
    },
    /// F1 of labelled points that should lie in labelled boxes.
    PointInBoxF1 { inside: Inside },

    /// Share of cells in which the predicted first boards, stepped forward, differ from the last ones.
    GameOfLifeError {
        /// Cells of a row.
        width: usize,
        /// Column of the answers with the number of steps.
        steps: String,
        /// What the columns of the last board begin with.
        stop_prefix: String,
    },

    /// A formula of a user's own, in a Python file. This crate only knows of it: whoever can run Python computes it.
    #[serde(skip)]
    Python {
        file: String,
        direction: Direction,
        /// The smallest value.
        least: f64,
        /// The largest value.
        most: f64,
    },
}

fn small() -> f64 {
    crate::probability::CLIP
}

fn prediction() -> PairClip {
    PairClip::Prediction
}

fn strict() -> LogDomain {
    LogDomain::Strict
}

fn rejected() -> Malformed {
    Malformed::Rejected
}

fn propagates() -> UndefinedColumn {
    UndefinedColumn::Propagates
}

impl Metric {
    /// The usual log loss: p clipped to [1e-15, 1 − 1e-15].
    pub const LOG_LOSS: Self = Self::LogLoss { eps: crate::probability::CLIP, clip: PairClip::Prediction };
    /// The usual multiclass log loss: rows are divided by their sums, then clipped to [1e-15, 1 − 1e-15].
    pub const MULTICLASS_LOG_LOSS: Self =
        Self::MulticlassLogLoss { eps: crate::probability::CLIP, rows: RowScaling::Strict };
    /// RMSLE of numbers above −1.
    pub const RMSLE: Self = Self::Rmsle { domain: LogDomain::Strict };
    /// Quadratic weighted kappa by the labels' values.
    pub const KAPPA: Self = Self::QuadraticWeightedKappa { distance: KappaDistance::Values };
}
