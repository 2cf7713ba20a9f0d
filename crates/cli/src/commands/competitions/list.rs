//! `mledojo competitions list` and `sets`.

use std::collections::HashSet;

use anyhow::Result;
use mledojo_catalog::{Catalog, Summary};
use mledojo_prepare::Prepared;
use serde_json::{Value, json};

use super::{size, word};
use crate::args::ListArgs;
use crate::output::{Fitting, print_json, print_text, table};
use crate::settings::Settings;
use crate::workbench;

pub(super) fn run(filter: &ListArgs, settings: &Settings, json: bool) -> Result<()> {
    let catalog = workbench::catalog(settings);
    let named = selection(&catalog, filter)?;
    let mut found = Vec::new();
    for summary in catalog.summaries()? {
        let is_prepared = || Prepared::open(&settings.competition_dir(&summary.slug)).is_ok();
        if named.iter().all(|slugs| slugs.contains(&summary.slug)) && passes(filter, &summary) {
            let prepared = is_prepared();
            if (prepared || !filter.prepared) && !(prepared && filter.not_prepared) {
                found.push((summary, prepared));
            }
        }
    }
    if json {
        return print_json(&found.iter().map(|(summary, prepared)| data(summary, *prepared)).collect::<Vec<_>>());
    }
    if found.is_empty() {
        return print_text("no competition passes these filters\n");
    }
    let total: f64 = found.iter().map(|(summary, _)| summary.data_size_mb).sum();
    let ready = found.iter().filter(|(_, prepared)| *prepared).count();
    let count = found.len();
    print_text(&list_table(found))?;
    print_text(&format!("\n{count} competitions, {} of data, {ready} prepared\n", size(total)))
}

pub(super) fn sets(settings: &Settings, json: bool) -> Result<()> {
    let catalog = workbench::catalog(settings);
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for (name, set) in catalog.sets()? {
        let slugs = catalog.select(&[&name])?;
        rows.push(vec![name.clone(), slugs.len().to_string(), set.about.clone()]);
        lines.push(json!({ "set": name, "about": set.about, "competitions": slugs }));
    }
    if json { print_json(&lines) } else { print_text(&table(&["set", "competitions", "what it is"], rows)) }
}

/// The competitions that were named, by themselves and by their split; a competition must be in each.
fn selection(catalog: &Catalog, filter: &ListArgs) -> Result<Vec<HashSet<String>>> {
    let mut selections = Vec::new();
    if !filter.names.is_empty() {
        selections.push(catalog.select(&filter.names)?.into_iter().collect());
    }
    if let Some(split) = filter.split {
        selections.push(catalog.select(&[split.set()])?.into_iter().collect());
    }
    Ok(selections)
}

/// Whether a competition passes every filter that the catalog alone can answer.
fn passes(filter: &ListArgs, summary: &Summary) -> bool {
    filter.modality.is_none_or(|wanted| wanted == summary.modality)
        && filter.task.is_none_or(|wanted| wanted == summary.task)
        && filter.complexity.is_none_or(|wanted| summary.complexity == Some(wanted))
        && filter.metric.as_ref().is_none_or(|wanted| *wanted == summary.metric)
        && filter.suite.as_ref().is_none_or(|suite| summary.suites.contains(suite))
        && filter.max_mb.is_none_or(|most| summary.data_size_mb <= most)
}

fn data(summary: &Summary, prepared: bool) -> Value {
    let mut line = json!(summary);
    if let Some(line) = line.as_object_mut() {
        line.insert("prepared".to_owned(), json!(prepared));
    }
    line
}

/// The columns that matter most come first in the queue; each of the others is shown if there is room.
fn list_table(found: Vec<(Summary, bool)>) -> String {
    let column = |cell: &dyn Fn(&Summary) -> String| found.iter().map(|(summary, _)| cell(summary)).collect();
    let mut table = Fitting::new("competition", column(&|summary| summary.slug.clone()), 40);
    table.add("metric", column(&|summary| summary.metric.clone()));
    table.add("data", column(&|summary| size(summary.data_size_mb)));
    table.add("modality", column(&|summary| word(summary.modality)));
    table.add("task", column(&|summary| word(summary.task)));
    table.add("prepared", found.iter().map(|(_, prepared)| if *prepared { "yes" } else { "no" }.to_owned()).collect());
    table.add("complexity", column(&|summary| summary.complexity.map(word).unwrap_or_default()));
    table.add("title", column(&|summary| summary.title.clone()));
    table.to_string()
}
