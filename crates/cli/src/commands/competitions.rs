//! `mledojo competitions`.

use std::fmt::Write;

use anyhow::Result;
use mledojo_catalog::spec::Entrants;
use mledojo_catalog::{Board, BoardKind, Competition, MedalRanks, Spec};
use mledojo_prepare::Prepared;
use serde_json::{Value, json};

use crate::args::{CompetitionsCommand, ListArgs};
use crate::exit::Exit;
use crate::output::{print_json, print_text, score, table};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &CompetitionsCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        CompetitionsCommand::List(filter) => list(filter, settings, json)?,
        CompetitionsCommand::Show { competition } => {
            let competition = workbench::catalog(settings).get(competition)?;
            if json { print_json(&data(&competition))? } else { print_text(&page(&competition))? }
        }
    }
    Ok(Exit::Ok)
}

fn list(filter: &ListArgs, settings: &Settings, json: bool) -> Result<()> {
    let catalog = workbench::catalog(settings);
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for slug in catalog.slugs()? {
        let spec = catalog.get(&slug)?.spec;
        let prepared = Prepared::open(&settings.competition_dir(&slug)).is_ok();
        if !matches(filter, &spec, prepared) {
            continue;
        }
        lines.push(json!({
            "slug": slug,
            "title": spec.title,
            "modality": spec.modality,
            "task": spec.task,
            "metric": spec.metric.metric.name(),
            "direction": spec.metric.direction,
            "suites": spec.suites,
            "data_size_mb": spec.data_size_mb,
            "prepared": prepared,
        }));
        rows.push(vec![
            slug,
            spec.title,
            word(&json!(spec.modality)),
            word(&json!(spec.task)),
            format!("{} ({})", spec.metric.metric.name(), spec.metric.direction),
            if prepared { "yes" } else { "no" }.to_owned(),
        ]);
    }
    if json {
        return print_json(&lines);
    }
    print_text(&table(&["competition", "title", "modality", "task", "metric", "prepared"], rows))
}

/// Whether a competition passes every filter that was given.
fn matches(filter: &ListArgs, spec: &Spec, prepared: bool) -> bool {
    let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
    same(&filter.modality, &word(&json!(spec.modality)))
        && same(&filter.task, &word(&json!(spec.task)))
        && same(&filter.metric, spec.metric.metric.name())
        && filter.suite.as_ref().is_none_or(|suite| spec.suites.contains(suite))
        && (prepared || !filter.prepared)
}

/// A value that serialises as a word, as that word.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn data(competition: &Competition) -> Value {
    let board = |kind| {
        competition.leaderboard.board(kind).map(|board| {
            let ranks = MedalRanks::of(board.teams());
            json!({
                "teams": board.teams(),
                "best": board.scores().first(),
                "median": board.median(),
                "gold": threshold(board, ranks.gold),
                "silver": threshold(board, ranks.silver),
                "bronze": threshold(board, ranks.bronze),
                "scores": board.scores(),
            })
        })
    };
    json!({
        "spec": competition.spec,
        "brief": competition.brief,
        "leaderboard": {
            "entrants": competition.spec.leaderboard.entrants,
            "public": board(BoardKind::Public),
            "private": board(BoardKind::Private),
        },
    })
}

fn threshold(board: &Board, rank: usize) -> f64 {
    board.scores()[rank.min(board.teams()) - 1]
}

fn page(competition: &Competition) -> String {
    let spec = &competition.spec;
    let mut page = format!("{}\n", competition.brief.trim());
    let facts = [
        ("slug", spec.slug.clone()),
        ("source", format!("{} ({})", spec.host, spec.url)),
        ("license", spec.license.clone()),
        ("data", format!("{} MB, {} data", spec.data_size_mb, word(&json!(spec.modality)))),
        ("task", word(&json!(spec.task))),
        ("metric", format!("{}, {}", spec.metric.metric.name(), spec.metric.direction)),
        ("formula", spec.metric.metric.formula().to_owned()),
        ("suites", spec.suites.join(", ")),
    ];
    page.push('\n');
    for (name, fact) in facts {
        let _ = writeln!(page, "{name:<9} {fact}");
    }
    page.push_str("\nA submission begins like this:\n");
    for line in &spec.submission.sample {
        let _ = writeln!(page, "    {line}");
    }
    page.push_str(match spec.leaderboard.entrants {
        Entrants::People => "\nLeaderboard: teams of people on Kaggle.\n",
        Entrants::ReferenceModels => {
            "\nLeaderboard: reference models of ours, not people. HumanRank here says how a submission compares with\n\
             scikit-learn and LightGBM pipelines of different strength.\n"
        }
    });
    for (name, kind) in [("private", BoardKind::Private), ("public", BoardKind::Public)] {
        if let Some(board) = competition.leaderboard.board(kind) {
            page.push_str(&board_text(name, board));
        }
    }
    page
}

fn board_text(name: &str, board: &Board) -> String {
    let ranks = MedalRanks::of(board.teams());
    let mut text = format!(
        "\n{name} board, {} entries: best {}, gold {}, silver {}, bronze {}, median {}\n",
        board.teams(),
        score(board.scores()[0]),
        score(threshold(board, ranks.gold)),
        score(threshold(board, ranks.silver)),
        score(threshold(board, ranks.bronze)),
        score(board.median()),
    );
    text.push_str(&histogram(board));
    text
}

/// How the entries spread from the best score to the worst; scores far below the rest share the last line.
fn histogram(board: &Board) -> String {
    const BINS: usize = 8;
    const WIDTH: usize = 40;
    let scores = board.scores();
    let best = scores[0];
    // The weakest tenth would stretch the scale until nothing else can be told apart.
    let end = scores[(scores.len() * 9 / 10).min(scores.len() - 1)];
    if best == end {
        return format!("  {} {} entries\n", score(best), scores.len());
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
        let more = if bin + 1 == BINS { " and worse" } else { "" };
        let _ = writeln!(text, "  from {:>9} {bar} {count}{more}", score(edge));
    }
    text
}
