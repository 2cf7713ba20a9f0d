//! Columns of public tables that tell the answers.

use std::collections::HashMap;

use super::answers::{Answers, View};
use super::association::{Bar, equal, tells, verbatim};
use super::binary::same_values;
use super::finding::{AuditReport, Finding, Leak};
use super::hashes::hashed;
use super::join::{Joined, by_column, join};
use super::order;
use super::series::{Series, number, seconds};
use super::source::Table;
use crate::table::Texts;

/// Columns of which every two are added, subtracted, multiplied and divided.
const MOST_PAIRED: usize = 30;
/// Columns of a table that are looked at.
pub(super) const MOST_COLUMNS: usize = 5000;

/// What was learnt of the tables so far.
pub(super) struct Context<'a> {
    pub(super) answers: &'a Answers,
    units: Vec<HashMap<String, usize>>,
    /// Tables that have one row for nearly every unit of the first view, by path, with those rows.
    pub(super) test_tables: Vec<(String, Joined)>,
    /// Tables whose rows speak of units, by path.
    joined: Vec<String>,
    /// What chance must be ruled out by, as so many columns are looked at.
    bar: Bar,
    /// Columns of all tables, by path.
    headers: HashMap<String, Vec<String>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(answers: &'a Answers) -> Self {
        let units = answers.views.iter().map(View::units).collect();
        Self {
            answers,
            units,
            test_tables: Vec::new(),
            joined: Vec::new(),
            bar: Bar::among(1),
            headers: HashMap::new(),
        }
    }

    /// Tells the context of the columns of all tables, before any is looked into.
    pub(super) fn announce(&mut self, tables: &[Table]) {
        for table in tables {
            let mut header: Vec<String> = table.frame.column_names().map(str::to_owned).collect();
            header.sort_unstable();
            self.headers.insert(table.path.clone(), header);
        }
        let columns: usize = self.headers.values().map(Vec::len).sum();
        self.bar = Bar::among(columns * self.answers.views[0].targets.len());
    }

    /// Whether a table of other rows has the very same columns: one that is learnt from, which holds the target.
    fn has_twin(&self, table: &Table) -> bool {
        let mine = self.headers.get(&table.path);
        self.headers.iter().any(|(path, header)| *path != table.path && Some(header) == mine && header.len() > 1)
    }

    pub(super) fn is_joined(&self, path: &str) -> bool {
        self.joined.iter().any(|joined| joined == path)
    }
}

/// The columns of a table.
pub(super) fn columns_of(table: &Table) -> Vec<(String, Texts)> {
    let names: Vec<&str> = table.frame.column_names().take(MOST_COLUMNS).collect();
    names.into_iter().filter_map(|name| Some((name.to_owned(), table.frame.texts(name).ok()?))).collect()
}

/// Looks at one table.
pub(super) fn look(table: &Table, context: &mut Context<'_>, report: &mut AuditReport) {
    let mut columns = columns_of(table);
    report.columns += columns.len();
    columns.extend(whole_id(&columns, &context.answers.id_columns));
    let twin = context.has_twin(table);
    for (place, view) in context.answers.views.iter().enumerate() {
        let Some(joined) = join(&table.frame, &columns, view, &context.units[place]) else { continue };
        compare(table, &columns, &joined, view, twin, context.bar, report);
        if joined.by.is_some() && joined.is_single() {
            let rows: Vec<Option<usize>> =
                joined.rows.iter().map(|rows| rows.first().map(|&row| row as usize)).collect();
            order::look_at_rows(&rows, view, &table.path, report);
        }
        if place == 0 && joined.is_single() && joined.found() * 10 >= view.ids.len() * 9 {
            context.test_tables.push((table.path.clone(), joined));
        }
        if !context.is_joined(&table.path) {
            context.joined.push(table.path.clone());
        }
    }
}

/// Ids of several columns as one, where the table has them all.
fn whole_id(columns: &[(String, Texts)], id_columns: &[String]) -> Option<(String, Texts)> {
    if id_columns.len() < 2 {
        return None;
    }
    let part = |id: &String| columns.iter().find(|(name, _)| name == id).map(|(_, texts)| texts);
    let parts: Vec<&Texts> = id_columns.iter().map(part).collect::<Option<_>>()?;
    let rows = parts.first()?.iter().count();
    let ids = (0..rows).map(|row| parts.iter().map(|part| part.get(row)).collect::<Vec<_>>().join("_"));
    Some((id_columns.join(", "), ids.collect()))
}

/// Looks at the tables that don't name test rows by their ids, but by another column of a table that does.
pub(super) fn look_by_keys(tables: &[Table], context: &Context<'_>, report: &mut AuditReport) {
    let Some(view) = context.answers.views.first() else { return };
    let by_path: HashMap<&str, &Table> = tables.iter().map(|table| (table.path.as_str(), table)).collect();
    for (path, joined) in &context.test_tables {
        let Some(test) = by_path.get(path.as_str()) else { continue };
        for (name, texts) in columns_of(test) {
            if joined.by.as_ref() == Some(&name) {
                continue;
            }
            let mut units: HashMap<String, usize> = HashMap::new();
            for (unit, rows) in joined.rows.iter().enumerate() {
                if let Some(&row) = rows.first() {
                    units.insert(texts.get(row as usize).to_owned(), unit);
                }
            }
            // A key names its row alone.
            if units.len() * 10 < joined.found() * 9 {
                continue;
            }
            for other in tables.iter().filter(|other| !context.is_joined(&other.path)) {
                let columns = columns_of(other);
                if let Some(joined) = by_column(&columns, &units, view.ids.len(), 0.8) {
                    compare(other, &columns, &joined, view, false, context.bar, report);
                }
            }
        }
    }
}

/// Compares the columns with all targets.
fn compare(
    table: &Table,
    columns: &[(String, Texts)],
    joined: &Joined,
    view: &View,
    twin: bool,
    bar: Bar,
    report: &mut AuditReport,
) {
    let mut numeric: Vec<(&str, Vec<f64>)> = Vec::new();
    let in_order = joined.by.is_none() && view.ids.len() == view.total;
    for (name, texts) in columns {
        if joined.by.as_ref() == Some(name) {
            continue;
        }
        for feature in features(texts, joined) {
            for (place, (target, series)) in view.targets.iter().enumerate() {
                let told = match &feature.kind {
                    Kind::Items => equal(&feature.series, &items(&view.cells, place), bar),
                    Kind::Value => suspected(name, target, twin)
                        .and_then(|bar| equal(&feature.series, series, bar))
                        .or_else(|| tells(&feature.series, series, bar))
                        .or_else(|| verbatim(&feature.series, series))
                        .or_else(|| hashed(&feature.series, series))
                        .or_else(|| in_order.then(|| same_values(&feature.series, series)).flatten()),
                    Kind::Derived => tells(&feature.series, series, bar),
                };
                if let Some(evidence) = told {
                    report.findings.push(Finding {
                        leak: Leak::Column,
                        file: table.path.clone(),
                        column: Some(name.clone()),
                        target: target.clone(),
                        evidence: format!("{}{evidence}", feature.what),
                    });
                    break;
                }
            }
            if let (Kind::Value, true, true) = (&feature.kind, joined.is_single(), numeric.len() < MOST_PAIRED) {
                let numbers = feature.seconds.clone().or_else(|| feature.series.numbers.clone());
                numeric
                    .extend(numbers.filter(|_| !feature.series.is_constant()).map(|numbers| (name.as_str(), numbers)));
            }
        }
    }
    pairs(table, &numeric, view, report);
}

/// The bar for columns that may well be the target, by their name or that of their table.
fn suspected(column: &str, target: &str, twin: bool) -> Option<Bar> {
    if column == target { Some(Bar::NAMED) } else { twin.then_some(Bar::SUSPECT) }
}

/// Something that a column says of each unit.
struct Feature {
    series: Series,
    kind: Kind,
    /// What it is, before the evidence.
    what: &'static str,
    /// Dates and times as numbers.
    seconds: Option<Vec<f64>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The cells themselves.
    Value,
    /// Something made of them.
    Derived,
    /// How many items the cells list.
    Items,
}

fn features(texts: &Texts, joined: &Joined) -> Vec<Feature> {
    let mut features = Vec::new();
    let mut add = |series: Series, kind, what, seconds| {
        if !series.is_constant() || kind == Kind::Value {
            features.push(Feature { series, kind, what, seconds });
        }
    };
    if joined.is_single() {
        let cells: Vec<Option<&str>> =
            joined.rows.iter().map(|rows| rows.first().map(|&row| texts.get(row as usize))).collect();
        let times: Option<Vec<f64>> = cells
            .iter()
            .map(|cell| match cell {
                None | Some("") => Some(f64::NAN),
                Some(text) => seconds(text),
            })
            .collect();
        let value = Series::of(cells.iter().copied());
        let is_text = value.numbers.is_none();
        if let Some(times) = &times {
            add(Series::of_numbers(times.clone()), Kind::Derived, "as time, ", None);
        }
        add(value, Kind::Value, "", times);
        add(
            Series::of(cells.iter().map(|cell| cell.map(|text| if is_blank(text) { "blank" } else { "filled" }))),
            Kind::Derived,
            "blank or not, ",
            None,
        );
        if is_text {
            let length = |cell: &Option<&str>| cell.map(|text| text.chars().count().to_string());
            add(Series::of(cells.iter().map(length)), Kind::Derived, "by its length, ", None);
            let count = |cell: &Option<&str>| cell.map(|text| count_items(text).to_string());
            add(Series::of(cells.iter().map(count)), Kind::Items, "its number of items is ", None);
        }
        return features;
    }
    let of_unit = |rows: &Vec<u32>| -> Vec<String> {
        rows.iter().take(200).map(|&row| texts.get(row as usize).to_owned()).collect()
    };
    let cells: Vec<Vec<String>> = joined.rows.iter().map(of_unit).collect();
    let some = |rows: &Vec<String>, text: String| (!rows.is_empty()).then_some(text);
    add(Series::of(cells.iter().map(|rows| some(rows, rows.join(" ")))), Kind::Value, "all rows side by side, ", None);
    add(Series::of(cells.iter().map(|rows| rows.first().cloned())), Kind::Value, "in the first row, ", None);
    add(Series::of(cells.iter().map(|rows| rows.last().cloned())), Kind::Value, "in the last row, ", None);
    let mean = |rows: &Vec<String>| {
        let numbers: Vec<f64> = rows.iter().filter_map(|cell| number(cell)).collect();
        (!numbers.is_empty()).then(|| (numbers.iter().sum::<f64>() / numbers.len() as f64).to_string())
    };
    add(Series::of(cells.iter().map(mean)), Kind::Derived, "on average, ", None);
    features
}

/// Words that stand for nothing.
fn is_blank(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "NA" | "N/A" | "n/a" | "nan" | "NaN" | "null" | "NULL" | "None" | "none" | "[]" | "{}" | "-"
    )
}

/// How many items a list in a cell has: as many as the commas, semicolons and blanks between them say.
fn count_items(text: &str) -> usize {
    let text = text.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
    if text.is_empty() {
        return 0;
    }
    // Lists of quoted texts hold blanks and commas of their own.
    for separator in ["', '", "\", \"", "', \"", "\", '"] {
        if text.contains(separator) {
            return text.matches("', '").count()
                + text.matches("\", \"").count()
                + text.matches("', \"").count()
                + text.matches("\", '").count()
                + 1;
        }
    }
    if text.starts_with(['\'', '"']) {
        return 1;
    }
    let separator = if text.contains(';') {
        ';'
    } else if text.contains(',') {
        ','
    } else {
        ' '
    };
    text.split(separator).filter(|item| !item.trim().is_empty()).count()
}

/// The number of items in the target's cells, where they are lists.
fn items(cells: &[Texts], place: usize) -> Series {
    match cells.get(place) {
        Some(cells) => {
            let series = Series::of(cells.iter().map(|cell| Some(count_items(cell).to_string())));
            // One number more or less in a few classes proves nothing.
            if series.distinct() >= 3 { series } else { Series::of(Vec::<Option<&str>>::new()) }
        }
        None => Series::of(Vec::<Option<&str>>::new()),
    }
}

/// Two numbers in, one out.
type Operation = fn(f64, f64) -> f64;

/// Sums, differences, products and ratios of two columns that are the target.
fn pairs(table: &Table, columns: &[(&str, Vec<f64>)], view: &View, report: &mut AuditReport) {
    let operations: [(&str, Operation); 5] =
        [("+", |a, b| a + b), ("−", |a, b| a - b), ("−", |a, b| b - a), ("×", |a, b| a * b), ("/", |a, b| a / b)];
    for (target, series) in view.targets.iter().take(20) {
        let Some(wanted) = &series.numbers else { continue };
        if series.distinct() < 8 || series.len() < 12 {
            continue;
        }
        for (place, (first, a)) in columns.iter().enumerate() {
            for (second, b) in &columns[..place] {
                for (sign, operation) in operations {
                    let same = |unit: &usize| {
                        let (made, want) = (operation(a[*unit], b[*unit]), wanted[*unit]);
                        (made - want).abs() <= 1e-6 * want.abs().max(1e-9)
                    };
                    // Most are refuted by a few rows.
                    if (0..wanted.len()).take(20).filter(same).count() < 10 {
                        continue;
                    }
                    let right = (0..wanted.len()).filter(same).count();
                    if right * 100 >= wanted.len() * 98 {
                        report.findings.push(Finding {
                            leak: Leak::Column,
                            file: table.path.clone(),
                            column: Some(format!("{first} {sign} {second}")),
                            target: target.clone(),
                            evidence: format!("equal to the answer in {right} of {} rows", wanted.len()),
                        });
                        return;
                    }
                }
            }
        }
    }
}
