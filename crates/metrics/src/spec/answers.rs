//! `[answers]`: what the answers file holds, where it is not laid out as a submission is.

use serde::{Deserialize, Serialize};

use super::filter::RowFilter;

/// The columns of the answers, and which of their rows count.
///
/// Every field may be left out. Columns that a metric's parameters name (weights, groups) need not be listed; columns
/// that nothing names are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswersSpec {
    /// The columns that name a row; empty: those of a submission.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_columns: Vec<String>,
    /// The columns with the truth; empty: those of a submission.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_columns: Vec<String>,
    /// Which rows are scored; all of them if left out. Predictions for the others must be there, but may be blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<RowFilter>,
}
