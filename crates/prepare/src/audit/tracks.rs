//! Files that are called after a group of test rows, such as a drive's log, and hold the course of its answers.
//!
//! Answers of a group stand in a table of its folder if nearly all of them are values of a column or, of two targets,
//! points on the path that two columns describe. Measurements of the same thing come near that path, but not so near.

use std::collections::BTreeMap;

use super::answers::{Answers, View};
use super::association::improbability;
use super::columns::columns_of;
use super::finding::{AuditReport, Finding, Leak};
use super::series::Series;
use super::source::Sources;

/// How near a path an answer must lie, as a share of the extent of the group's answers.
const NEAR: f64 = 1e-4;
/// How near a value.
const SAME: f64 = 1e-6;
/// Answers that must be there.
const FEWEST: usize = 8;
/// Columns of a table that are tried for each target.
const MOST_COLUMNS: usize = 12;

/// What was counted of one kind of file and its columns.
#[derive(Default)]
struct Count {
    example: String,
    right: usize,
    rows: usize,
    /// Answers that chance would bring so near.
    expected: f64,
}

pub(super) fn look(sources: &Sources, answers: &Answers, report: &mut AuditReport) {
    let view = &answers.all;
    let amounts: Vec<(&str, &[f64])> = view
        .targets
        .iter()
        .filter(|(_, series)| series.distinct() * 3 > series.len())
        .filter_map(|(name, series)| Some((name.as_str(), series.numbers.as_deref()?)))
        .take(2)
        .collect();
    if amounts.is_empty() {
        return;
    }
    let groups = groups(view);
    let mut counts: BTreeMap<(String, String), Count> = BTreeMap::new();
    for table in &sources.tables {
        let path = format!("-{}-", plain(&table.path));
        let Some((_, units)) = groups.iter().find(|(group, _)| path.contains(&format!("-{group}-"))) else { continue };
        let columns: Vec<(String, Vec<f64>)> = columns_of(table)
            .into_iter()
            .filter_map(|(name, texts)| Some((name, Series::of(texts.iter().map(Some)).numbers?)))
            .collect();
        let wanted: Vec<Wanted> = amounts.iter().filter_map(|(_, numbers)| Wanted::of(numbers, units)).collect();
        if wanted.len() != amounts.len() {
            continue;
        }
        let near: Vec<Vec<&(String, Vec<f64>)>> = wanted
            .iter()
            .map(|wanted| columns.iter().filter(|(_, column)| wanted.overlaps(column)).take(MOST_COLUMNS).collect())
            .collect();
        let kind = table.path.rsplit('/').next().unwrap_or(&table.path).to_owned();
        let mut count = |columns: String, right: usize, expected: f64| {
            let count = counts.entry((kind.clone(), columns)).or_default();
            if count.rows == 0 {
                count.example.clone_from(&table.path);
            }
            count.right += right;
            count.rows += units.len();
            count.expected += expected;
        };
        for (name, column) in &near[0] {
            let (right, chance) = wanted[0].values(column);
            count(name.clone(), right, chance * units.len() as f64);
            for (other, second) in near.get(1).into_iter().flatten().filter(|(other, _)| other != name) {
                let (right, chance) = on_path([&wanted[0], &wanted[1]], column, second);
                count(format!("{name}, {other}"), right, chance * units.len() as f64);
            }
        }
    }
    let bar = (counts.len().max(1) as f64 * 1e3).ln();
    for ((_, columns), count) in counts {
        let share = count.right as f64 / count.rows as f64;
        let chance = (count.expected / count.rows as f64).min(1.0);
        if count.rows >= FEWEST && share >= 0.9 && improbability(count.rows, share, chance) > bar {
            let both = columns.contains(", ") && amounts.len() > 1;
            let names: Vec<&str> = amounts.iter().take(1 + usize::from(both)).map(|(name, _)| *name).collect();
            report.findings.push(Finding {
                leak: Leak::Column,
                file: count.example,
                column: Some(columns),
                target: names.join(", "),
                evidence: format!(
                    "{} of {} answers of the groups that such files are called after lie {}",
                    count.right,
                    count.rows,
                    if both { "on its path" } else { "among its values" }
                ),
            });
        }
    }
}

/// Units by the first parts of their ids, longest first, where these name several units.
fn groups(view: &View) -> Vec<(String, Vec<usize>)> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (unit, id) in view.ids.iter().enumerate() {
        if let Some((group, _)) = id.rsplit_once('_') {
            groups.entry(plain(group)).or_default().push(unit);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().filter(|(name, units)| name.len() >= 2 && units.len() >= 3).collect();
    groups.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    groups
}

/// A name or path with one sign between its parts.
fn plain(text: &str) -> String {
    text.split(|sign: char| !sign.is_alphanumeric()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The answers of a group, and where they lie.
struct Wanted {
    numbers: Vec<f64>,
    least: f64,
    extent: f64,
}

impl Wanted {
    fn of(numbers: &[f64], units: &[usize]) -> Option<Self> {
        let numbers: Vec<f64> = units.iter().map(|&unit| numbers[unit]).collect();
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let extent = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
        (extent > 0.0 && numbers.iter().all(|number| number.is_finite())).then_some(Self { numbers, least, extent })
    }

    /// From 0 to 1 within the answers.
    fn scaled(&self, number: f64) -> f64 {
        (number - self.least) / self.extent
    }

    /// Whether most of a column lies where the answers lie.
    fn overlaps(&self, column: &[f64]) -> bool {
        let inside = column.iter().filter(|&&number| (-1.0..=2.0).contains(&self.scaled(number))).count();
        inside * 2 > column.len()
    }

    /// How many answers are values of the column, and the share that would be by chance.
    fn values(&self, column: &[f64]) -> (usize, f64) {
        let mut scaled: Vec<f64> = column.iter().map(|&number| self.scaled(number)).filter(|x| x.is_finite()).collect();
        scaled.sort_by(f64::total_cmp);
        let is_value = |answer: f64| {
            let at = scaled.partition_point(|&value| value < answer - SAME);
            scaled.get(at).is_some_and(|&value| value <= answer + SAME)
        };
        let right = self.numbers.iter().filter(|&&answer| is_value(self.scaled(answer))).count();
        scaled.dedup();
        // Coarse numbers come again by chance as often as there are few of them.
        let mut own = self.numbers.clone();
        own.sort_by(f64::total_cmp);
        own.dedup();
        (right, (scaled.len() as f64 * (2.0 * SAME).max(1.0 / self.steps(&own))).min(1.0))
    }

    /// How many steps of the answers' own fineness their extent has.
    fn steps(&self, sorted: &[f64]) -> f64 {
        let step = sorted.windows(2).map(|pair| pair[1] - pair[0]).fold(self.extent, f64::min);
        self.extent / step
    }
}

/// How many answers lie on the path of two columns, and the share that would by chance.
fn on_path(wanted: [&Wanted; 2], first: &[f64], second: &[f64]) -> (usize, f64) {
    let points: Vec<(f64, f64)> = first
        .iter()
        .zip(second)
        .map(|(&a, &b)| (wanted[0].scaled(a), wanted[1].scaled(b)))
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .take(20_000)
        .collect();
    let length: f64 = points.windows(2).map(|ends| (ends[1].0 - ends[0].0).hypot(ends[1].1 - ends[0].1)).sum();
    let chance = (length * 2.0 * NEAR).min(1.0);
    let near = |answer: (f64, f64)| points.windows(2).any(|ends| distance(answer, ends[0], ends[1]) <= NEAR);
    let answers = wanted[0].numbers.iter().zip(&wanted[1].numbers);
    let right = answers.filter(|(a, b)| near((wanted[0].scaled(**a), wanted[1].scaled(**b)))).count();
    (right, chance)
}

/// From a point to the line between two others.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (along, square) = ((to.0 - from.0, to.1 - from.1), (to.0 - from.0).powi(2) + (to.1 - from.1).powi(2));
    let dot = (point.0 - from.0) * along.0 + (point.1 - from.1) * along.1;
    let at = if square > 0.0 { (dot / square).clamp(0.0, 1.0) } else { 0.0 };
    (point.0 - from.0 - at * along.0).hypot(point.1 - from.1 - at * along.1)
}
