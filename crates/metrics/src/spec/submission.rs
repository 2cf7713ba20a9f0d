//! `[submission]`: what a submission looks like, and what is checked.

use serde::{Deserialize, Serialize};

/// The layout of a submission.
///
/// The first three fields say it all for most competitions: one row an id, columns found by name, nothing else in the
/// file. The others state exceptions; each default is the strict reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionSpec {
    /// The columns that name a row.
    pub id_columns: Vec<String>,
    /// The predicted columns. Empty: every column of the answers that has no other role.
    pub target_columns: Vec<String>,
    /// Where no target columns are listed: those of the answers whose names begin so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_prefix: Option<String>,
    /// The head of a valid file: header and one or two rows.
    pub sample: Vec<String>,
    /// How rows find theirs in the answers.
    #[serde(default)]
    pub rows: RowMatching,
    /// When two ids are the same.
    #[serde(default)]
    pub ids: IdMatching,
    /// Where the id column is.
    #[serde(default)]
    pub id_place: IdPlace,
    /// How predicted columns find theirs in the answers.
    #[serde(default)]
    pub columns: ColumnMatching,
    /// What happens to columns that are not asked for.
    #[serde(default)]
    pub surplus: SurplusColumns,
    /// Columns that must be there, and are not looked at.
    #[serde(default)]
    pub unused_columns: Vec<String>,
    /// Columns that may be there, and are not looked at.
    #[serde(default)]
    pub optional_columns: Vec<String>,
    /// What a blank prediction is.
    #[serde(default)]
    pub blank: BlankCells,
    /// What kind of labels is predicted, where labels are.
    #[serde(default)]
    pub labels: LabelKind,
    /// The numbers that may be predicted; if left out, those that the metric is defined on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// What the predictions of a row add up to.
    #[serde(default)]
    pub row_sum: Option<RowSum>,
    /// Most rows of one id, where it may have several; most items of one cell that holds a list.
    #[serde(default)]
    pub most: Option<usize>,
}

impl SubmissionSpec {
    /// One row an id, columns found by name, nothing else.
    #[must_use]
    pub fn new(ids: &[&str], targets: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            id_columns: owned(ids),
            target_columns: owned(targets),
            target_prefix: None,
            sample: Vec::new(),
            rows: RowMatching::default(),
            ids: IdMatching::default(),
            id_place: IdPlace::default(),
            columns: ColumnMatching::default(),
            surplus: SurplusColumns::default(),
            unused_columns: Vec::new(),
            optional_columns: Vec::new(),
            blank: BlankCells::default(),
            labels: LabelKind::default(),
            limits: None,
            row_sum: None,
            most: None,
        }
    }
}

/// How the rows of a submission find theirs in the answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowMatching {
    /// By id; every id of the answers is there once, and no other.
    #[default]
    ById,
    /// By id; ids repeat, and the k-th row of an id is matched with its k-th row in the answers.
    Repeated,
    /// By id; an id has one row or several, which together are its prediction, in the file's order.
    Grouped,
    /// As [`Grouped`](Self::Grouped), but ids may be missing (nothing is predicted) or unknown (they are scored against
    /// nothing), as long as there are as many rows as answers.
    GroupedLoosely,
    /// By id; rows may be left out, and are then not scored.
    Subset,
    /// By position; the ids must be those of the answers, row for row.
    InOrder,
    /// By position; the ids must be those of the answers, in any order.
    ByPosition,
    /// By position once both files are sorted by their ids as text; ids are numbers and need only agree to 1 part in
    /// 100,000.
    Nearly,
}

/// When an id of the submission is that of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdMatching {
    /// As numbers if all ids of the answers are numbers, no two of them the same; otherwise as the text written.
    #[default]
    Numbers,
    /// As a data frame shows them: whole numbers without leading zeros, other numbers as the shortest decimal, but
    /// never a whole number for one with a decimal point.
    Printed,
}

/// Where the id column is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdPlace {
    /// Anywhere, found by its name.
    #[default]
    Anywhere,
    /// It has its name, and is the first column.
    First,
    /// It is the first column, whatever its name.
    FirstUnnamed,
    /// It is at the place that it has in the answers.
    InPlace,
}

/// How predicted columns find theirs in the answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnMatching {
    /// By name.
    #[default]
    ByName,
    /// The names must be right, but the n-th column after the id is compared with the n-th of the answers.
    ByPosition,
}

/// What happens to columns that are not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurplusColumns {
    /// They make the submission invalid.
    #[default]
    Rejected,
    /// Nothing.
    Ignored,
}

/// What a blank cell is where a number or a label is predicted. Lists, masks, boxes and texts may be empty, unless
/// [`Rejected`](Self::Rejected) is asked for by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlankCells {
    /// An error for numbers and for labels that are numbers; a wrong label, an empty list or mask.
    #[default]
    Default,
    /// An error.
    Rejected,
    /// A wrong label.
    Wrong,
    /// A row that is not scored (in its column).
    Skipped,
    /// The lowest rank.
    Lowest,
    /// The highest rank.
    Highest,
}

/// What kind of labels is predicted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    /// Numbers, compared by value, if every true label is one; otherwise text, compared as written.
    #[default]
    Inferred,
    /// Whole numbers; others are errors.
    Whole,
    /// Text as written.
    Text,
    /// Text as a data frame shows it: a column of whole numbers without leading zeros, one of other numbers as the
    /// shortest decimals, anything else as written.
    Printed,
    /// Text as written; a column of nothing but numbers is an error.
    Words,
    /// As a data frame compares columns: numbers by value, texts as written, a column of numbers never equal to one of
    /// texts; a whole number beyond 64 bits makes its column one of texts.
    Parsed,
}

/// The numbers that may be predicted: any finite one but for these limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<f64>,
    /// Predictions must be larger than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
}

/// What the predictions of a row add up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowSum {
    /// The sum.
    pub is: f64,
    /// How far it may be off.
    pub within: f64,
}
