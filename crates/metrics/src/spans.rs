//! Spans of characters, as `start end` pairs separated by semicolons.

use std::collections::BTreeSet;

/// What happens to a piece that is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Malformed {
    /// It is an error.
    Rejected,
    /// It adds nothing.
    Skipped,
}

/// Why a text is no list of spans. Spans are counted from 1; none is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// A piece is not two whole numbers.
    #[error("span {span} is not two whole numbers; expected `start end` pairs separated by semicolons")]
    NotTwoNumbers {
        /// Which.
        span: usize,
    },
    /// A start lies behind its end.
    #[error("span {span} starts behind its end")]
    Backwards {
        /// Which.
        span: usize,
    },
    /// A span reaches too far to be one of characters.
    #[error("span {span} reaches beyond character {limit}")]
    TooFar {
        /// Which.
        span: usize,
        /// The largest end.
        limit: u32,
    },
}

/// The character positions from each start up to, not including, its end; blanks alone are none.
///
/// No end may lie beyond `limit` (the text's length), which bounds time and memory.
///
/// # Errors
/// If a piece is no span, unless such pieces are skipped; if a span reaches too far, in any case.
///
/// ```
/// use mledojo_metrics::spans::{Malformed, SpanError, parse};
/// assert_eq!(parse("0 2;5 6", 100, Malformed::Rejected), Ok([0, 1, 5].into()));
/// assert_eq!(parse("3 1", 100, Malformed::Rejected), Err(SpanError::Backwards { span: 1 }));
/// assert_eq!(parse("3 1; x; 5 6", 100, Malformed::Skipped), Ok([5].into()));
/// ```
pub fn parse(text: &str, limit: u32, malformed: Malformed) -> Result<BTreeSet<u32>, SpanError> {
    let mut positions = BTreeSet::new();
    if text.trim().is_empty() {
        return Ok(positions);
    }
    for (index, piece) in text.split(';').enumerate() {
        let span = index + 1;
        let mut numbers = piece.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(start)), Some(Ok(end)), None) = (numbers.next(), numbers.next(), numbers.next()) else {
            if malformed == Malformed::Skipped {
                continue;
            }
            return Err(SpanError::NotTwoNumbers { span });
        };
        if start > end {
            if malformed == Malformed::Skipped {
                continue;
            }
            return Err(SpanError::Backwards { span });
        }
        let within = |number: u64| u32::try_from(number).ok().filter(|&number| number <= limit);
        let (Some(start), Some(end)) = (within(start), within(end)) else {
            return Err(SpanError::TooFar { span, limit });
        };
        positions.extend(start..end);
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_span() {
        assert_eq!(parse("0 1;;", 9, Malformed::Rejected), Err(SpanError::NotTwoNumbers { span: 2 }));
        assert_eq!(parse("0 1 2", 9, Malformed::Rejected), Err(SpanError::NotTwoNumbers { span: 1 }));
        assert_eq!(parse("0 1; 2 99999999999", 9, Malformed::Rejected), Err(SpanError::TooFar { span: 2, limit: 9 }));
    }

    #[test]
    fn spans_merge() {
        assert_eq!(parse("1 3; 2 4; 7 7", 9, Malformed::Rejected), Ok([1, 2, 3].into()));
        assert_eq!(parse(" ", 9, Malformed::Rejected), Ok([].into()));
    }
}
