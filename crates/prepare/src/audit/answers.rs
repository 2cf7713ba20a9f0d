//! The answers, as the audit compares with them.

use std::collections::HashMap;

use mledojo_catalog::spec::SubmissionSpec;
use mledojo_catalog::spec::recipe::{Encoding, LongRows};

use super::MOST_UNITS;
use super::series::Series;
use crate::error::PrepareError;
use crate::prepared::Prepared;
use crate::random::RandomState;
use crate::table::{Frame, Records, Texts};

/// Answers of one kind of unit.
pub(super) struct View {
    /// The units' ids.
    pub(super) ids: Vec<String>,
    /// The places of the units among all.
    pub(super) places: Vec<usize>,
    /// How many units there are in all.
    pub(super) total: usize,
    /// What is to be predicted, by the name of the column.
    pub(super) targets: Vec<(String, Series)>,
    /// The targets' cells as they are written.
    pub(super) cells: Vec<Texts>,
}

/// The answers: a unit for each id, and, where ids have two parts, a unit for each first part.
pub(super) struct Answers {
    /// All rows, one a unit, none left out.
    pub(super) all: View,
    /// The views that tables are compared with, at most [`MOST_UNITS`] units each.
    pub(super) views: Vec<View>,
    /// The columns that are ids.
    pub(super) id_columns: Vec<String>,
}

impl Answers {
    pub(super) fn read(prepared: &Prepared, submission: Option<&SubmissionSpec>) -> Result<Self, PrepareError> {
        let answers = frame(&prepared.answers())?;
        let sample = frame(&prepared.sample_submission())?;
        let listed = submission.map(|spec| spec.id_columns.clone()).unwrap_or_default();
        let mut id_columns: Vec<String> = listed.into_iter().filter(|column| answers.has(column)).collect();
        if id_columns.is_empty() {
            id_columns = leading_ids(&answers, &sample)?;
        }
        let listed = submission.map(|spec| spec.target_columns.clone()).unwrap_or_default();
        let is_target = |column: &&str| {
            let column = *column;
            !id_columns.iter().any(|id| id == column)
                && (if listed.is_empty() { sample.has(column) } else { listed.iter().any(|target| target == column) })
        };
        let mut targets: Vec<&str> = answers.column_names().filter(is_target).collect();
        if targets.is_empty() {
            targets = answers.column_names().filter(|column| !id_columns.iter().any(|id| id == column)).collect();
        }
        let parts = id_columns.iter().map(|column| answers.texts(column)).collect::<Result<Vec<_>, _>>()?;
        let cells = targets.iter().map(|column| answers.texts(column)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<String> = (0..answers.len())
            .map(|row| parts.iter().map(|part| part.get(row)).collect::<Vec<_>>().join("_"))
            .collect();
        let names: Vec<String> = targets.into_iter().map(str::to_owned).collect();
        let all = grouped(&ids, &names, &cells);
        let mut views = vec![sampled(&all)];
        if let Some(wide) = wide(&all) {
            views.push(sampled(&wide));
        }
        Ok(Self { all, views, id_columns })
    }
}

/// The first column, and those after it that the sample submission repeats, until they name each row alone.
fn leading_ids(answers: &Frame, sample: &Frame) -> Result<Vec<String>, PrepareError> {
    let mut ids = Vec::new();
    let mut rows: Vec<String> = vec![String::new(); answers.len()];
    for column in answers.column_names() {
        let cells = answers.texts(column)?;
        let repeated = || sample.texts(column).is_ok_and(|theirs| theirs.iter().eq(cells.iter()));
        if !ids.is_empty() && !repeated() {
            // No further column makes rows of their own of these: an id has several rows.
            return Ok(ids.into_iter().take(1).collect());
        }
        ids.push(column.to_owned());
        rows.iter_mut().zip(cells.iter()).for_each(|(row, cell)| *row = format!("{row}_{cell}"));
        if rows.iter().collect::<Texts>().codes().1.len() == rows.len() {
            break;
        }
    }
    Ok(ids)
}

/// Reads a table of a prepared folder.
pub(super) fn frame(path: &std::path::Path) -> Result<Frame, PrepareError> {
    let records = Records::read(path, b',', LongRows::Refuse, Encoding::Utf8OrLatin1)?;
    Ok(Frame::of_records(&path.display().to_string(), records))
}

/// One unit for each id; the cells of several rows of one id stand side by side.
fn grouped(ids: &[String], names: &[String], cells: &[Texts]) -> View {
    let (codes, firsts) = ids.iter().collect::<Texts>().codes();
    let mut joined: Vec<Vec<String>> = vec![vec![String::new(); firsts.len()]; cells.len()];
    for (column, texts) in cells.iter().enumerate() {
        for (row, &unit) in codes.iter().enumerate() {
            let cell: &mut String = &mut joined[column][unit];
            if firsts[unit] != row {
                cell.push(' ');
            }
            cell.push_str(texts.get(row));
        }
    }
    let cells: Vec<Texts> = joined.into_iter().map(|column| column.into_iter().collect()).collect();
    view(firsts.iter().map(|&first| ids[first].clone()).collect(), names, cells)
}

fn view(ids: Vec<String>, names: &[String], cells: Vec<Texts>) -> View {
    let mut targets: Vec<(String, Series)> =
        names.iter().zip(&cells).map(|(name, cells)| (name.clone(), Series::of(cells.iter().map(Some)))).collect();
    if let Some(class) = one_hot(names, &cells) {
        targets.push(("the column that is 1".to_owned(), class));
    }
    targets.retain(|(_, series)| !series.is_constant());
    let total = ids.len();
    View { ids, places: (0..total).collect(), total, targets, cells }
}

/// The class of each unit, where exactly one of several columns is 1 and the others are 0.
fn one_hot(names: &[String], cells: &[Texts]) -> Option<Series> {
    if cells.len() < 3 {
        return None;
    }
    let mut classes = Vec::new();
    for row in 0..cells[0].len() {
        let mut ones = (0..cells.len()).filter(|&column| matches!(cells[column].get(row), "1" | "1.0"));
        let one = ones.next()?;
        if ones.next().is_some() {
            return None;
        }
        classes.push(Some(names[one].as_str()));
    }
    Some(Series::of(classes))
}

/// A unit for each first part of ids like `7_a`, `7_b`, if all have the same second parts.
fn wide(all: &View) -> Option<View> {
    let parts: Vec<(&str, &str)> = all.ids.iter().map(|id| id.rsplit_once('_')).collect::<Option<_>>()?;
    let (prefixes, firsts) = parts.iter().map(|(prefix, _)| *prefix).collect::<Texts>().codes();
    let (suffixes, of_suffix) = parts.iter().map(|(_, suffix)| *suffix).collect::<Texts>().codes();
    let (units, kinds) = (firsts.len(), of_suffix.len());
    if !(2..=200).contains(&kinds) || units < 6 || units * kinds != all.ids.len() {
        return None;
    }
    let mut names = Vec::new();
    let mut cells = Vec::new();
    for (column, texts) in all.cells.iter().enumerate() {
        let mut wide = vec![vec![""; units]; kinds];
        for row in 0..all.ids.len() {
            wide[suffixes[row]][prefixes[row]] = texts.get(row);
        }
        for (kind, column_cells) in wide.into_iter().enumerate() {
            let name = all.targets.get(column).map_or("target", |(name, _)| name.as_str());
            names.push(format!("{name} of _{}", parts[of_suffix[kind]].1));
            cells.push(column_cells.into_iter().collect::<Texts>());
        }
    }
    Some(view(firsts.iter().map(|&first| parts[first].0.to_owned()).collect(), &names, cells))
}

/// Some of the units of a view, drawn evenly.
fn sampled(all: &View) -> View {
    let mut places = RandomState::new(0).permutation(all.ids.len());
    places.truncate(MOST_UNITS);
    places.sort_unstable();
    let cells: Vec<Texts> =
        all.cells.iter().map(|cells| places.iter().map(|&place| cells.get(place)).collect()).collect();
    let targets = all.targets.iter().map(|(name, series)| {
        let taken = Series::of(places.iter().map(|&place| series.label(place)));
        (name.clone(), taken)
    });
    View {
        ids: places.iter().map(|&place| all.ids[place].clone()).collect(),
        targets: targets.filter(|(_, series)| !series.is_constant()).collect(),
        cells,
        total: all.total,
        places,
    }
}

/// Ways in which an id may be written elsewhere: itself, as a number, without a file's ending.
pub(super) fn keys(id: &str) -> impl Iterator<Item = String> + use<> {
    let id = id.trim();
    let name = id.rsplit('/').next().unwrap_or(id);
    let stem =
        name.rsplit_once('.').filter(|(stem, ending)| !stem.is_empty() && is_ending(ending)).map(|(stem, _)| stem);
    let number = id.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string());
    [Some(id.to_owned()), Some(name.to_owned()), stem.map(str::to_owned), number].into_iter().flatten()
}

fn is_ending(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.starts_with(|first: char| first.is_ascii_alphabetic())
}

impl View {
    /// The units by the ways in which their ids may be written.
    pub(super) fn units(&self) -> HashMap<String, usize> {
        let mut units = HashMap::with_capacity(self.ids.len() * 2);
        for (unit, id) in self.ids.iter().enumerate() {
            for key in keys(id) {
                units.entry(key).or_insert(unit);
            }
        }
        units
    }
}
