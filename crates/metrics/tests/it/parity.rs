//! Under protocol `mle-dojo`, scores equal those of the reference, and what it rejects is rejected.
//!
//! `tests/fixtures/reference/<competition>/` holds synthetic answers, submissions, and `expected.json` with the
//! reference's scores to full precision. The variable `MLEDOJO_GRADING_FIXTURES` names another folder of this layout.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mledojo_metrics::{Grader, Protocol, ReadLimits, Table};

use crate::grading;

#[derive(serde::Deserialize)]
struct Expected {
    scores: BTreeMap<String, f64>,
    rejects: Vec<String>,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What differs from the reference in one competition.
fn differences(folder: &Path) -> Vec<String> {
    let slug = folder.file_name().unwrap_or_default().to_string_lossy();
    let rules = match grading(&slug).rules(Protocol::MleDojo) {
        Ok(rules) => rules,
        Err(error) => return vec![error.to_string()],
    };
    let table = |file: &str| Table::read(&folder.join(file), &ReadLimits::default());
    let answers = table("answers.csv").expect("readable answers");
    let grader = match Grader::new(rules, &answers) {
        Ok(grader) => grader,
        Err(error) => return vec![error.to_string()],
    };
    let score = |file: &str| {
        table(file)
            .map_err(|error| error.to_string())
            .and_then(|submission| grader.score(&submission).map_err(|rejection| rejection.to_string()))
    };
    let expected: Expected = serde_json::from_str(&read(&folder.join("expected.json"))).expect("expected.json");
    let mut differences = Vec::new();
    for (file, expected) in &expected.scores {
        match score(file) {
            Ok(found) if (found.value - expected).abs() <= 1e-9 * expected.abs().max(1e-300) => {}
            Ok(found) => differences.push(format!("{file}: {} instead of {expected}", found.value)),
            Err(rejection) => differences.push(format!("{file} is rejected: {rejection}")),
        }
    }
    for file in &expected.rejects {
        if let Ok(found) = score(file) {
            differences.push(format!("{file} scores {}, but must be rejected", found.value));
        }
    }
    differences
}

#[test]
fn scores_equal_those_of_the_reference() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference");
    let fixtures = std::env::var_os("MLEDOJO_GRADING_FIXTURES").map_or(own, Into::into);
    let mut folders: Vec<_> =
        fs::read_dir(&fixtures).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    let failed: Vec<String> = folders
        .iter()
        .flat_map(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            differences(folder).into_iter().map(move |difference| format!("{name}: {difference}"))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
