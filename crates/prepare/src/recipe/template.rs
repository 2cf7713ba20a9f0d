//! Texts in which `{column}` stands for a row's cell, `{column[0]}` for its first character, `{column[:-4]}` for all but
//! its last four.

use std::path::{Component, Path};

use crate::error::PrepareError;
use crate::table::{Frame, Texts};

/// The text of each row. `{{` and `}}` stand for braces.
///
/// # Errors
/// A column that isn't there, a cell that has no such character, or a brace that isn't closed.
pub(crate) fn fill(frame: &Frame, template: &str) -> Result<Texts, PrepareError> {
    let mut literals = vec![String::new()];
    let mut columns = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..=at];
        if let Some(literal) = literals.last_mut() {
            literal.push_str(&rest[..at]);
            if rest[at + 1..].starts_with(brace) {
                literal.push_str(brace);
                rest = &rest[at + 2..];
                continue;
            }
        }
        let open = || frame.error(None, format!("`{template}`: a brace is not closed"));
        let inner = rest[at..].strip_prefix('{').ok_or_else(open)?;
        let end = inner.find('}').ok_or_else(open)?;
        columns.push(cells(frame, &inner[..end])?);
        literals.push(String::new());
        rest = &inner[end + 1..];
    }
    if let Some(literal) = literals.last_mut() {
        literal.push_str(rest);
    }
    let mut texts = Texts::default();
    let mut text = String::new();
    for row in 0..frame.len() {
        text.clear();
        text.push_str(&literals[0]);
        for (column, literal) in columns.iter().zip(&literals[1..]) {
            text.push_str(column.get(row));
            text.push_str(literal);
        }
        texts.push(&text);
    }
    Ok(texts)
}

/// The cells of a column, or a part of each: `column[0]` or `column[2:-6]`, as Python counts.
fn cells(frame: &Frame, name: &str) -> Result<Texts, PrepareError> {
    let part = || {
        let (column, part) = name.strip_suffix(']')?.rsplit_once('[')?;
        Some((column, Part::parse(part)?))
    };
    let Some((column, part)) = part().filter(|_| !frame.has(name)) else { return frame.texts(name) };
    let mut parts = Texts::default();
    for (row, cell) in frame.texts(column)?.iter().enumerate() {
        let part = part.of(cell).ok_or_else(|| {
            frame.error(Some(row), format!("column `{column}` holds `{cell}`, which has no character `{name}`"))
        })?;
        parts.push(part);
    }
    Ok(parts)
}

/// Which characters of a text are meant. Numbers below 0 count from its end.
enum Part {
    At(isize),
    Between(Option<isize>, Option<isize>),
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        let place = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        match text.split_once(':') {
            Some((start, end)) => Some(Self::Between(place(start)?, place(end)?)),
            None => text.parse().ok().map(Self::At),
        }
    }

    /// The part; `None` if the text has no such character.
    fn of<'a>(&self, text: &'a str) -> Option<&'a str> {
        let length = text.chars().count();
        let place =
            |place: isize| if place < 0 { length.checked_add_signed(place) } else { Some(place.unsigned_abs()) };
        let byte = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(byte, _)| byte);
        match *self {
            Self::At(at) => {
                let at = place(at).filter(|&at| at < length)?;
                Some(&text[byte(at)..byte(at + 1)])
            }
            Self::Between(start, end) => {
                let start = start.map_or(0, |start| place(start).unwrap_or(0));
                let end = end.map_or(length, |end| place(end).unwrap_or(0));
                Some(text.get(byte(start)..byte(end)).unwrap_or_default())
            }
        }
    }
}

/// Whether a path stays below its folder: cells of a download may hold anything.
pub(crate) fn is_plain(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_as_python_cuts() {
        let cut = |text, part| Part::parse(part).unwrap().of(text).map(str::to_owned);
        for (part, expected) in [
            ("0", "ä"),
            ("-1", "d"),
            (":2", "äb"),
            ("2:", "cd"),
            (":-3", "ä"),
            ("-2:", "cd"),
            ("1:3", "bc"),
            ("3:1", ""),
            (":9", "äbcd"),
            ("-9:1", "ä"),
        ] {
            assert_eq!(cut("äbcd", part).as_deref(), Some(expected), "{part}");
        }
        assert_eq!((cut("äbcd", "4"), cut("", "-1")), (None, None));
        assert!(Part::parse("x").is_none() && Part::parse("1:x").is_none());
    }

    #[test]
    fn columns_stand_in_braces() {
        let texts = |cells: [&str; 2]| cells.into_iter().collect::<Texts>();
        let frame = Frame::of_columns("t", [("a", texts(["1", "2"])), ("b c", texts(["x", "y"]))]);
        let filled = |template| fill(&frame, template).map(|texts| texts.iter().collect::<Vec<_>>().join(" "));
        assert_eq!(filled("t/{a}_{b c}.jpg").unwrap(), "t/1_x.jpg t/2_y.jpg");
        assert_eq!(filled("{{{a}}}").unwrap(), "{1} {2}");
        assert_eq!(filled("z").unwrap(), "z z");
        assert_eq!(filled("{b c[0]}/{a}").unwrap(), "x/1 y/2");
        assert_eq!(filled("{b c[:-1]}{a[0:]}").unwrap(), "1 2");
        assert!(filled("{a[1]}").unwrap_err().to_string().contains("row 1: column `a` holds `1`"));
        assert!(filled("{d}").unwrap_err().to_string().contains("no column `d`"));
        assert!(filled("{a").is_err() && filled("a}").is_err());
        assert!(is_plain("a/b") && !is_plain("a/../b") && !is_plain("/a"));
    }
}
