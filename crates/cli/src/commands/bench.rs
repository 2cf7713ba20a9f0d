//! `mledojo bench`: what the framework costs, as ratios.

use anyhow::{Context, Result};
use mledojo_env::Judging;
use mledojo_env::bench::{self, Bench, BenchError, Row, Target};
use serde_json::json;

use crate::args::BenchArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text, table};
use crate::progress::BenchProgress;
use crate::settings::Settings;
use crate::workbench;

/// The competition that is played; any would do.
const COMPETITION: &str = "iris";

pub(crate) fn run(args: &BenchArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let known = bench::names();
    if let Some(name) = args.only.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(BenchError::Unknown { name: name.clone() }.into());
    }
    let runtime = workbench::runtime(settings)?;
    let competition = workbench::prepared_competition(COMPETITION, Judging::of, settings, &runtime, None)?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let bench = Bench::new(runtime, competition, folder.path()).quick(args.quick);

    let wanted = |name: &&str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let chosen: Vec<_> = known.into_iter().filter(wanted).collect();
    let progress = BenchProgress::start(chosen.len());
    let mut rows = Vec::new();
    for name in chosen {
        progress.begin(name);
        rows.push(bench.run(name).with_context(|| format!("cannot measure `{name}`"))?);
    }
    progress.finish();

    let met = rows.iter().filter(|row| row.met).count();
    if json {
        print_json(&json!({ "quick": args.quick, "rows": rows, "met": met, "of": rows.len() }))?;
    } else {
        print_text(&text(&rows, met))?;
    }
    // A target that is missed is a finding, not a failure: the host may be busy.
    Ok(Exit::Ok)
}

fn text(rows: &[Row], met: usize) -> String {
    let lines = rows.iter().map(|row| {
        let spread = row.spread.map_or_else(String::new, |(low, high)| format!("{}–{}", figure(low), figure(high)));
        vec![
            row.name.to_owned(),
            format!("{} {}", figure(row.value), row.unit).trim_end().to_owned(),
            spread,
            target(row.target),
            if row.met { "yes" } else { "NO" }.to_owned(),
            row.rounds.to_string(),
        ]
    });
    let mut text = table(&["measurement", "figure", "quartiles", "wanted", "met", "rounds"], lines.collect());
    text.push_str("\n\n");
    for row in rows {
        let details = row.details.iter().map(|detail| {
            format!("{} {}", detail.what, format!("{} {}", figure(detail.value), detail.unit).trim_end())
        });
        let details = details.collect::<Vec<_>>().join(", ");
        let details = if details.is_empty() { details } else { format!(" ({details})") };
        text.push_str(&format!("{}: {}{details}\n", row.name, row.what));
    }
    text.push_str(&format!("\n{met} of {} targets met. Compare figures within a run only.\n", rows.len()));
    text
}

fn target(target: Target) -> String {
    match target {
        Target::AtLeast(least) => format!("≥ {least}"),
        Target::AtMost(most) => format!("≤ {most}"),
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_told() {
        let row = |name, met| Row {
            name,
            what: "a / b",
            value: 1.234,
            unit: "×",
            spread: Some((1.0, 150.4)),
            target: Target::AtMost(1.15),
            met,
            rounds: 7,
            details: Vec::new(),
        };
        let text = text(&[row("one", true), row("two", false)], 1);
        let cells: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert!(cells.contains(&vec!["one", "1.23", "×", "1–150", "≤", "1.15", "yes", "7"]), "{text}");
        assert!(cells.contains(&vec!["two", "1.23", "×", "1–150", "≤", "1.15", "NO", "7"]), "{text}");
        assert!(text.contains("one: a / b\n") && text.contains("1 of 2 targets met"), "{text}");
    }
}
