//! Columns of the test table that, by what they are called, cannot be known before the answer is.

use std::collections::HashMap;

use super::columns::{Context, columns_of};
use super::finding::{AuditReport, Finding, Leak};
use super::series::Series;
use super::source::{Sources, Table};

/// Words for a time after the fact, in columns like `votes_at_retrieval` beside `votes_at_request`.
const LATER: &[&str] = &[
    "retrieval",
    "retrieved",
    "scrape",
    "scraping",
    "crawl",
    "download",
    "end",
    "close",
    "closing",
    "completion",
    "resolution",
    "expiry",
    "discharge",
    "delivery",
];

pub(super) fn look(sources: &Sources, context: &Context<'_>, report: &mut AuditReport) {
    let by_path: HashMap<&str, &Table> = sources.tables.iter().map(|table| (table.path.as_str(), table)).collect();
    let view = &context.answers.views[0];
    for (path, joined) in &context.test_tables {
        // A table that is joined by its place alone may be any table.
        let (Some(table), Some(by)) = (by_path.get(path.as_str()), &joined.by) else { continue };
        let columns = columns_of(table);
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).filter(|name| name != by).collect();
        for (name, options, target) in named(&names, view.targets.iter().map(|(name, series)| (name.as_str(), series)))
        {
            let Some((_, texts)) = columns.iter().find(|(column, _)| column == name) else { continue };
            let cells = joined.rows.iter().map(|rows| rows.first().map(|&row| texts.get(row as usize)));
            let series = Series::of(cells);
            // What is chosen between may be shown, as the texts of possible answers are; who made it comes again.
            if series.is_constant() || series.numbers.is_some() || series.distinct() * 2 > series.len() {
                continue;
            }
            report.findings.push(Finding {
                leak: Leak::Column,
                file: path.clone(),
                column: Some(name.to_owned()),
                target,
                evidence: format!(
                    "the answer is a choice between {}, and this column names which of {} that is",
                    options.join(", "),
                    series.distinct()
                ),
            });
        }
        for (later, earlier) in measured_twice(&names) {
            report.findings.push(Finding {
                leak: Leak::Column,
                file: path.clone(),
                column: Some(later.to_owned()),
                target: view.targets.first().map_or_else(|| "all".to_owned(), |(name, _)| name.clone()),
                evidence: format!("measured again after `{earlier}`, by its name: not known before the answer"),
            });
        }
    }
}

/// Columns that the answers choose between: their names are values of a target, or end those of several targets.
fn named<'a, 'b>(
    columns: &[&'a str],
    targets: impl Iterator<Item = (&'b str, &'b Series)>,
) -> Vec<(&'a str, Vec<&'a str>, String)> {
    let targets: Vec<(&str, &Series)> = targets.collect();
    let is_name = |column: &&&str| column.len() >= 3;
    let mut found: Option<(Vec<&'a str>, String)> = None;
    for (target, series) in &targets {
        let chosen: Vec<&str> = columns
            .iter()
            .filter(is_name)
            .filter(|column| series.labels.iter().any(|label| label == **column))
            .copied()
            .collect();
        if chosen.len() >= 2 && series.distinct() <= 10 {
            found.get_or_insert((chosen, (*target).to_owned()));
        }
    }
    let ends: Vec<&str> = columns
        .iter()
        .filter(is_name)
        .filter(|column| {
            targets.iter().any(|(target, _)| target.strip_suffix(**column).is_some_and(|rest| rest.ends_with('_')))
        })
        .copied()
        .collect();
    if found.is_none() && ends.len() >= 2 && targets.len() >= 2 {
        found = Some((ends, targets.iter().map(|(target, _)| *target).take(2).collect::<Vec<_>>().join(", ")));
    }
    let Some((chosen, target)) = found else { return Vec::new() };
    chosen.iter().map(|&name| (name, chosen.clone(), target.clone())).collect()
}

/// Columns `…_at_<later>` for which there is one `…_at_<another time>`, and that.
fn measured_twice<'a>(columns: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let parts = |name: &'a str| name.rsplit_once("_at_");
    let is_later = |time: &str| LATER.contains(&time.to_lowercase().as_str());
    let mut found = Vec::new();
    for &later in columns {
        let Some((what, time)) = parts(later).filter(|(_, time)| is_later(time)) else { continue };
        let earlier = columns.iter().find(|&&name| {
            name != later && parts(name).is_some_and(|(other, at)| other == what && at != time && !is_later(at))
        });
        found.extend(earlier.map(|&earlier| (later, earlier)));
    }
    found
}
