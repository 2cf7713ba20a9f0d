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

/// The first so many characters of a text.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
