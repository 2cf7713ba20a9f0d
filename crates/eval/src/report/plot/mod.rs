//! Plots as SVG texts, for pages in light and dark.
//!
//! Colours come from the page's style sheet: series `n` has the classes `s s-n`. A plot is as wide as its place and
//! readable at the width of a phone; whatever it says with a colour it says with a dash, a place or a name, too.

mod bars;
mod frame;
mod lines;

pub(crate) use bars::{Bar, Span, bars, spans};
pub(crate) use lines::{Marks, Scale, Series, lines};

/// Number of colours in the style sheet.
pub(crate) const COLOURS: usize = 8;

/// The classes of a series: a colour, and a dash beside it. Eight colours and three dashes make 24 that differ.
pub(crate) fn classes(series: usize) -> String {
    format!("s s-{} d-{}", series % COLOURS, series % 3)
}

/// A text as SVG holds it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            character if character.is_control() => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

/// A text of at most so many characters: of a longer one its beginning and, since that tells more, its end.
fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most / 3, most - most / 3 - 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(shortened("script:/a/long/way/moves.jsonl", 20), "script…y/moves.jsonl");
        assert_eq!(shortened("baseline", 8), "baseline");
    }

    #[test]
    fn what_a_player_is_called_can_do_nothing() {
        assert_eq!(escape("<a href=\"x\">&\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;\u{fffd}");
    }
}
