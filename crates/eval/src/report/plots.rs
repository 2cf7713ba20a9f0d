//! The plots of a report.

use serde::Serialize;

use crate::report::figures::{Figures, PlayerReport, Report};
use crate::report::format;
use crate::report::plot::{Bar, Marks, Scale, Series, Span, bars, classes, lines, spans};
use crate::statistics::Profile;

/// The plots of a report, as SVG.
#[derive(Serialize)]
pub(crate) struct Plots {
    human_rank: String,
    elo: Option<String>,
    /// MLE-Dojo's and MLGym's.
    profiles: Vec<String>,
    by_step: String,
    by_code_step: String,
    actions: String,
    /// The actions' names, in the order of their colours.
    action_names: Vec<String>,
    failures: Option<String>,
    cost: Option<String>,
}

/// The kinds of failed executions that MLE-Dojo tells apart.
pub(crate) const EXECUTION_KINDS: [&str; 3] = ["run failed", "no submission", "invalid submission"];

impl Plots {
    pub(crate) fn of(report: &Report) -> Self {
        let names: std::collections::BTreeSet<&String> =
            report.players.iter().flat_map(|player| player.actions.keys()).collect();
        let mut action_names: Vec<String> = names.into_iter().cloned().collect();
        // In the order of the actions' own list; what is none of them last.
        let order = |name: &String| mledojo_env::ACTION_NAMES.iter().position(|known| known == name);
        action_names.sort_by_key(|name| order(name).unwrap_or(usize::MAX));
        Self {
            human_rank: human_rank(report),
            elo: elo(report),
            profiles: report.profiles.iter().filter_map(|profile| self::profile(report, profile)).collect(),
            by_step: by_step(report, "HumanRank by step", "step", |player| &player.by_step.human_rank),
            by_code_step: by_step(
                report,
                "HumanRank by step of code",
                "step of code (validate or execute)",
                |player| &player.by_code_step.human_rank,
            ),
            actions: actions(report, &action_names),
            action_names,
            failures: failures(report),
            cost: cost(report),
        }
    }
}

/// The key of a series for a legend: a piece of its line.
pub(crate) fn key(index: usize) -> String {
    format!(
        "<svg class=\"key\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><g class=\"{}\"><path class=\"line\" d=\"M1 5H27\"/>\
         <circle class=\"dot\" cx=\"14\" cy=\"5\" r=\"3\"/></g></svg>",
        classes(index)
    )
}

fn human_rank(report: &Report) -> String {
    let row = |(index, player): (usize, &PlayerReport)| {
        let Figures { human_rank, interval, anchor, .. } = &player.overall;
        Span {
            name: player.name.clone(),
            anchor: anchor.clone(),
            index,
            value: *human_rank,
            interval: interval.map(|interval| (interval.low, interval.high)),
            text: format!("{} {}", format::rank(Some(*human_rank)), format::interval(*interval)),
        }
    };
    let rows: Vec<Span> = report.players.iter().enumerate().map(row).collect();
    spans("Mean HumanRank with its interval, by player", "HumanRank", (0.0, 1.0), &rows)
}

fn elo(report: &Report) -> Option<String> {
    let row = |(index, player): (usize, &PlayerReport)| {
        let rating = player.overall.elo?;
        let (low, high) = (rating.interval.low, rating.interval.high);
        Some(Span {
            name: player.name.clone(),
            anchor: player.overall.anchor.clone(),
            index,
            value: rating.elo,
            interval: Some((low, high)),
            text: format!("{:.0} [{low:.0}, {high:.0}]", rating.elo),
        })
    };
    let mut rows: Vec<Span> = report.players.iter().enumerate().filter_map(row).collect();
    rows.sort_by(|one, other| other.value.total_cmp(&one.value));
    let ends = rows.iter().flat_map(|row| row.interval.into_iter().flat_map(|(low, high)| [low, high, row.value]));
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end)));
    let margin = ((high - low) * 0.05).max(10.0);
    (rows.len() > 1)
        .then(|| spans("Elo with its interval, by player", "Elo (mean 1000)", (low - margin, high + margin), &rows))
}

fn profile(report: &Report, profile: &Profile) -> Option<String> {
    if profile.tasks == 0 || report.players.len() < 2 {
        return None;
    }
    let end = profile.tau_max.max(1e-9);
    let series = report.players.iter().enumerate().filter(|(index, _)| profile.aup[*index].is_some());
    let series = series.map(|(index, player)| {
        let mut points = vec![(0.0, profile.rho(index, 0.0))];
        let ratios = profile.log_ratios[index].iter().filter(|ratio| **ratio > 0.0);
        points.extend(ratios.map(|&ratio| (ratio, profile.rho(index, ratio))));
        points.push((end, 1.0));
        Series { name: player.name.clone(), anchor: player.overall.anchor.clone(), index, points }
    });
    let series: Vec<Series> = series.collect();
    let scale = Scale {
        x: ("τ = log₁₀ of the ratio to the best", (0.0, end)),
        y: ("share of competitions within τ", (0.0, 1.0)),
        counts: false,
    };
    Some(lines("Performance profile by player", &scale, &series, Marks::Steps))
}

fn by_step(report: &Report, title: &str, axis: &str, curve: impl Fn(&PlayerReport) -> &Vec<f64>) -> String {
    let series = report.players.iter().enumerate().map(|(index, player)| {
        let points = curve(player).iter().enumerate().map(|(step, rank)| ((step + 1) as f64, *rank));
        Series { name: player.name.clone(), anchor: player.overall.anchor.clone(), index, points: points.collect() }
    });
    let series: Vec<Series> = series.collect();
    let last = series.iter().map(|series| series.points.len()).max().unwrap_or(1).max(2);
    let highest = series.iter().flat_map(|series| &series.points).map(|(_, rank)| *rank).fold(0.1, f64::max);
    let top = ((highest * 10.0).ceil() / 10.0).min(1.0);
    let scale = Scale { x: (axis, (1.0, last as f64)), y: ("mean HumanRank", (0.0, top)), counts: true };
    lines(title, &scale, &series, Marks::Line)
}

fn actions(report: &Report, names: &[String]) -> String {
    let row = |(index, player): (usize, &PlayerReport)| {
        let all: usize = player.actions.values().sum();
        let share = |name: &String| player.actions.get(name).copied().unwrap_or(0) as f64 / all.max(1) as f64;
        Bar {
            name: player.name.clone(),
            anchor: player.overall.anchor.clone(),
            index,
            parts: names.iter().enumerate().map(|(colour, name)| (name.clone(), colour, share(name))).collect(),
            text: format!("{all} actions"),
        }
    };
    let rows: Vec<Bar> = report.players.iter().enumerate().map(row).collect();
    bars("Shares of actions, by player", &rows)
}

fn failures(report: &Report) -> Option<String> {
    let row = |(index, player): (usize, &PlayerReport)| {
        let failures = &player.failures;
        let executions = failures.executions.0.max(1) as f64;
        let parts = EXECUTION_KINDS.iter().zip(failures.execution_kinds).enumerate();
        let parts = parts.map(|(colour, (name, count))| ((*name).to_owned(), colour + 1, count as f64 / executions));
        Bar {
            name: player.name.clone(),
            anchor: player.overall.anchor.clone(),
            index,
            parts: parts.collect(),
            text: format!("{} of {} executions failed", failures.executions.1, failures.executions.0),
        }
    };
    let any = report.players.iter().any(|player| player.failures.executions.1 > 0);
    any.then(|| {
        bars("Failed executions by kind, by player", &report.players.iter().enumerate().map(row).collect::<Vec<_>>())
    })
}

/// `None` where nothing cost anything.
fn cost(report: &Report) -> Option<String> {
    let series = report.players.iter().enumerate().filter_map(|(index, player)| {
        let each = player.overall.cost_usd? / player.overall.episodes.max(1) as f64;
        let points = vec![(each, player.overall.human_rank)];
        Some(Series { name: player.name.clone(), anchor: player.overall.anchor.clone(), index, points })
    });
    let series: Vec<Series> = series.collect();
    let most = series.iter().flat_map(|series| &series.points).map(|(cost, _)| *cost).fold(0.0, f64::max);
    let scale =
        Scale { x: ("US dollars an episode", (0.0, most * 1.05)), y: ("mean HumanRank", (0.0, 1.0)), counts: false };
    (most > 0.0).then(|| lines("Cost of an episode and HumanRank, by player", &scale, &series, Marks::Points))
}
