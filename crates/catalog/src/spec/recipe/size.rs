//! How large a part of a split is.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The size of a part: a share (`0.1`), a number of rows (`40`), or a number that follows from the download (a table).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Size {
    /// A number of rows.
    Rows(usize),
    /// A share of the rows, between 0 and 1.
    Share(f64),
    /// Something else.
    Of(SizeOf),
}

/// A size that follows from the download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SizeOf {
    /// A number of rows where the table has as many as Kaggle's, and the same share of a smaller one. Under protocol
    /// `mle-dojo` the number holds for every table that has more rows than it.
    Count {
        /// The number.
        rows: usize,
        /// Rows of the table on Kaggle.
        of: usize,
    },
    /// A share that follows from the rows of another table, as a rule Kaggle's own test set. An optional table that
    /// isn't there counts as one of a share that is out of bounds.
    Ratio {
        /// The other table.
        table: String,
        /// A column whose distinct values are counted, in place of rows, in both tables.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        distinct: Option<String>,
        /// The table that it is held against; the one that is split unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        against: Option<String>,
        /// What its rows are divided by.
        over: Share,
        /// The shares that count, written as an interval: `"(0.05, 1)"`, `"[0.05, 1]"`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<String>,
        /// The share in all other cases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<f64>,
    },
    /// As many rows as another table has.
    RowsOf(String),
}

/// What the rows of the other table are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Share {
    /// The rows of the table that is split, or of `against`.
    Train,
    /// The rows of both.
    Both,
}

/// How a number of rows with a fraction becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// To the next lower.
    Down,
    /// To the next higher.
    Up,
    /// To the nearest; halves to the even one, as Python does.
    HalfEven,
}

impl SizeOf {
    /// Whether a share counts: the interval as written in `within`, or every number from 0 to 1, both excluded.
    ///
    /// # Errors
    /// What is wrong with the interval.
    pub fn counts(within: Option<&str>, share: f64) -> Result<bool, String> {
        let text = within.unwrap_or("(0, 1)").trim();
        let wrong = || format!("`{text}` is no interval; expected something like \"(0.05, 1)\" or \"[0.05, 1]\"");
        let inner = text.get(1..text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let (low, high) = inner.split_once(',').ok_or_else(wrong)?;
        let low: f64 = low.trim().parse().map_err(|_| wrong())?;
        let high: f64 = high.trim().parse().map_err(|_| wrong())?;
        let above = match text.as_bytes()[0] {
            b'(' => share > low,
            b'[' => share >= low,
            _ => return Err(wrong()),
        };
        let below = match text.as_bytes()[text.len() - 1] {
            b')' => share < high,
            b']' => share <= high,
            _ => return Err(wrong()),
        };
        Ok(above && below)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;
        impl<'de> Visitor<'de> for SizeVisitor {
            type Value = Size;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .write_str("a share such as 0.1, a number of rows, or a table with `count`, `ratio` or `rows-of`")
            }

            fn visit_i64<E: Error>(self, rows: i64) -> Result<Size, E> {
                usize::try_from(rows).map(Size::Rows).map_err(|_| E::custom("a number of rows is 0 or more"))
            }

            fn visit_u64<E: Error>(self, rows: u64) -> Result<Size, E> {
                usize::try_from(rows).map(Size::Rows).map_err(|_| E::custom("too many rows"))
            }

            fn visit_f64<E: Error>(self, share: f64) -> Result<Size, E> {
                if share > 0.0 && share < 1.0 {
                    return Ok(Size::Share(share));
                }
                Err(E::custom("a share lies between 0 and 1"))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Size, A::Error> {
                SizeOf::deserialize(MapAccessDeserializer::new(map)).map(Size::Of)
            }
        }
        deserializer.deserialize_any(SizeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_open_or_closed_as_written() {
        for (within, share, counts) in [
            (None, 0.0, false),
            (None, 0.5, true),
            (None, 1.0, false),
            (Some("(0.05, 1)"), 0.05, false),
            (Some("[0.05, 1]"), 0.05, true),
            (Some("[0.05, 1]"), 1.0, true),
            (Some("(0,1]"), 1.0, true),
            (Some("[0.05, 1]"), 1.01, false),
        ] {
            assert_eq!(SizeOf::counts(within, share), Ok(counts), "{within:?} {share}");
        }
        for bad in ["", "0.05, 1", "(0.05; 1)", "(a, 1)", "{0, 1}", "(0, 1"] {
            assert!(SizeOf::counts(Some(bad), 0.5).is_err(), "{bad}");
        }
    }
}
