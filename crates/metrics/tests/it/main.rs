//! Reading, grading and formulas from outside the crate.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod formulas;
mod fuzz;
mod grading;
mod own;
mod parity;
mod parsers;
mod properties;
mod reading;
mod reference;
mod rejections;

use mledojo_metrics::{AnswersError, Grader, Metric, ReadLimits, Rules, Table};

/// The table of a CSV text that must be one.
fn table(text: &str) -> Table {
    Table::parse(text.as_bytes(), &ReadLimits::default()).unwrap_or_else(|error| panic!("{error}: {text:?}"))
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
