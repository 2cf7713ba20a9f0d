//! Fields of a row: where they end, what they say, and how they are written.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// Where the field that starts at `start` ends: at a delimiter, a line end or the end of `bytes`.
///
/// As pandas and Python's csv module read: a quote at the start of a field opens it, a doubled one stands for itself,
/// and after a single one the rest of the field is plain text; a quote elsewhere is text.
/// `None` if the file ends inside quotes.
pub(super) fn end(bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
    let mut at = start;
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        loop {
            at += memchr(b'"', &bytes[at..])? + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
    }
    Some(memchr3(delimiter, b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |step| at + step))
}

/// Where the fields of one row end, given without its line end.
pub(super) fn ends(row: &[u8], delimiter: u8, ends: &mut Vec<usize>) {
    ends.clear();
    if memchr(b'"', row).is_none() {
        ends.extend(memchr_iter(delimiter, row));
        ends.push(row.len());
        return;
    }
    let mut start = 0;
    loop {
        // A carriage return inside a row was no line end when the row was found.
        let mut stop = end(row, start, delimiter).unwrap_or(row.len());
        while stop < row.len() && row[stop] != delimiter {
            stop = memchr2(delimiter, b'\n', &row[stop + 1..]).map_or(row.len(), |step| stop + 1 + step);
        }
        ends.push(stop);
        if stop == row.len() {
            return;
        }
        start = stop + 1;
    }
}

/// What the field at a place of a row says; blank where the row ends before it.
pub(super) fn cell(row: &str, place: usize, delimiter: u8) -> Cow<'_, str> {
    let mut start = 0;
    for _ in 0..place {
        match end(row.as_bytes(), start, delimiter) {
            Some(end) if end < row.len() => start = end + 1,
            _ => return Cow::Borrowed(""),
        }
    }
    let end = end(row.as_bytes(), start, delimiter).unwrap_or(row.len());
    text(&row[start..end])
}

/// What a field says: its text without the quotes around it.
pub(super) fn text(field: &str) -> Cow<'_, str> {
    let Some(inner) = field.strip_prefix('"') else { return Cow::Borrowed(field) };
    if let Some(plain) = inner.strip_suffix('"')
        && !plain.contains('"')
    {
        return Cow::Borrowed(plain);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(quote) = rest.find('"') {
        text.push_str(&rest[..quote]);
        match rest[quote + 1..].strip_prefix('"') {
            Some(after) => {
                text.push('"');
                rest = after;
            }
            None => {
                // The closing quote; what follows is plain.
                text.push_str(&rest[quote + 1..]);
                return Cow::Owned(text);
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Appends a text as a field, with quotes where it needs them.
pub(super) fn push(out: &mut Vec<u8>, text: &str, delimiter: u8) {
    let bytes = text.as_bytes();
    if memchr3(delimiter, b'"', b'\n', bytes).is_none() && memchr(b'\r', bytes).is_none() {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    for piece in text.split_inclusive('"') {
        out.extend_from_slice(piece.as_bytes());
        if piece.ends_with('"') {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(row: &str) -> Vec<Cow<'_, str>> {
        let mut stops = Vec::new();
        ends(row.as_bytes(), b',', &mut stops);
        let starts = std::iter::once(0).chain(stops.iter().map(|stop| stop + 1));
        starts.zip(&stops).map(|(start, stop)| text(&row[start..*stop])).collect()
    }

    #[test]
    fn fields_are_read_as_pandas_reads_them() {
        for (row, expected) in [
            ("a,b", vec!["a", "b"]),
            ("", vec![""]),
            (",", vec!["", ""]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"a\"\"b\",c", vec!["a\"b", "c"]),
            ("\"a\nb\",c", vec!["a\nb", "c"]),
            ("\"a\"b\",c", vec!["ab\"", "c"]),
            ("\"\\\"b, c\",d", vec!["\\b", " c\"", "d"]),
            ("a\"b\",c", vec!["a\"b\"", "c"]),
            ("\"\",\"\"\"\"", vec!["", "\""]),
            ("a\rb,c", vec!["a\rb", "c"]),
        ] {
            assert_eq!(fields(row), expected, "{row}");
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for text in ["", "a", "a,b", "\"", "a\"b", "line\nbreak", "\"\"", "a\r", "ü,\"ß\""] {
            let mut out = Vec::new();
            push(&mut out, text, b',');
            let row = String::from_utf8(out).unwrap();
            assert_eq!(fields(&row), [text], "{row}");
        }
    }
}
