//! Episodes in a table.

use std::path::Path;

use anyhow::Result;
use mledojo_catalog::Catalog;
use mledojo_env::{Episode, EpisodeSummary, Grade};

use crate::output;

/// The summary of the episode in a folder.
pub(crate) fn read(directory: &Path) -> Result<EpisodeSummary> {
    Ok(EpisodeSummary::read(&Episode::open(directory)?)?)
}

/// A row per episode: what was reached, and where it stands.
pub(crate) fn table(summaries: &[EpisodeSummary], catalog: &Catalog) -> String {
    let header = ["competition", "metric", "first → best", "HumanRank", "position", "medal", "steps", "failed", "time"];
    let rows = summaries.iter().map(|summary| row(summary, catalog)).collect();
    let mut table = output::table(&header, rows);
    if summaries.iter().any(|summary| !summary.sandbox.isolated) {
        table.push_str("\nNOT ISOLATED: the code could read the answers, so these scores prove nothing");
    }
    table
}

fn row(summary: &EpisodeSummary, catalog: &Catalog) -> Vec<String> {
    let none = || "–".to_owned();
    let raw = |grade: &Option<Grade>| grade.as_ref().map_or_else(none, |grade| output::score(grade.raw_score));
    let held_out = if summary.result == summary.best { &None } else { &summary.result };
    let held_out = held_out.as_ref().map(|grade| format!(", held out {}", output::score(grade.raw_score)));
    let standing = summary.result.as_ref().map(|result| result.standing);
    // The row can be read without the metric's name, should the competition be gone from the catalog.
    let metric = catalog.get(&summary.competition).map(|competition| {
        let spec = competition.spec;
        format!("{} ({})", spec.metric.metric.name(), spec.metric.direction)
    });
    vec![
        summary.competition.clone(),
        metric.unwrap_or_else(|_| none()),
        format!("{} → {}{}", raw(&summary.first), raw(&summary.best), held_out.unwrap_or_default()),
        standing.map_or_else(none, |standing| format!("{:.3}", standing.human_rank)),
        standing
            .and_then(|standing| standing.decisive())
            .map_or_else(none, |placing| format!("{} / {}", placing.position, placing.teams)),
        standing.and_then(|standing| standing.medal).map_or_else(none, |medal| medal.to_string()),
        summary.steps.to_string(),
        summary.failed_steps.to_string(),
        output::seconds(summary.seconds),
    ]
}
