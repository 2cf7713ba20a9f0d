//! The spec of a competition: the schema of `competition.toml`.
//!
//! The keys are those of the project's fact sheets: base facts at the top, then `[metric]`, `[submission]`,
//! `[leaderboard]` and `[prepare]`. Unknown keys are errors.

use std::path::{Component, Path};

use mledojo_metrics::spec::{AnswersSpec, Changes};
use mledojo_metrics::{Grading, MetricSpec, SubmissionSpec};
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

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
    /// What the answers look like, where they differ from a submission.
    #[serde(default)]
    pub answers: AnswersSpec,
    /// What protocol `mle-dojo` changes in the three tables above.
    #[serde(default, rename = "mle-dojo")]
    pub mle_dojo: Changes,
    /// What the leaderboard is made of.
    pub leaderboard: LeaderboardSpec,
    /// How `public/` and `private/` are made.
    pub prepare: PrepareSpec,
}

impl Spec {
    /// Reads a spec; `file` names it in errors.
    pub(crate) fn parse(text: &str, file: &str) -> Result<Self, CatalogError> {
        let invalid = |message: String| CatalogError::Invalid { file: file.to_owned(), message };
        let spec: Self = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        spec.check().map_err(|(key, message)| invalid(format!("key `{key}`: {message}")))?;
        Ok(spec)
    }

    /// Whether a text can be a slug: ASCII letters, digits and single hyphens, as Kaggle's are.
    #[must_use]
    pub fn is_slug(text: &str) -> bool {
        !text.is_empty()
            && text.len() <= 120
            && text.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }

    /// The tables that say how submissions are graded.
    #[must_use]
    pub fn grading(&self) -> Grading {
        Grading {
            metric: self.metric.clone(),
            submission: self.submission.clone(),
            answers: self.answers.clone(),
            mle_dojo: self.mle_dojo.clone(),
        }
    }

    /// What the types cannot say. The error is (key, message).
    fn check(&self) -> Result<(), (String, String)> {
        if !Self::is_slug(&self.slug) {
            return Err(("slug".to_owned(), format!("`{}` is not made of letters, digits and hyphens", self.slug)));
        }
        self.grading().check().map_err(|error| (error.key, error.message))?;
        let header = [self.submission.id_columns.as_slice(), self.submission.target_columns.as_slice()].concat();
        if self.submission.sample.first() != Some(&header.join(",")) {
            return Err(("submission.sample".to_owned(), format!("the first line must be `{}`", header.join(","))));
        }
        if !(self.prepare.test_fraction > 0.0 && self.prepare.test_fraction < 1.0) {
            return Err((
                "prepare.test_fraction".to_owned(),
                "expected a number between 0 and 1, both excluded".to_owned(),
            ));
        }
        if self.prepare.sources.is_empty() {
            return Err(("prepare.sources".to_owned(), "expected at least one file".to_owned()));
        }
        let below = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if let Some(source) = self.prepare.sources.iter().find(|source| !below(&source.path)) {
            return Err((
                "prepare.sources.path".to_owned(),
                format!("`{}` is not a plain path below a folder", source.path),
            ));
        }
        Ok(())
    }
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

/// `[prepare]`: the files that a data set is made from, and how it is split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareSpec {
    /// How the source files are read and what is written.
    pub layout: Layout,
    /// The files, side by side.
    pub sources: Vec<Source>,
    /// Names of the columns of the sources, side by side in their order; the target included.
    pub columns: Vec<String>,
    /// The column of the source that is to be predicted.
    pub target: String,
    /// What the target's codes 0, 1, 2 … are called in the tables; empty: the source's values stay. With several
    /// target columns, the one at the same place is 1 in the answers' rows of that class.
    #[serde(default)]
    pub labels: Vec<String>,
    /// For images: how the columns other than the target become a picture, row by row of pixels.
    #[serde(default)]
    pub image: Option<ImageSpec>,
    /// Share of the rows (or, for a series, of the latest time steps) that become the test set; 0 < f < 1.
    pub test_fraction: f64,
    /// Files and folders of `site-packages` that hold the answers, or copies of them: empty in the sandbox.
    #[serde(default)]
    pub masked: Vec<String>,
}

/// How a data set is laid out.
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

/// Where a source file lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// In a package of the runtime.
    #[default]
    Package,
    /// In the competition's own folder.
    Competition,
}

/// One file that the data is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Path below `site-packages`, or below the competition's folder.
    pub path: String,
    /// Which of the two.
    #[serde(default, rename = "from")]
    pub origin: Origin,
    /// SHA-256 of the file in hex: other bytes would make another competition.
    pub sha256: String,
    /// Lines before the first row.
    #[serde(default)]
    pub header_lines: usize,
    /// What stands between two cells, one ASCII character.
    #[serde(default = "comma")]
    pub separator: char,
}

fn comma() -> char {
    ','
}

/// Grayscale images whose pixels are the columns of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// Pixels a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// The source's value for white; 0 is black.
    pub white: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_what_kaggle_allows() {
        for good in ["iris", "AI4Code", "tabular-playground-series-dec-2021", "3d"] {
            assert!(Spec::is_slug(good), "{good}");
        }
        for bad in ["", "-", "a--b", "a/b", "..", "a b", "a\n", "ü"] {
            assert!(!Spec::is_slug(bad), "{bad:?}");
        }
    }
}
