//! Why a submission is not scored: start with [`Rejection`].
//!
//! Messages are written for whoever made the file, a person or an agent. They quote the file itself and ids, and never
//! a value of the answers.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Value, json};

use crate::offenders::{EXAMPLES, excerpt, quoted};
pub use crate::offenders::{Examples, Offender, Offenders};
use crate::table::TableError;

/// Why a submission is not scored.
///
/// `Display` is a message of one line. `Serialize` gives `{"kind": …, "message": …, "details": {…}}`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The file is no table.
    #[error("the submission is unreadable: {0}")]
    Unreadable(#[from] TableError),
    /// Columns that the competition asks for are not there.
    #[error("{}", missing_columns(.missing, .found))]
    MissingColumns {
        /// The columns, with the column of the file that may be meant.
        missing: Vec<MissingColumn>,
        /// The file's columns.
        found: Vec<String>,
    },
    /// Columns that the competition does not ask for.
    #[error("{}", surplus_columns(.surplus, .expected))]
    SurplusColumns {
        /// The columns.
        surplus: Vec<String>,
        /// The columns that belong in a submission.
        expected: Vec<String>,
    },
    /// Ids that occur more than once.
    #[error(
        "column `{}`: {} with the id of an earlier row; each id must occur once. First: {}",
        excerpt(.column), rows_of(.rows.count), .rows.ids()
    )]
    DuplicateIds {
        /// The id column.
        column: String,
        /// The rows that repeat an id.
        rows: Offenders,
    },
    /// Every id of the file is right, but some are not there.
    #[error(
        "column `{}`: {} expected, {} found; {} missing, such as {}",
        excerpt(.column), rows_of(*.expected), .found, ids_are(.missing.count), .missing
    )]
    MissingIds {
        /// The id column.
        column: String,
        /// Rows expected.
        expected: usize,
        /// Rows found.
        found: usize,
        /// The missing ids.
        missing: Examples,
    },
    /// Ids that the competition does not ask for; the number of rows is right, or every expected id is there too.
    #[error("{}", unknown_ids(.column, .rows, .missing))]
    UnknownIds {
        /// The id column.
        column: String,
        /// Rows expected.
        expected: usize,
        /// Rows found.
        found: usize,
        /// The rows with an unknown id.
        rows: Offenders,
        /// Ids that are missing.
        missing: Examples,
    },
    /// The number of rows differs, and so do the ids.
    #[error(
        "{} expected, {found} found, and the ids differ (column `{}`): {} not asked for ({}), {} missing, such as {}",
        rows_of(*.expected), excerpt(.column), ids_are(.rows.count), .rows.ids(), ids_are(.missing.count), .missing
    )]
    RowCount {
        /// The id column.
        column: String,
        /// Rows expected.
        expected: usize,
        /// Rows found.
        found: usize,
        /// The rows with an unknown id.
        rows: Offenders,
        /// Ids that are missing.
        missing: Examples,
    },
    /// Cells that cannot be a prediction.
    #[error("column `{}`: {} {problem}; expected {expected}. First: {rows}", excerpt(.column), rows_are(.rows.count))]
    Cells {
        /// The column.
        column: String,
        /// What is wrong with the cells.
        problem: CellProblem,
        /// What belongs there, in words.
        expected: Cow<'static, str>,
        /// The rows.
        rows: Offenders,
    },
    /// The first column is not the id column, where it must be.
    #[error("the {place} column must be the id column `{}`, but it is `{}`", excerpt(.column), excerpt(.found))]
    IdColumnPlace {
        /// The id column.
        column: String,
        /// Its place, in words.
        place: Cow<'static, str>,
        /// The column that is there.
        found: String,
    },
    /// Rows are in another order than the answers, where they are matched by position.
    #[error(
        "column `{}`: rows must have the order of the sample submission; {} at another place. First: {}",
        excerpt(.column), rows_are(.rows.count), .rows.ids()
    )]
    RowOrder {
        /// The id column.
        column: String,
        /// The rows at another place.
        rows: Offenders,
    },
    /// More rows of an id than there may be.
    #[error(
        "column `{}`: {} beyond the {} of an id. First: {}",
        excerpt(.column), rows_are(.rows.count),
        .most.map_or_else(|| "rows asked for".to_owned(), |most| format!("{most} rows allowed")), .rows.ids()
    )]
    TooManyRowsOfAnId {
        /// The id column.
        column: String,
        /// Most rows of an id; none where it differs by id.
        most: Option<usize>,
        /// The rows that are too many.
        rows: Offenders,
    },
    /// Fewer rows than there must be.
    #[error("at least {} expected, {found} found", rows_of(*.expected))]
    TooFewRows {
        /// Rows expected.
        expected: usize,
        /// Rows found.
        found: usize,
    },
    /// Cells that hold a list, a mask or another structure that cannot be read.
    #[error("column `{}`, line {}, id `{}`: {reason}{}", excerpt(.column), first_line(.rows), first_id(.rows), further(.rows))]
    Malformed {
        /// The column.
        column: String,
        /// What is wrong with the first one.
        reason: String,
        /// The rows.
        rows: Offenders,
    },
    /// Rows whose predictions do not add up.
    #[error("{} with predictions that do not add up to {is} within {within}. First: {}", rows_of(.rows.count), .rows.ids())]
    RowSum {
        /// What they must add up to.
        is: f64,
        /// How far the sum may be off.
        within: f64,
        /// The rows.
        rows: Offenders,
    },
    /// What a metric of a user's own says.
    #[error("{reason}")]
    Custom {
        /// What is wrong, in words that never tell an answer.
        reason: String,
    },
    /// Rows whose class probabilities are all zero.
    #[error("{} only zero probabilities; each row needs at least one above 0. First: {}", rows_have(.rows.count), .rows.ids())]
    ZeroProbabilities {
        /// The rows.
        rows: Offenders,
    },
}

/// A column that is not there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MissingColumn {
    /// The column's name.
    pub name: String,
    /// A column of the file whose name differs only in case, blanks or punctuation.
    pub did_you_mean: Option<String>,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CellProblem {
    /// Empty, or blanks alone.
    Blank,
    /// Text where a number belongs.
    NotANumber,
    /// NaN, an infinity, or a number beyond the range of a 64-bit float.
    NotFinite,
    /// A number outside the allowed range.
    OutOfRange,
    /// A number that is no label.
    NotALabel,
}

impl CellProblem {
    pub(crate) const ALL: [Self; 5] =
        [Self::Blank, Self::NotANumber, Self::NotFinite, Self::OutOfRange, Self::NotALabel];

    fn kind(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::NotANumber => "not_a_number",
            Self::NotFinite => "not_finite",
            Self::OutOfRange => "out_of_range",
            Self::NotALabel => "not_a_label",
        }
    }
}

impl fmt::Display for CellProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "blank",
            Self::NotANumber => "not a number",
            Self::NotFinite => "NaN, infinite or too large",
            Self::OutOfRange => "out of range",
            Self::NotALabel => "not a label",
        })
    }
}

impl Rejection {
    /// The kind of rejection as a stable name in snake case.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::MissingColumns { .. } => "missing_columns",
            Self::SurplusColumns { .. } => "surplus_columns",
            Self::DuplicateIds { .. } => "duplicate_ids",
            Self::MissingIds { .. } => "missing_ids",
            Self::UnknownIds { .. } => "unknown_ids",
            Self::RowCount { .. } => "row_count",
            Self::Cells { problem, .. } => problem.kind(),
            Self::ZeroProbabilities { .. } => "zero_probabilities",
            Self::IdColumnPlace { .. } => "id_column_place",
            Self::RowOrder { .. } => "row_order",
            Self::TooManyRowsOfAnId { .. } => "too_many_rows_of_an_id",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::Malformed { .. } => "malformed_cell",
            Self::RowSum { .. } => "row_sum",
            Self::Custom { .. } => "custom",
        }
    }

    /// The particulars, for machines.
    fn details(&self) -> Value {
        match self {
            Self::Unreadable(error) => error.details(),
            Self::MissingColumns { missing, found } => json!({ "missing": missing, "found": shortened(found) }),
            Self::SurplusColumns { surplus, expected } => {
                json!({ "surplus": shortened(surplus), "expected": expected })
            }
            Self::DuplicateIds { column, rows } => json!({ "column": column, "rows": rows }),
            Self::MissingIds { column, expected, found, missing } => {
                json!({ "column": column, "expected_rows": expected, "found_rows": found, "missing": missing })
            }
            Self::UnknownIds { column, expected, found, rows, missing }
            | Self::RowCount { column, expected, found, rows, missing } => json!({
                "column": column, "expected_rows": expected, "found_rows": found, "rows": rows, "missing": missing,
            }),
            Self::Cells { column, problem: _, expected, rows } => {
                json!({ "column": column, "expected": expected, "rows": rows })
            }
            Self::ZeroProbabilities { rows } => json!({ "rows": rows }),
            Self::IdColumnPlace { column, place, found } => {
                json!({ "column": column, "place": place, "found": excerpt(found) })
            }
            Self::RowOrder { column, rows } => json!({ "column": column, "rows": rows }),
            Self::TooManyRowsOfAnId { column, most, rows } => json!({ "column": column, "most": most, "rows": rows }),
            Self::TooFewRows { expected, found } => json!({ "expected_rows": expected, "found_rows": found }),
            Self::Malformed { column, reason, rows } => json!({ "column": column, "reason": reason, "rows": rows }),
            Self::Custom { reason } => json!({ "reason": reason }),
            Self::RowSum { is, within, rows } => json!({ "is": is, "within": within, "rows": rows }),
        }
    }
}

impl Serialize for Rejection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Rejection", 3)?;
        object.serialize_field("kind", self.kind())?;
        object.serialize_field("message", &self.to_string())?;
        object.serialize_field("details", &self.details())?;
        object.end()
    }
}

/// The columns' names, each an excerpt; the rest of a long list as a number.
fn shortened(names: &[String]) -> Vec<String> {
    const COLUMNS: usize = 20;
    let mut shown: Vec<_> = names.iter().take(COLUMNS).map(|name| excerpt(name)).collect();
    if names.len() > COLUMNS {
        shown.push(format!("… and {} more", names.len() - COLUMNS));
    }
    shown
}

fn rows_of(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn rows_are(count: usize) -> String {
    if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") }
}

fn rows_have(count: usize) -> String {
    if count == 1 { "1 row has".to_owned() } else { format!("{count} rows have") }
}

fn first_line(rows: &Offenders) -> u64 {
    rows.first.first().map_or(0, |row| row.line)
}

fn first_id(rows: &Offenders) -> &str {
    rows.first.first().map_or("", |row| &row.id)
}

/// The rows after the first one, if there are any.
fn further(rows: &Offenders) -> String {
    let lines: Vec<_> = rows.first.iter().skip(1).map(|row| row.line.to_string()).collect();
    match rows.count {
        0 | 1 => String::new(),
        2 => format!("; so is line {}", lines.join(", ")),
        count => format!("; {count} cells cannot be read, also on lines {}", lines.join(", ")),
    }
}

fn ids_are(count: usize) -> String {
    if count == 1 { "1 id is".to_owned() } else { format!("{count} ids are") }
}

fn missing_columns(missing: &[MissingColumn], found: &[String]) -> String {
    let names: Vec<_> = missing.iter().map(|column| column.name.clone()).collect();
    let verb = if let [_] = missing { "column is" } else { "columns are" };
    let mut message =
        format!("{verb} missing: {}; the file has {}", quoted(&shortened(&names)), quoted(&shortened(found)));
    for column in missing.iter().take(EXAMPLES) {
        if let Some(similar) = &column.did_you_mean {
            message += &format!("; rename `{}` to `{}`", excerpt(similar), column.name);
        }
    }
    message
}

fn surplus_columns(surplus: &[String], expected: &[String]) -> String {
    let verb = if let [_] = surplus { "column is" } else { "columns are" };
    let mut message =
        format!("{verb} not asked for: {}; expected {}", quoted(&shortened(surplus)), quoted(&shortened(expected)));
    // What pandas writes when it is not told to leave the index out.
    if surplus.iter().any(|name| name.is_empty() || name.starts_with("Unnamed: ") || name == "index") {
        message += "; write the file without a row index (pandas: index=False)";
    }
    message
}

fn unknown_ids(column: &str, rows: &Offenders, missing: &Examples) -> String {
    let mut message = format!("column `{}`: {} not asked for: {}", excerpt(column), ids_are(rows.count), rows.ids());
    if missing.count > 0 {
        message += &format!("; {} missing, such as {missing}", ids_are(missing.count));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_kind_message_and_details() {
        let mut rows = Offenders::default();
        for line in 2..7 {
            rows.push(line, "id", Some("x\0"));
        }
        let rejection = Rejection::Cells {
            column: "target".into(),
            problem: CellProblem::NotANumber,
            expected: "a finite number".into(),
            rows,
        };
        let json = serde_json::to_value(&rejection).expect("serialises");
        assert_eq!(json["kind"], "not_a_number");
        assert_eq!(json["details"]["rows"]["count"], 5);
        assert_eq!(json["details"]["rows"]["first"].as_array().map(Vec::len), Some(3));
        assert_eq!(json["details"]["rows"]["first"][0]["text"], "x\\0");
        assert_eq!(
            json["message"],
            "column `target`: 5 rows are not a number; expected a finite number. First: `x\\0` (line 2, id `id`), \
             `x\\0` (line 3, id `id`), `x\\0` (line 4, id `id`)"
        );
    }
}
