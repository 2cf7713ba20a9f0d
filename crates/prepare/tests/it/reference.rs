//! Downloads made in Python, and what pandas, scikit-learn and NumPy make of them as the fact sheets say.
//!
//! `MLEDOJO_REFERENCE="<slug> …"` tries some competitions alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use mledojo_catalog::{Catalog, Competition};
use mledojo_metrics::{Grader, Protocol, ReadLimits, Table};
use mledojo_prepare::{DownloadRequest, NoProgress, Prepared, audit, prepare_download};

use crate::fixtures::same_file;
use crate::packages::python;

/// Competitions whose answers the reference leaves in `public/`, of those that have a script here.
const LEAKING: &[&str] = &[
    "airbnb-recruiting-new-user-bookings",
    "airbus-ship-detection",
    "ashrae-energy-prediction",
    "battlefin-s-big-data-combine-forecasting-challenge",
    "benchmark-bond-trade-price-challenge",
    "bigquery-geotab-intersection-congestion",
    "bioresponse",
    "flavours-of-physics-kernels-only",
    "loan-default-prediction",
    "nbme-score-clinical-patient-notes",
    "nyc-taxi-trip-duration",
    "quora-insincere-questions-classification",
    "quora-question-pairs",
    "random-acts-of-pizza",
    "ranzcr-clip-catheter-line-classification",
    "rossmann-store-sales",
    "stumbleupon",
];

#[test]
fn recipes_do_what_their_sheets_say() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/run.py");
    let only = std::env::var("MLEDOJO_REFERENCE").unwrap_or_default();
    let status = Command::new(python()).arg(script).arg(folder.path()).args(only.split_whitespace()).status().unwrap();
    assert!(status.success(), "the scripts of tests/reference must run");
    let mut problems = Vec::new();
    let mut slugs: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    slugs.sort();
    assert!(!slugs.is_empty());
    for slug in slugs {
        let root = folder.path().join(&slug);
        let competition = Catalog::bundled().get(&slug).unwrap();
        for protocol in [Protocol::MleDojo, Protocol::Corrected] {
            let out = root.join(if protocol == Protocol::MleDojo { "out" } else { "corrected" });
            let request = DownloadRequest {
                competition: &competition,
                raw: &root.join("raw"),
                out: &out,
                protocol,
                scripts: None,
                progress: &NoProgress,
            };
            match prepare_download(&request) {
                Err(error) => problems.push(format!("{slug}: {protocol}: {error}")),
                Ok(prepared) if protocol == Protocol::MleDojo => {
                    compare(&slug, &root.join("expected"), &out, &mut problems);
                    let report = audit(&prepared, Some(&competition.spec.submission), &NoProgress).unwrap();
                    if LEAKING.contains(&slug.as_str()) && report.is_clean() {
                        problems.push(format!("{slug}: the audit does not find the reference's leak"));
                    }
                }
                Ok(prepared) => {
                    let found = problems_of_corrected(&competition, &prepared);
                    problems.extend(found.into_iter().map(|problem| format!("{slug}: {problem}")));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with a folder of the corrected protocol, in which the audit must find no leak.
fn problems_of_corrected(competition: &Competition, prepared: &Prepared) -> Vec<String> {
    let report = audit(prepared, Some(&competition.spec.submission), &NoProgress).unwrap();
    let leaks = report.findings.iter().map(|leak| format!("{leak:?}"));
    sample_is_accepted(competition, prepared).err().into_iter().chain(leaks).collect()
}

/// The grader of the corrected protocol must take the sample submission.
pub(crate) fn sample_is_accepted(competition: &Competition, prepared: &Prepared) -> Result<(), String> {
    let read =
        |file: &Path| Table::read(file, &ReadLimits::default()).map_err(|error| format!("{}: {error}", file.display()));
    let rules = competition.spec.grading().rules(Protocol::Corrected).map_err(|error| error.to_string())?;
    let grader = Grader::new(rules, &read(&prepared.answers())?).map_err(|error| error.to_string())?;
    let score = grader.score(&read(&prepared.public().join("sample_submission.csv"))?);
    score.map(|_| ()).map_err(|rejection| format!("the sample submission is rejected: {rejection}"))
}

/// Both folders must hold the same files, but for those that every competition has.
fn compare(slug: &str, expected: &Path, out: &Path, problems: &mut Vec<String>) {
    let (theirs, ours) = (paths(expected), paths(out));
    for path in &theirs {
        if !ours.contains(path) {
            problems.push(format!("{slug}: {path} is missing"));
        } else if let Err(difference) = same_file(&expected.join(path), &out.join(path)) {
            problems.push(format!("{slug}: {path}: {difference}"));
        }
    }
    for path in ours.iter().filter(|path| !theirs.contains(path)) {
        problems.push(format!("{slug}: {path} should not be there"));
    }
}

fn paths(root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut folders = vec![root.join("public"), root.join("private")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                if path != "public/description.md" {
                    paths.push(path);
                }
            }
        }
    }
    paths.sort();
    paths
}
