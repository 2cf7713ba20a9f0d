//! `[prepare]` and `[download]`: where the data comes from.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

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

impl PrepareSpec {
    /// What the types cannot say. The error is (key, message).
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let error = |key: &str, message: String| Err((format!("prepare.{key}"), message));
        if !(self.test_fraction > 0.0 && self.test_fraction < 1.0) {
            return error("test_fraction", "expected a number between 0 and 1, both excluded".to_owned());
        }
        if self.sources.is_empty() {
            return error("sources", "expected at least one file".to_owned());
        }
        let below = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if let Some(source) = self.sources.iter().find(|source| !below(&source.path)) {
            return error("sources.path", format!("`{}` is not a plain path below a folder", source.path));
        }
        Ok(())
    }
}

/// `[download]`: what a user downloads, and what becomes of it.
///
/// Paths are relative; `*` and `{id}` stand for any name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadSpec {
    /// Who offers the download.
    pub source: DownloadSource,
    /// Files of the download that are read; a remark may follow a path in parentheses.
    pub raw_files: Vec<String>,
    /// Files of `public/`.
    pub public: Vec<String>,
    /// Files of `private/`, beside the boards.
    pub private: Vec<String>,
}

/// Who offers a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DownloadSource {
    /// Kaggle, to those who accepted the competition's rules.
    Kaggle,
    /// DSBench's archive of data modeling tasks.
    Dsbench,
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
