//! random-acts-of-pizza and statoil-iceberg-classifier-challenge: lists of JSON records, those of the test part with
//! the keys of Kaggle's own test records.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;

use crate::error::PrepareError;
use crate::json_record::Record;
use crate::python_json::{self, Style};
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// The new records.
struct Parts<'a> {
    train: Vec<Record<'a>>,
    /// All their keys.
    test: Vec<Record<'a>>,
    /// The keys that are public.
    test_keys: Vec<String>,
}

pub(super) fn random_acts_of_pizza(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("train.json")?;
    let (kaggle_path, kaggle_text) = workspace.read_text("test.json")?;
    let (all, others) = (records(&path, &text)?, records(&kaggle_path, &kaggle_text)?);
    let share = others.len() as f64 / (all.len() + others.len()) as f64;
    let mut parts = divide(&path, all, &others, share)?;
    if workspace.corrected() {
        parts.test_keys.retain(|key| !is_after_the_fact(key));
    }
    let test: Vec<Record<'_>> = parts.test.iter().map(|record| record.only(&parts.test_keys)).collect();
    for (part, records) in [("train", &parts.train), ("test", &test)] {
        let json =
            python_json::text(records, Style::Indented).map_err(|error| PrepareError::io("write", &path, error))?;
        let name = format!("{part}.json");
        workspace.write_bytes(&format!("public/{name}"), json.as_bytes())?;
        let zipped = zipped(&name, json.as_bytes()).map_err(|error| PrepareError::io("pack", &path, error.into()))?;
        workspace.write_bytes(&format!("public/{part}.zip"), &zipped)?;
    }
    write_answers(workspace, &path, &parts.test, ["request_id", "requester_received_pizza"], "0")
}

/// Whether a request's key tells of what came after it.
fn is_after_the_fact(key: &str) -> bool {
    key.ends_with("_at_retrieval")
        || ["giver_username_if_known", "post_was_edited", "request_text", "requester_user_flair"].contains(&key)
}

pub(super) fn statoil_iceberg(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("data/processed/train.json")?;
    let (kaggle_path, kaggle_text) = workspace.read_text("data/processed/test.json")?;
    let parts = divide(&path, records(&path, &text)?, &records(&kaggle_path, &kaggle_text)?, 0.2)?;
    let test: Vec<Record<'_>> = parts.test.iter().map(|record| record.only(&parts.test_keys)).collect();
    let folder = if workspace.corrected() { "public" } else { "private/tmp_data" };
    workspace.write_json(&format!("{folder}/train.json"), &parts.train, Style::Compact)?;
    workspace.write_json(&format!("{folder}/test.json"), &test, Style::Compact)?;
    write_answers(workspace, &path, &parts.test, ["id", "is_iceberg"], "0.5")
}

/// The records of a file, all of which must have the same keys.
fn records<'a>(path: &Path, text: &'a str) -> Result<Vec<Record<'a>>, PrepareError> {
    let records = Record::list(path, text)?;
    let first: BTreeSet<&str> = records.first().map(|record| record.keys().collect()).unwrap_or_default();
    for (row, record) in records.iter().enumerate() {
        let keys: BTreeSet<&str> = record.keys().collect();
        if let Some(key) = keys.symmetric_difference(&first).next() {
            let message = format!("the record and the first one are not alike: only one of them has `{key}`");
            return Err(PrepareError::table(path, Some(row + 1), message));
        }
    }
    Ok(records)
}

fn divide<'a>(
    path: &Path,
    all: Vec<Record<'a>>,
    kaggle_test: &[Record<'_>],
    share: f64,
) -> Result<Parts<'a>, PrepareError> {
    let split = train_test_split(all.len(), Sizes::Test(Size::Share(share)), 0)
        .map_err(|error| PrepareError::table(path, None, error.to_string()))?;
    let take = |rows: &[usize]| rows.iter().map(|&row| all[row].clone()).collect();
    let test_keys = kaggle_test.first().map(|record| record.keys().map(str::to_owned).collect());
    Ok(Parts { train: take(&split.train), test: take(&split.test), test_keys: test_keys.unwrap_or_default() })
}

/// Writes the answers, an id and a label of 0 or 1, and a sample submission of one guess.
fn write_answers(
    workspace: &mut Workspace<'_>,
    path: &Path,
    test: &[Record<'_>],
    [id, label]: [&str; 2],
    guess: &str,
) -> Result<(), PrepareError> {
    let (mut ids, mut labels) = (Texts::new(), Texts::new());
    for (row, record) in test.iter().enumerate() {
        ids.push(&record.get::<String>(path, row, id)?);
        let label: serde_json::Value = record.get(path, row, label)?;
        let is_true = label.as_bool().unwrap_or_else(|| label.as_f64() == Some(1.0));
        labels.push(if is_true { "1" } else { "0" });
    }
    let answers = Frame::of_columns("answers", [(id, ids), (label, labels)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant(label, guess))
}

/// A zip of one file, whose bytes depend on nothing else.
fn zipped(name: &str, content: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default().last_modified_time(zip::DateTime::default()))?;
    archive.write_all(content)?;
    Ok(archive.finish()?.into_inner())
}
