//! Every competition of the catalog grades: what an independent reading of its description scores (protocol
//! `mle-dojo`), and a perfect submission has the best score there is (protocol `corrected`).
//!
//! `tests/fixtures/own/<competition>.json` holds small made-up answers and submissions, and scores computed with pandas
//! and scikit-learn.

use std::collections::BTreeMap;
use std::path::Path;

use mledojo_metrics::{Grader, Protocol, Rules, Score, Table};

use crate::{grading, table};

#[derive(serde::Deserialize)]
struct Fixture {
    #[serde(skip)]
    slug: String,
    files: BTreeMap<String, String>,
    /// The score of `perfect.csv` under protocol `corrected`.
    best: f64,
    #[serde(default)]
    scores: BTreeMap<String, f64>,
    #[serde(default)]
    rejects: Vec<String>,
}

impl Fixture {
    fn table(&self, file: &str) -> Table {
        table(&self.files[file])
    }

    fn grader(&self, protocol: Protocol, answers: &str) -> Result<Grader, String> {
        let rules: Rules = grading(&self.slug).rules(protocol).map_err(|error| error.to_string())?;
        Grader::new(rules, &self.table(answers)).map_err(|error| error.to_string())
    }

    fn score(&self, grader: &Grader, file: &str) -> Result<Score, String> {
        grader.score(&self.table(file)).map_err(|rejection| rejection.to_string())
    }
}

/// The fixtures of all competitions.
fn each(check: impl Fn(&Fixture) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/own");
    let mut count = 0;
    let mut failed = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a readable fixture");
        let mut fixture: Fixture =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fixture.slug = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        count += 1;
        if let Err(reason) = check(&fixture) {
            failed.push(format!("{}: {reason}", fixture.slug));
        }
    }
    failed.sort();
    assert!(failed.is_empty(), "{} of {count} fail:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(count, 202);
}

#[test]
fn scores_equal_those_of_an_independent_reading() {
    each(|fixture| {
        if fixture.scores.is_empty() {
            return Ok(());
        }
        let grader = fixture.grader(Protocol::MleDojo, "answers.csv")?;
        for (file, expected) in &fixture.scores {
            let found = fixture.score(&grader, file).map_err(|reason| format!("{file}: {reason}"))?.value;
            if (found - expected).abs() > 1e-9 * expected.abs().max(1e-300) {
                return Err(format!("{file} scores {found}, not {expected}"));
            }
        }
        match fixture.rejects.iter().find(|file| fixture.score(&grader, file).is_ok()) {
            Some(file) => Err(format!("{file} must be rejected")),
            None => Ok(()),
        }
    });
}

#[test]
fn a_perfect_submission_has_the_best_score() {
    each(|fixture| {
        let answers = ["corrected_answers.csv", "answers.csv"];
        let answers = answers.into_iter().find(|file| fixture.files.contains_key(*file)).unwrap_or_default();
        let grader = fixture.grader(Protocol::Corrected, answers)?;
        let found = fixture.score(&grader, "perfect.csv")?.value;
        // A clipped probability of 1 costs a trace, and an arc cosine rounds.
        if (found - fixture.best).abs() <= 1e-8 * fixture.best.abs().max(1.0) {
            Ok(())
        } else {
            Err(format!("scores {found}, not {}", fixture.best))
        }
    });
}
