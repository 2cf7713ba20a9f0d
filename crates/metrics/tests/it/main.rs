//! Reading, grading and formulas from outside the crate.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod formulas;
mod fuzz;
mod grading;
mod large;
mod own;
mod parity;
mod parsers;
mod properties;
mod reading;
mod reference;
mod rejections;

use std::path::Path;

use mledojo_metrics::{AnswersError, Grader, Grading, Metric, ReadLimits, Rules, Table};

/// The table of a CSV text that must be one.
fn table(text: &str) -> Table {
    Table::parse(text.as_bytes(), &ReadLimits::default()).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

/// The grading tables of a competition of the catalog.
fn grading(slug: &str) -> Grading {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").join(slug).join("competition.toml");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut tables: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{slug}: {error}"));
    tables.retain(|table, _| ["metric", "submission", "answers", "mle-dojo"].contains(&table));
    tables.try_into().unwrap_or_else(|error| panic!("{slug}: {error}"))
}

fn rules(metric: Metric, targets: &[&str]) -> Rules {
    Rules::new(metric, &["id"], targets)
}

/// A grader for answers whose columns are `id` and `y`.
fn grader(metric: Metric, answers: &str) -> Result<Grader, AnswersError> {
    Grader::new(rules(metric, &["y"]), &table(answers))
}

/// A CSV text of the columns `id` and `y` with ids from 0.
fn csv(values: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    values.into_iter().enumerate().fold("id,y\n".to_owned(), |csv, (id, value)| csv + &format!("{id},{value}\n"))
}
