//! The predictions of a submission, small enough to hold those of all episodes at once.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use mledojo_catalog::Spec;
use mledojo_metrics::Table;

/// Rows that are kept: those whose ids have the smallest hashes, the same ones in every submission.
const ROWS: usize = 4000;
/// A column with no more values than this holds labels.
const LABELS: usize = 20;

/// The predictions of a submission by id.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    /// Rows of the file.
    pub(crate) rows: usize,
    /// Hashes of the ids that are kept, ascending.
    ids: Vec<u64>,
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    values: Values,
    distinct: usize,
}

#[derive(Debug, Clone)]
enum Values {
    Numbers(Vec<f64>),
    /// Hashes of the texts.
    Texts(Vec<u64>),
}

/// How alike two sheets are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Likeness {
    /// Share of the cells that are equal.
    pub(crate) equal: f64,
    /// Root mean square of the differences in standard deviations of the first sheet's; of numbers only.
    pub(crate) distance: Option<f64>,
    /// Whether all predictions are labels.
    pub(crate) labels: bool,
}

impl Likeness {
    /// Whether one may have been made from the other: of labels all must be equal.
    pub(crate) fn is_near(&self) -> bool {
        self.equal >= if self.labels { 1.0 } else { 0.995 } || self.distance.is_some_and(|distance| distance <= 1e-3)
    }
}

impl Sheet {
    /// The predictions of a table that the competition accepts.
    pub(crate) fn of(table: &Table, spec: &Spec) -> Self {
        let ids = &spec.submission.id_columns;
        let id_columns: Vec<_> = ids.iter().filter_map(|name| table.column(name)).collect();
        let mut seen = std::collections::HashMap::new();
        let id = |row: usize| {
            if id_columns.is_empty() {
                return hash(&row);
            }
            let cells: Vec<&str> = id_columns.iter().map(|column| column.get(row)).collect();
            hash(&cells)
        };
        let mut kept: Vec<(u64, usize)> = (0..table.rows())
            .map(|row| {
                let id = id(row);
                let times: &mut usize = seen.entry(id).or_default();
                *times += 1;
                (hash(&(id, *times)), row)
            })
            .collect();
        kept.sort_unstable();
        kept.truncate(ROWS);
        let names = table.header().iter().filter(|name| !ids.contains(name));
        let columns = names.filter_map(|name| {
            let cells = table.column(name)?;
            Some(Column::of(name, &kept.iter().map(|&(_, row)| cells.get(row)).collect::<Vec<_>>()))
        });
        let mut columns: Vec<Column> = columns.collect();
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        Self { rows: table.rows(), ids: kept.into_iter().map(|(id, _)| id).collect(), columns }
    }

    /// Whether every prediction is the same in all of several rows.
    pub(crate) fn is_constant(&self) -> bool {
        self.rows > 1 && !self.columns.is_empty() && self.columns.iter().all(|column| column.distinct == 1)
    }

    /// How alike two sheets are; `None` where rows or columns differ.
    pub(crate) fn likeness(&self, other: &Self) -> Option<Likeness> {
        let same_columns = self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|(one, other)| one.name == other.name);
        if self.rows != other.rows || self.ids != other.ids || self.ids.is_empty() || !same_columns {
            return None;
        }
        let (mut equal, mut cells, mut distance) = (0, 0, Some(0.0_f64));
        for (one, other) in self.columns.iter().zip(&other.columns) {
            cells += self.ids.len();
            match (&one.values, &other.values) {
                (Values::Numbers(one), Values::Numbers(other)) => {
                    equal += one.iter().zip(other).filter(|(one, other)| is_same(**one, **other)).count();
                    distance = distance.zip(relative_distance(one, other)).map(|(worst, new)| worst.max(new));
                }
                (Values::Texts(one), Values::Texts(other)) => {
                    equal += one.iter().zip(other).filter(|(one, other)| one == other).count();
                    distance = None;
                }
                _ => distance = None,
            }
        }
        let labels = self.columns.iter().all(|column| column.distinct <= LABELS);
        Some(Likeness { equal: equal as f64 / cells as f64, distance: distance.filter(|_| !labels), labels })
    }
}

impl Column {
    fn of(name: &str, cells: &[&str]) -> Self {
        let distinct = cells.iter().collect::<HashSet<_>>().len();
        let numbers: Option<Vec<f64>> = cells.iter().map(|cell| cell.trim().parse().ok()).collect();
        let values = match numbers {
            Some(numbers) => Values::Numbers(numbers),
            None => Values::Texts(cells.iter().map(hash).collect()),
        };
        Self { name: name.to_owned(), values, distinct }
    }
}

/// The same but for the last digits that a program prints.
fn is_same(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

/// `None` where the first column doesn't vary.
fn relative_distance(one: &[f64], other: &[f64]) -> Option<f64> {
    let count = one.len() as f64;
    let mean = one.iter().sum::<f64>() / count;
    let variance = one.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let squares = one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>() / count;
    let distance = (squares / variance).sqrt();
    distance.is_finite().then_some(distance)
}

fn hash<T: Hash>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mledojo_catalog::Catalog;
    use mledojo_metrics::ReadLimits;

    fn sheet(rows: impl IntoIterator<Item = (usize, String)>) -> Sheet {
        let spec = Catalog::bundled().get("iris").unwrap().spec;
        let csv = rows.into_iter().fold("id,species\n".to_owned(), |csv, (id, cell)| csv + &format!("{id},{cell}\n"));
        Sheet::of(&Table::parse(csv.as_bytes(), &ReadLimits::default()).unwrap(), &spec)
    }

    fn numbers(change: impl Fn(usize) -> f64) -> Sheet {
        sheet((0..6000).map(|id| (id, change(id).to_string())))
    }

    #[test]
    fn rows_are_matched_by_id_and_kept_to_a_sample() {
        let one = numbers(|id| id as f64);
        let turned = sheet((0..6000).rev().map(|id| (id, format!("{id}.0"))));
        assert_eq!((one.ids.len(), one.rows), (ROWS, 6000));
        assert_eq!(one.likeness(&turned).unwrap().equal, 1.0);
        assert_eq!(one.likeness(&sheet([(1, "2".to_owned())])), None);
    }

    #[test]
    fn near_is_nearer_than_another_model() {
        let one = numbers(|id| (id as f64).sqrt());
        let nudged = numbers(|id| (id as f64).sqrt() + if id % 2 == 0 { 1e-4 } else { -1e-4 });
        let likeness = one.likeness(&nudged).unwrap();
        assert!(likeness.is_near() && likeness.equal < 0.1, "{likeness:?}");
        let other = numbers(|id| (id as f64).sqrt() * 1.05);
        assert!(!one.likeness(&other).unwrap().is_near());
        let mostly = numbers(|id| if id % 1000 == 0 { 0.0 } else { (id as f64).sqrt() });
        assert!(one.likeness(&mostly).unwrap().is_near());
    }

    #[test]
    fn labels_must_all_agree() {
        let labels = |wrong: usize| {
            sheet((0..500).map(move |id| (id, if id < wrong { "x" } else { ["a", "b"][id % 2] }.to_owned())))
        };
        let (one, other) = (labels(0), labels(1));
        let likeness = one.likeness(&other).unwrap();
        assert!(likeness.labels && likeness.equal > 0.995 && !likeness.is_near());
        assert!(one.likeness(&labels(0)).unwrap().is_near());
        assert!(labels(500).is_constant() && !one.is_constant());
    }
}
