//! Downloads made in Python, and what pandas, scikit-learn and NumPy make of them as the fact sheets say.
//!
//! `MLEDOJO_REFERENCE="<slug> …"` tries some competitions alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use mledojo_catalog::{Catalog, Competition};
use mledojo_metrics::{Grader, Protocol, ReadLimits, Table};
use mledojo_prepare::{DownloadRequest, Finding, NoProgress, Prepared, audit, prepare_download};

use crate::fixtures::same_file;
use crate::packages::python;

/// Competitions whose answers the reference leaves in `public/`, of those that have a script here; a part of the path
/// of the file, and of the column, that a finding must name.
const LEAKING: &[(&str, &str, &str)] = &[
    ("airbnb-recruiting-new-user-bookings", "test_users.csv", "date_first_booking"),
    ("airbus-ship-detection", "train_ship_segmentations_v2.csv", ""),
    ("ashrae-energy-prediction", "sample_submission.csv", "meter_reading"),
    ("battlefin-s-big-data-combine-forecasting-challenge", "", ""),
    ("benchmark-bond-trade-price-challenge", "test.csv", "trade_price"),
    ("bigquery-geotab-intersection-congestion", "test.csv", ""),
    ("bioresponse", "sample_submission.csv", ""),
    ("flavours-of-physics-kernels-only", "", ""),
    ("hubmap-kidney-segmentation", "public/test/", ""),
    ("llm-classification-finetuning", "test.csv", "model_a"),
    ("llm-classification-finetuning", "test.csv", "model_b"),
    ("loan-default-prediction", "", ""),
    ("nbme-score-clinical-patient-notes", "", ""),
    ("nyc-taxi-trip-duration", "test.csv", "dropoff_datetime"),
    ("quora-insincere-questions-classification", "test.csv", "target"),
    ("quora-question-pairs", "test.csv", "is_duplicate"),
    ("random-acts-of-pizza", "test.json", "giver_username_if_known"),
    ("ranzcr-clip-catheter-line-classification", "sample_submission.csv", ""),
    ("rossmann-store-sales", "test.csv", "Customers"),
    ("smartphone-decimeter-2022", "span_log.nmea", "latitude, longitude"),
    ("stumbleupon", "test_features.tsv", "label"),
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
                    for (_, file, column) in LEAKING.iter().filter(|(leaking, ..)| *leaking == slug) {
                        let is_it = |found: &Finding| {
                            found.file.contains(file) && found.column.as_deref().unwrap_or_default().contains(column)
                        };
                        if !report.findings.iter().any(is_it) {
                            problems.push(format!("{slug}: no leak in {file} {column}: {:#?}", report.findings));
                        }
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
