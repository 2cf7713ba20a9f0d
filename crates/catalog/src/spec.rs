//! The spec of a competition: the schema of `competition.toml`.
//!
//! The keys are those of the project's fact sheets: base facts at the top, then `[metric]`, `[submission]`,
//! `[leaderboard]` and `[prepare]`. Unknown keys are errors.

use mledojo_metrics::{Direction, Metric};
use serde::{Deserialize, Serialize};

/// What kind of data a competition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Modality {
    Tabular,
    Image,
    Text,
    TimeSeries,
    Signal,
    Multimodal,
    Audio,
    Molecular,
    #[serde(rename = "3d")]
    ThreeDimensional,
}

/// What is to be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Task {
    BinaryClassification,
    MulticlassClassification,
    MultilabelClassification,
    Regression,
    Forecasting,
    Segmentation,
    Detection,
    Generation,
    SequenceLabeling,
    Ranking,
    Recommendation,
    Matching,
    Other,
}

/// The whole of `competition.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Name in lower case, digits and hyphens: unique in a catalog, also the folder's name.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// Where the task or its data is described.
    pub url: String,
    /// Named sets that the competition belongs to.
    pub suites: Vec<String>,
    /// Who made the data or the competition.
    pub host: String,
    /// Terms of the data.
    pub license: String,
    /// Free-form tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Kind of data.
    pub modality: Modality,
    /// Kind of prediction.
    pub task: Task,
    /// Size of `public/` in megabytes (10⁶ bytes), about.
    pub data_size_mb: f64,
    /// How submissions are scored.
    pub metric: MetricSpec,
    /// What a submission looks like.
    pub submission: SubmissionSpec,
    /// What the leaderboard is made of.
    pub leaderboard: LeaderboardSpec,
    /// How `public/` and `private/` are made.
    pub prepare: PrepareSpec,
}

/// `[metric]`: which formula, and which way is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricSpec {
    /// The formula and its parameters (`name`, `params`).
    #[serde(flatten)]
    pub metric: Metric,
    /// Which way is better; checked against the formula.
    pub direction: Direction,
}

/// `[submission]`: the columns of the submission and of the answers, which have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionSpec {
    /// The column that names a row. One column today.
    pub id_columns: Vec<String>,
    /// The predicted columns; several for one probability per class.
    pub target_columns: Vec<String>,
    /// The head of a valid file: header and one or two rows.
    pub sample: Vec<String>,
}

/// `[leaderboard]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderboardSpec {
    /// Who stands on the board.
    pub entrants: Entrants,
}

/// Who stands on a leaderboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entrants {
    /// Teams of people on Kaggle.
    People,
    /// Reference models of ours: the board says how strong a pipeline is, not how strong a person.
    ReferenceModels,
}

/// `[prepare]`: a bundled data set inside one of the runtime's packages, and how it is split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareSpec {
    /// How the source files are read and what is written.
    pub layout: Layout,
    /// Files of the runtime's packages, relative to `site-packages`.
    pub sources: Vec<Source>,
    /// Names of the columns of the source, in its order; the targets included.
    pub columns: Vec<String>,
    /// Share of the rows (or, for a series, of the latest time steps) that become the test set; 0 < f < 1.
    pub test_fraction: f64,
    /// Files and folders of `site-packages` that hold the answers, or copies of them: empty in the sandbox.
    pub masked: Vec<String>,
}

/// How a bundled data set is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Rows in any order; `train.csv` and `test.csv`.
    Table,
    /// Rows of pixels and a label; PNG files in `train/` and `test/`, and tables that name them.
    Images,
    /// Rows in order of time; the last ones are the test set.
    Series,
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Path below `site-packages`.
    pub path: String,
    /// SHA-256 of the file in hex: other bytes would make another competition.
    pub sha256: String,
}
