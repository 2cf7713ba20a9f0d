//! What a message shows of a file: the first few rows that something is wrong with, texts cut short.

use std::fmt;

/// How many offenders a rejection names.
pub(crate) const EXAMPLES: usize = 3;
/// Letters of a quoted text.
const EXCERPT: usize = 40;

/// Rows of the submission that something is wrong with.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Offenders {
    /// How many rows.
    pub count: usize,
    /// The first ones, in the file's order.
    pub first: Vec<Offender>,
}

/// One row of the submission.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Offender {
    /// Line of the file on which the row starts, from 1.
    pub line: u64,
    /// The row's id, cut short and with control characters escaped.
    pub id: String,
    /// The cell's text, likewise; none where the id or the whole row is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Offenders {
    pub(crate) fn push(&mut self, line: u64, id: &str, text: Option<&str>) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(Offender { line, id: excerpt(id), text: text.map(excerpt) });
        }
    }

    pub(crate) fn ids(&self) -> String {
        self.join(|row| format!("`{}` (line {})", row.id, row.line))
    }

    fn join(&self, show: impl Fn(&Offender) -> String) -> String {
        self.first.iter().map(show).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Offenders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self.join(|row| {
                format!("`{}` (line {}, id `{}`)", row.text.as_deref().unwrap_or_default(), row.line, row.id)
            }),
        )
    }
}

/// Some of many ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Examples {
    /// How many there are.
    pub count: usize,
    /// The first ones, cut short and with control characters escaped.
    pub first: Vec<String>,
}

impl Examples {
    pub(crate) fn push(&mut self, id: &str) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(excerpt(id));
        }
    }
}

impl fmt::Display for Examples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.first))
    }
}

/// The start of a text on one line: control and invisible characters escaped, `…` where it was cut.
pub(crate) fn excerpt(text: &str) -> String {
    let mut letters = text.chars();
    let mut excerpt = String::new();
    for letter in letters.by_ref().take(EXCERPT) {
        match letter {
            '\'' | '"' => excerpt.push(letter),
            _ => excerpt.extend(letter.escape_debug()),
        }
    }
    if letters.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_short_and_printable() {
        assert_eq!(excerpt("it's \"fine\""), "it's \"fine\"");
        assert_eq!(excerpt("a\u{1b}[31m\n\u{202e}b"), "a\\u{1b}[31m\\n\\u{202e}b");
        assert_eq!(excerpt(&"é".repeat(41)), "é".repeat(40) + "…");
    }
}
