//! Test rows and files that come again in the training data.

use std::collections::HashMap;
use std::path::Path;

use super::columns::{Context, columns_of};
use super::finding::{AuditReport, Finding, Leak};
use super::join::Joined;
use super::series::Series;
use super::source::{PublicFile, Sources, Table};
use crate::digest::sha256_hex_of_file;
use crate::table::Texts;

/// Files that are compared by their content.
const MOST_FILES: usize = 2000;

pub(super) fn look(sources: &Sources, context: &Context<'_>, report: &mut AuditReport) {
    for (path, joined) in &context.test_tables {
        let Some(test) = sources.tables.iter().find(|table| table.path == *path) else { continue };
        for train in sources.tables.iter().filter(|table| table.path != *path && !context.is_joined(&table.path)) {
            rows(test, joined, train, context, report);
        }
    }
    files(sources, report);
}

/// Rows of the test table that the training table has as well, with the answer beside.
fn rows(test: &Table, joined: &Joined, train: &Table, context: &Context<'_>, report: &mut AuditReport) {
    let test_columns = columns_of(test);
    let train_columns = columns_of(train);
    let of_train = |name: &str| train_columns.iter().find(|(column, _)| column == name).map(|(_, texts)| texts);
    let shared: Vec<(&Texts, &Texts)> = test_columns
        .iter()
        .filter(|(name, texts)| joined.by.as_ref() != Some(name) && !counts_rows(texts))
        .filter_map(|(name, texts)| Some((texts, of_train(name)?)))
        .collect();
    let labels: Vec<&(String, Texts)> =
        train_columns.iter().filter(|(name, _)| test_columns.iter().all(|(column, _)| column != name)).collect();
    if shared.is_empty() || labels.is_empty() {
        return;
    }
    let key = |row: usize, of_test: bool| -> String {
        let cells = shared.iter().map(|(test, train)| if of_test { test.get(row) } else { train.get(row) });
        cells.collect::<Vec<_>>().join("\u{1f}")
    };
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut again = 0_usize;
    for row in 0..train.frame.len() {
        if known.insert(key(row, false), row).is_some() {
            again += 1;
        }
    }
    let view = &context.answers.views[0];
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (unit, rows) in joined.rows.iter().enumerate() {
        let Some(&row) = rows.first() else { continue };
        let text = key(row as usize, true);
        // Short rows come again by chance.
        if text.len() >= 8
            && let Some(&row) = known.get(&text)
        {
            found.push((unit, row));
        }
    }
    let share = found.len() as f64 / view.ids.len().max(1) as f64;
    let natural = again as f64 / train.frame.len().max(1) as f64;
    if found.len() < 5 || share < 0.05 || share < 3.0 * natural {
        return;
    }
    for (name, texts) in labels {
        for (target, series) in &view.targets {
            let label = Series::of(found.iter().map(|(_, row)| Some(texts.get(*row))));
            let same = found
                .iter()
                .enumerate()
                .filter(|(place, (unit, _))| label.label(*place) == series.label(*unit))
                .count();
            if same * 10 >= found.len() * 9 {
                report.findings.push(Finding {
                    leak: Leak::Duplicates,
                    file: train.path.clone(),
                    column: Some(name.clone()),
                    target: target.clone(),
                    evidence: format!(
                        "{} of {} rows of {} come again here, {same} of them with the answer",
                        found.len(),
                        view.ids.len(),
                        test.path
                    ),
                });
                return;
            }
        }
    }
}

/// Whether a column only numbers or names the rows.
fn counts_rows(texts: &Texts) -> bool {
    let (codes, firsts) = texts.codes();
    let short = texts.iter().take(200).all(|cell| cell.len() <= 24);
    let whole = texts.iter().take(200).all(|cell| cell.parse::<f64>().is_err() || cell.parse::<i64>().is_ok());
    codes.len() == firsts.len() && short && whole
}

/// Files of a test folder that lie in a training folder as well.
fn files(sources: &Sources, report: &mut AuditReport) {
    let part = |file: &&PublicFile, word: &str| {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        folder.components().any(|component| component.as_os_str().to_string_lossy().to_lowercase().contains(word))
    };
    let test: Vec<&PublicFile> = sources.files.iter().filter(|file| part(file, "test")).take(MOST_FILES).collect();
    let train: Vec<&PublicFile> =
        sources.files.iter().filter(|file| part(file, "train") && !part(file, "test")).collect();
    if test.len() < 10 || train.is_empty() {
        return;
    }
    let mut by_size: HashMap<u64, Vec<&PublicFile>> = HashMap::new();
    train.iter().for_each(|file| by_size.entry(file.size).or_default().push(file));
    let mut hashes: HashMap<&str, Option<String>> = HashMap::new();
    let mut twins = 0_usize;
    let mut own: HashMap<String, usize> = HashMap::new();
    let mut example = None;
    for file in &test {
        let Some(candidates) = by_size.get(&file.size) else { continue };
        let Ok(mine) = sha256_hex_of_file(&file.file) else { continue };
        *own.entry(mine.clone()).or_default() += 1;
        // One size may be that of all files, as of raw pixels: a bounded number is read.
        let twin = candidates.iter().take(200).find(|other| {
            let theirs = hashes.entry(other.path.as_str()).or_insert_with(|| sha256_hex_of_file(&other.file).ok());
            theirs.as_ref() == Some(&mine)
        });
        if let Some(twin) = twin {
            twins += 1;
            example.get_or_insert((file.path.clone(), twin.path.clone()));
        }
    }
    let repeated: usize = own.values().filter(|count| **count > 1).sum();
    // Where test files repeat each other, they are stand-ins or frames of one film.
    if let Some((mine, theirs)) = example
        && twins >= 5
        && twins * 20 >= test.len()
        && repeated * 2 < twins
    {
        report.findings.push(Finding {
            leak: Leak::Duplicates,
            file: mine,
            column: None,
            target: "all".to_owned(),
            evidence: format!(
                "{twins} of {} test files lie in the training data as well, this one as {theirs}",
                test.len()
            ),
        });
    }
}
