//! `mledojo competitions show`.

use std::fmt::Write;

use anyhow::Result;
use mledojo_catalog::spec::{DownloadSource, Entrants, Topic};
use mledojo_catalog::{Board, BoardKind, BoardSource, Competition, Medal, Spec};
use mledojo_metrics::Protocol;
use serde_json::{Value, json};

use super::{size, word};
use crate::output::{print_json, print_text, score, wrap, wrap_markdown};
use crate::settings::Settings;
use crate::workbench;

pub(super) fn run(slug: &str, settings: &Settings, json: bool) -> Result<()> {
    let competition = workbench::catalog(settings).get(slug)?;
    if json { print_json(&data(&competition)) } else { print_text(&page(&competition)) }
}

fn data(competition: &Competition) -> Value {
    let counted = competition.leaderboard.clone().under(Protocol::Corrected);
    let board = |kind| {
        competition.leaderboard.board(kind).map(|board| {
            let scores = if board.source() == BoardSource::Quantiles { "quantiles" } else { "scores" };
            json!({
                "teams": board.teams(),
                "source": board.source(),
                "counts": counted.board(kind).is_some(),
                "best": board.best(),
                "median": board.median(),
                "gold": board.threshold(Medal::Gold),
                "silver": board.threshold(Medal::Silver),
                "bronze": board.threshold(Medal::Bronze),
                scores: board.scores(),
            })
        })
    };
    let spec = &competition.spec;
    json!({
        "spec": spec,
        "metric": spec.metric.metric.name(),
        "formula": spec.metric.metric.formula(),
        "recipe": spec.has_recipe(),
        "brief": competition.brief,
        "leaderboard": {
            "entrants": spec.leaderboard.entrants,
            "public": board(BoardKind::Public),
            "private": board(BoardKind::Private),
        },
    })
}

fn page(competition: &Competition) -> String {
    let spec = &competition.spec;
    let mut page = format!("{}\n", wrap_markdown(competition.brief.trim()));
    // An address is of use only in one piece.
    let _ = writeln!(page, "page       {}", spec.url);
    for (name, fact) in facts(spec) {
        page.push_str(&wrap(&fact, &format!("{name:<11}"), 11));
    }
    page.push_str("\nA submission begins like this:\n");
    for line in &spec.submission.sample {
        page.push_str(&wrap(&cut(line), "    ", 8));
    }
    differences(spec, &mut page);
    page.push('\n');
    page.push_str(&match spec.leaderboard.entrants {
        Entrants::People => wrap("Leaderboard: teams of people on Kaggle.", "", 0),
        Entrants::ReferenceModels => wrap(
            "Leaderboard: reference models of ours, not people. HumanRank here says how a submission compares with \
             scikit-learn and LightGBM pipelines of different strength.",
            "",
            0,
        ),
    });
    let counted = competition.leaderboard.clone().under(Protocol::Corrected);
    for kind in [BoardKind::Private, BoardKind::Public] {
        if let Some(board) = competition.leaderboard.board(kind) {
            let counts = counted.board(kind).is_some();
            page.push_str(&board_text(kind, board, counts));
        }
    }
    page
}

/// A line of a file, cut where it would fill the screen.
fn cut(line: &str) -> String {
    const MOST: usize = 300;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

fn facts(spec: &Spec) -> Vec<(&'static str, String)> {
    let metric = format!("{}, {}", spec.metric.metric.name(), spec.metric.direction);
    let mut facts = vec![
        ("slug", spec.slug.clone()),
        ("host", if spec.host.is_empty() { "unknown".to_owned() } else { spec.host.clone() }),
        ("suites", spec.suites.join(", ")),
        ("license", spec.license.clone()),
        ("data", format!("{}, {}", size(spec.data_size_mb), word(spec.modality))),
        ("task", word(spec.task)),
    ];
    if let Some(complexity) = spec.complexity {
        facts.push(("complexity", word(complexity)));
    }
    facts.push(("metric", metric));
    facts.push(("formula", spec.metric.metric.formula().to_owned()));
    if let Some(fraction) = spec.public_fraction {
        let percent = 100.0 * fraction;
        facts.push(("shown", format!("the score on {percent:.0} % of the rows; the others decide in the end")));
    }
    if let Some(download) = &spec.download {
        let from = match download.source {
            DownloadSource::Kaggle => "Kaggle, after accepting the competition's rules",
            DownloadSource::Dsbench => "DSBench's archive",
        };
        facts.push(("download", format!("{from}: {}", download.raw_files.join(", "))));
        facts.push(("public/", download.public.join(", ")));
        facts.push(("private/", download.private.join(", ")));
    }
    let recipe = match (&spec.prepare, &spec.recipe) {
        (Some(_), _) => "from the runtime's packages",
        (None, Some(_)) => "from the download, with the same rows as MLE-Dojo; a folder that it prepared works as well",
        (None, None) => "no recipe; a folder that MLE-Dojo prepared works as it is",
    };
    facts.push(("prepared", recipe.to_owned()));
    facts
}

fn differences(spec: &Spec, page: &mut String) {
    if spec.differences.is_empty() {
        return;
    }
    page.push_str("\nProtocols, `corrected` being the default:\n");
    for difference in &spec.differences {
        let topic = match difference.topic {
            Topic::Metric => "metric",
            Topic::Data => "data",
        };
        page.push_str(&wrap(&difference.corrected, &format!("  {topic:<7} corrected  "), 21));
        page.push_str(&wrap(&difference.mle_dojo, &format!("  {:<7} mle-dojo   ", ""), 21));
    }
}

fn board_text(kind: BoardKind, board: &Board, counts: bool) -> String {
    let source = match board.source() {
        BoardSource::Exact => "exact",
        BoardSource::Imported => "exact, imported by you",
        BoardSource::Quantiles if board.teams() <= board.scores().len() => "exact, from rank quantiles",
        BoardSource::Quantiles => "401 rank quantiles: positions within 0.5 %",
    };
    let mut text = format!("\n{kind} board, {} teams ({source})\n", board.teams());
    if !counts {
        let why = if board.is_blank() { "all its scores are 0" } else { "it is the other board once more" };
        text.push_str(&wrap(&format!("left out by protocol `corrected`: {why}"), "  ", 2));
        return text;
    }
    let figures = [
        ("best", board.best()),
        ("gold", board.threshold(Medal::Gold)),
        ("silver", board.threshold(Medal::Silver)),
        ("bronze", board.threshold(Medal::Bronze)),
        ("median", board.median()),
    ];
    let figures = figures.map(|(name, figure)| format!("{name} {}", score(figure)));
    text.push_str(&wrap(&figures.join(", "), "  ", 2));
    text.push_str(&histogram(board));
    text
}

/// How the teams spread from the best score to the worst; scores far below the rest share the last line.
fn histogram(board: &Board) -> String {
    const BINS: usize = 8;
    const WIDTH: usize = 40;
    let scores = board.scores();
    let best = scores[0];
    // The weakest tenth would stretch the scale until nothing else can be told apart.
    let end = scores[(scores.len() * 9 / 10).min(scores.len() - 1)];
    if best == end {
        return format!("  {} {} teams\n", score(best), board.teams());
    }
    let mut counts = [0_usize; BINS];
    for &value in scores {
        let place = ((value - best) / (end - best) * (BINS as f64)).floor();
        counts[(place.max(0.0) as usize).min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let mut text = String::new();
    for (bin, count) in counts.into_iter().enumerate() {
        let edge = best + (end - best) * bin as f64 / BINS as f64;
        let bar = "█".repeat((count * WIDTH).div_ceil(most));
        let teams = (count as f64 * board.teams() as f64 / scores.len() as f64).round();
        let more = if bin + 1 == BINS { " and worse" } else { "" };
        let _ = writeln!(text, "  from {:>11} {bar} {teams}{more}", score(edge));
    }
    text
}
