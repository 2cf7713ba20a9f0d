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

/// A table with a header, as plain text; within the terminal's width if stdout is one.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill('─'));
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header).add_rows(rows);
    if let Some((_, width)) = Term::stdout().size_checked().filter(|_| std::io::stdout().is_terminal()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.to_string()
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
