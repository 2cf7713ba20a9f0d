//! Tables and numbers as people read them.

use std::io::{IsTerminal, Write};

use anyhow::Result;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use console::Term;
use serde::Serialize;

/// Prints a value as JSON on one line.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer(&mut stdout, value).map_err(std::io::Error::from)?;
    writeln!(stdout)?;
    Ok(())
}

/// Prints a text that ends with a line's end.
pub(crate) fn print_text(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        writeln!(stdout)?;
    }
    Ok(())
}

/// The terminal's width, if stdout is one.
fn terminal_width() -> Option<usize> {
    let (_, width) = Term::stdout().size_checked().filter(|_| std::io::stdout().is_terminal())?;
    Some(width.into())
}

/// A table with a header, as plain text; within the terminal's width if stdout is one.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    table_within(terminal_width(), header, rows).to_string()
}

fn table_within(width: Option<usize>, header: &[&str], rows: Vec<Vec<String>>) -> Table {
    const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─'));
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header).add_rows(rows);
    if let Some(width) = width.and_then(|width| u16::try_from(width).ok()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// A table that shows as many of its columns as the terminal has room for, in the order they are added.
pub(crate) struct Fitting {
    width: Option<usize>,
    left: Option<usize>,
    header: Vec<&'static str>,
    columns: Vec<Vec<String>>,
}

impl Fitting {
    /// A table with its first column, the names, which are broken at hyphens beyond `most` places.
    pub(crate) fn new(header: &'static str, cells: Vec<String>, most: usize) -> Self {
        Self::within(terminal_width(), header, cells, most)
    }

    fn within(width: Option<usize>, header: &'static str, cells: Vec<String>, most: usize) -> Self {
        let cells = match width {
            Some(_) => cells.iter().map(|cell| textwrap::fill(cell, most)).collect(),
            None => cells,
        };
        let left = width.map(|width| width.saturating_sub(width_of(header, &cells)));
        Self { width, left, header: vec![header], columns: vec![cells] }
    }

    /// Adds a column if there is room for it.
    pub(crate) fn add(&mut self, header: &'static str, cells: Vec<String>) {
        let needed = width_of(header, &cells);
        if let Some(left) = &mut self.left {
            if *left < needed {
                return;
            }
            *left -= needed;
        }
        self.header.push(header);
        self.columns.push(cells);
    }
}

impl std::fmt::Display for Fitting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = (0..self.columns[0].len())
            .map(|row| self.columns.iter().map(|column| column[row].clone()).collect())
            .collect();
        write!(f, "{}", table_within(self.width, &self.header, rows))
    }
}

/// The places that a column takes, padding on both sides included.
fn width_of(header: &str, cells: &[String]) -> usize {
    let widths = cells.iter().flat_map(|cell| cell.lines()).map(|line| line.chars().count());
    widths.chain([header.chars().count()]).max().unwrap_or(0) + 2
}

/// The width that texts are wrapped to.
fn text_width() -> usize {
    terminal_width().unwrap_or(80).clamp(40, 100)
}

/// A paragraph after a heading, its further lines indented; ends with a line's end.
pub(crate) fn wrap(text: &str, heading: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    let options = textwrap::Options::new(text_width())
        .initial_indent(heading)
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options) + "\n"
}

/// Markdown with its paragraphs and list items wrapped; code and tables as they are.
pub(crate) fn wrap_markdown(text: &str) -> String {
    let mut wrapped = String::new();
    let mut in_code = false;
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        if in_code || is_fence || line.trim_start().starts_with('|') || line.starts_with("    ") {
            wrapped.push_str(line);
            wrapped.push('\n');
            continue;
        }
        let text = line.trim_start();
        let blanks = line.len() - text.len();
        let marker = if text.starts_with("- ") || text.starts_with("* ") { 2 } else { 0 };
        wrapped.push_str(&wrap(text, &line[..blanks], blanks + marker));
    }
    wrapped
}

/// A score with as many digits as help to tell two apart.
pub(crate) fn score(value: f64) -> String {
    let text = format!("{value:.5}");
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:.3e}") } else { text }
}

/// Bytes, short: `312 B`, `4.0 KiB`, `1.5 GiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") }
}

/// Seconds, short: `8.1s`, `3m 05s`, `2h 10m`.
pub(crate) fn seconds(value: f64) -> String {
    let whole = value.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{value:.1}s"),
        60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
        _ => format!("{}h {:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(width: Option<usize>) -> String {
        let slugs = ["iris", "a-competition-with-quite-a-long-name-indeed"].map(str::to_owned).to_vec();
        let mut table = Fitting::within(width, "competition", slugs, 24);
        table.add("metric", vec!["accuracy".to_owned(), "rmse".to_owned()]);
        table.add("title", vec!["Iris".to_owned(), "A Title of Some Length".to_owned()]);
        table.add("data", vec!["1 MB".to_owned(), "2 MB".to_owned()]);
        table.to_string()
    }

    #[test]
    fn a_table_shows_what_there_is_room_for() {
        let narrow = fitting(Some(50));
        assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
        assert!(narrow.contains("metric") && narrow.contains("data") && !narrow.contains("title"), "{narrow}");
        assert!(narrow.contains(" a-competition-with-") && narrow.contains(" quite-a-long-name-indeed "), "{narrow}");
        let wide = fitting(None);
        assert!(wide.contains("title") && wide.contains("a-competition-with-quite-a-long-name-indeed"), "{wide}");
        assert_eq!(wide.lines().count(), 4);
    }

    #[test]
    fn code_and_tables_are_not_wrapped() {
        let long = "word ".repeat(40);
        let text = format!("{long}\n\n- {long}\n```\n{long}\n```\n| {long} |");
        let wrapped = wrap_markdown(&text);
        assert!(wrapped.contains(&format!("```\n{long}\n```\n| {long} |\n")), "{wrapped}");
        assert!(wrapped.contains("\n- word") && wrapped.contains("\n  word"), "{wrapped}");
        let shorter = wrapped.lines().filter(|line| line.chars().count() <= 100).count();
        assert_eq!(shorter, wrapped.lines().count() - 2);
    }
}
