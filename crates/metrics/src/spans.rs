//! Spans of characters, as `start end` pairs separated by semicolons.

use crate::masks::Mask;

/// What happens to a piece that is no span, or to a group that is no box.
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
}

/// The character positions from each start up to, not including, its end; blanks alone are none.
///
/// Time and memory are bounded by the text's length, not by the numbers in it.
///
/// # Errors
/// If a piece is no span, unless such pieces are skipped.
///
/// ```
/// use mledojo_metrics::{masks::Mask, spans::{Malformed, SpanError, parse}};
/// assert_eq!(parse("0 2;5 6", Malformed::Rejected), Ok(Mask::from_runs([(0, 2), (5, 1)])));
/// assert_eq!(parse("3 1", Malformed::Rejected), Err(SpanError::Backwards { span: 1 }));
/// assert_eq!(parse("3 1; x; 5 6", Malformed::Skipped), Ok(Mask::from_runs([(5, 1)])));
/// ```
pub fn parse(text: &str, malformed: Malformed) -> Result<Mask, SpanError> {
    if text.trim().is_empty() {
        return Ok(Mask::default());
    }
    let mut runs = Vec::new();
    for (index, piece) in text.split(';').enumerate() {
        let span = index + 1;
        let mut numbers = piece.split_whitespace().map(str::parse::<u64>);
        let error = match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(start)), Some(Ok(end)), None) if start <= end => {
                runs.push((start, end - start));
                continue;
            }
            (Some(Ok(_)), Some(Ok(_)), None) => SpanError::Backwards { span },
            _ => SpanError::NotTwoNumbers { span },
        };
        if malformed == Malformed::Rejected {
            return Err(error);
        }
    }
    Ok(Mask::from_runs(runs))
}

/// The texts of a Python list of texts, as a data frame writes a list into a cell; `None` if the text is no list.
///
/// Elements other than texts are overlooked.
///
/// ```
/// use mledojo_metrics::spans::list_items;
/// assert_eq!(list_items("['0 2', \"5 6\"]"), Some(vec!["0 2".to_owned(), "5 6".to_owned()]));
/// assert_eq!(list_items("0 2;5 6"), None);
/// assert_eq!(list_items("[0 2]"), None);
/// ```
#[must_use]
pub fn list_items(text: &str) -> Option<Vec<String>> {
    let mut rest = text.strip_prefix('[')?;
    text.ends_with(']').then_some(())?;
    let mut items = Vec::new();
    elements(&mut rest, ']', Some(&mut items), 0)?;
    rest.trim().is_empty().then_some(items)
}

/// Reads the elements of a list or tuple up to and with `close`, and keeps the texts among them.
fn elements(rest: &mut &str, close: char, mut texts: Option<&mut Vec<String>>, depth: usize) -> Option<()> {
    const DEEPEST: usize = 50;
    if depth > DEEPEST {
        return None;
    }
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(close) {
            *rest = after;
            return Some(());
        }
        match rest.chars().next()? {
            '\'' | '"' => {
                let text = quoted(rest)?;
                if let Some(texts) = &mut texts {
                    texts.push(text);
                }
            }
            '[' => {
                *rest = &rest[1..];
                elements(rest, ']', None, depth + 1)?;
            }
            '(' => {
                *rest = &rest[1..];
                elements(rest, ')', None, depth + 1)?;
            }
            _ => {
                let end = rest.find([',', ']', ')']).unwrap_or(rest.len());
                let atom = rest[..end].trim();
                let known = matches!(atom, "None" | "True" | "False") || atom.parse::<f64>().is_ok();
                known.then_some(())?;
                *rest = &rest[end..];
            }
        }
        *rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None if rest.starts_with(close) => {}
            None => return None,
        }
    }
}

/// Reads one quoted text, and those right after it, which Python joins.
fn quoted(rest: &mut &str) -> Option<String> {
    let mut text = String::new();
    while let Some(quote) = rest.chars().next().filter(|letter| matches!(letter, '\'' | '"')) {
        let mut letters = rest[1..].char_indices();
        let end = loop {
            match letters.next()? {
                (place, letter) if letter == quote => break place + 1,
                (_, '\\') => match letters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    '\n' => {}
                    letter if matches!(letter, '\'' | '"' | '\\') => text.push(letter),
                    letter => text.extend(['\\', letter]),
                },
                (_, '\n') => return None,
                (_, letter) => text.push(letter),
            }
        };
        *rest = rest[end + 1..].trim_start();
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_span() {
        assert_eq!(parse("0 1;;", Malformed::Rejected), Err(SpanError::NotTwoNumbers { span: 2 }));
        assert_eq!(parse("0 1 2", Malformed::Rejected), Err(SpanError::NotTwoNumbers { span: 1 }));
        assert_eq!(parse("0 1; 3 2", Malformed::Rejected), Err(SpanError::Backwards { span: 2 }));
    }

    #[test]
    fn spans_merge() {
        assert_eq!(parse("1 3; 2 4; 7 7", Malformed::Rejected), Ok(Mask::from_runs([(1, 3)])));
        assert_eq!(parse(" ", Malformed::Rejected), Ok(Mask::default()));
    }

    #[test]
    fn lists_are_python_literals() {
        let items = |text: &str| list_items(text).map(|items| items.join("|"));
        assert_eq!(items("[]").as_deref(), Some(""));
        assert_eq!(items("[ ]").as_deref(), Some(""));
        assert_eq!(items(r#"["it's", 'a\'b' "c", 3, None, ['x'], ]"#).as_deref(), Some("it's|a'bc"));
        for text in ["['a'", "['a]", "[a]", "['a' 3]", "[,]", "['a',, 'b']", "['a'] ['b']", "[["] {
            assert_eq!(items(text), None, "{text}");
        }
        assert_eq!(items(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))), None);
    }
}
