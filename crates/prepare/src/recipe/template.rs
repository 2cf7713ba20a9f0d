//! Texts in which `{column}` stands for a row's cell, and `{column[0]}` for its first character.

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

/// The cells of a column, or one character of each.
fn cells(frame: &Frame, name: &str) -> Result<Texts, PrepareError> {
    let indexed =
        || name.strip_suffix(']')?.rsplit_once('[').and_then(|(column, place)| Some((column, place.parse().ok()?)));
    let Some((column, place)) = indexed().filter(|_| !frame.has(name)) else { return frame.texts(name) };
    let mut characters = Texts::default();
    for (row, cell) in frame.texts(column)?.iter().enumerate() {
        let (start, character) = cell.char_indices().nth(place).ok_or_else(|| {
            frame.error(Some(row), format!("column `{column}` holds `{cell}`, which has no character {place}"))
        })?;
        characters.push(&cell[start..start + character.len_utf8()]);
    }
    Ok(characters)
}

/// Whether a path stays below its folder: cells of a download may hold anything.
pub(crate) fn is_plain(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_braces() {
        let texts = |cells: [&str; 2]| cells.into_iter().collect::<Texts>();
        let frame = Frame::of_columns("t", [("a", texts(["1", "2"])), ("b c", texts(["x", "y"]))]);
        let filled = |template| fill(&frame, template).map(|texts| texts.iter().collect::<Vec<_>>().join(" "));
        assert_eq!(filled("t/{a}_{b c}.jpg").unwrap(), "t/1_x.jpg t/2_y.jpg");
        assert_eq!(filled("{{{a}}}").unwrap(), "{1} {2}");
        assert_eq!(filled("z").unwrap(), "z z");
        assert_eq!(filled("{b c[0]}/{a}").unwrap(), "x/1 y/2");
        assert!(filled("{a[1]}").unwrap_err().to_string().contains("row 1: column `a` holds `1`"));
        assert!(filled("{d}").unwrap_err().to_string().contains("no column `d`"));
        assert!(filled("{a").is_err() && filled("a}").is_err());
        assert!(is_plain("a/b") && !is_plain("a/../b") && !is_plain("/a"));
    }
}
