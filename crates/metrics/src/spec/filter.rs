//! Which rows of the answers are scored.

use serde::{Deserialize, Serialize};

/// A condition on a row of the answers. In TOML: `scored = { column = "u_out", is = 0 }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum RowFilter {
    /// Any row (`scored = "all"`), where a protocol lifts the condition of another.
    Any(AnyRow),
    /// The column holds this number.
    Is {
        /// A column of the answers; `True` is 1.
        column: String,
        /// The number.
        is: f64,
    },
    /// The column holds a larger number.
    Above {
        /// A column of the answers.
        column: String,
        /// The number.
        above: f64,
    },
    /// The true values of the row do not add up to less than 0 (`targets = "not-negative"`), or are not blank
    /// (`targets = "present"`).
    Targets {
        /// What they must be.
        targets: TargetCondition,
    },
    /// The row is among the last ones of its group whose true values are not blank; rows are in order of the whole
    /// number after the id's last underscore.
    Last {
        /// How many rows of a group.
        last: usize,
        /// The column of the answers that names the group.
        of: String,
    },
}

/// No condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnyRow {
    /// All rows.
    All,
}

/// What the true values of a scored row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetCondition {
    /// None is blank.
    Present,
    /// Their sum is at least 0.
    NotNegative,
}
