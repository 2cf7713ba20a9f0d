//! integer-sequence-learning: the last term of a sequence, and those before it.

use crate::error::PrepareError;
use crate::workspace::Workspace;

/// Gives the table `test` the columns `prefix` and `Last`.
pub(super) fn last_terms(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?;
    let (mut prefixes, mut lasts) = (Vec::with_capacity(test.len()), Vec::with_capacity(test.len()));
    for (row, sequence) in test.texts("Sequence")?.iter().enumerate() {
        let terms = sequence.split(',').map(|term| {
            let wrong = || test.error(Some(row), format!("the sequence holds `{term}`; expected a whole number"));
            integer(term).ok_or_else(wrong)
        });
        let mut terms = terms.collect::<Result<Vec<String>, _>>()?;
        lasts.extend(terms.pop());
        prefixes.push(terms.join(","));
    }
    let test = test.with_texts("prefix", prefixes).with_texts("Last", lasts);
    workspace.keep_table("test", test);
    Ok(())
}

/// An integer of any size as Python writes it, from what Python reads as one.
fn integer(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        digits => Some(format!("{sign}{digits}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_size_are_written_in_one_way() {
        for (text, expected) in [
            ("7", Some("7")),
            (" +007 ", Some("7")),
            ("-0", Some("0")),
            ("-012345678901234567890123", Some("-12345678901234567890123")),
            ("", None),
            ("1.0", None),
            ("--1", None),
        ] {
            assert_eq!(integer(text).as_deref(), expected, "{text}");
        }
    }
}
