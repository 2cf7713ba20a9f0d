//! Data, task and complexity as words.

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

/// How hard a competition is for an engineer, by MLE-bench's estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Complexity {
    /// Two hours without training.
    Low,
    /// Two to ten hours.
    Medium,
    /// More than ten hours.
    High,
}
