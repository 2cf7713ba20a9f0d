//! What the reference makes of tiny synthetic downloads, made again.
//!
//! Each folder of `tests/fixtures` holds a download, what the reference makes of it, and how to compare.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, NoProgress, Prepared, prepare_download};
use serde::Deserialize;
use serde_json::Value;

use crate::reference::sample_is_accepted;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The part of `expected.json` that says how files are compared.
#[derive(Deserialize)]
struct Expected {
    compare: BTreeMap<String, Comparison>,
    /// Written as JSON by the reference: equal when parsed.
    #[serde(default)]
    json_files: Vec<String>,
    /// Files that lie directly in a folder, where the reference draws them anew at each run.
    #[serde(default)]
    file_counts: BTreeMap<String, usize>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Comparison {
    RowsInOrder,
    RowsAnyOrder,
    ColumnsOnly,
    Bytes,
    Exists,
}

/// Prepares a fixture's download.
pub(crate) fn prepared(slug: &str, protocol: Protocol, out: &Path) -> Prepared {
    let competition = Catalog::bundled().get(slug).unwrap();
    let raw = fixtures().join(slug).join("raw");
    let request =
        DownloadRequest { competition: &competition, raw: &raw, out, protocol, scripts: None, progress: &NoProgress };
    prepare_download(&request).unwrap_or_else(|error| panic!("{slug}: {error}"))
}

/// The competitions that have a fixture, or the one that `MLEDOJO_FIXTURE` names.
pub(crate) fn slugs() -> Vec<String> {
    if let Ok(only) = std::env::var("MLEDOJO_FIXTURE") {
        return vec![only];
    }
    let mut slugs: Vec<String> =
        fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    slugs.sort();
    slugs
}

#[test]
fn the_reference_is_reproduced() {
    let mut problems = Vec::new();
    for slug in slugs() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::panic::catch_unwind(|| {
            prepared(&slug, Protocol::MleDojo, &folder.path().join("out"));
        });
        if made.is_err() {
            problems.push(format!("{slug}: not prepared"));
            continue;
        }
        compare(&slug, &folder.path().join("out"), &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn corrected_folders_are_made_of_every_download() {
    for slug in slugs() {
        let folder = tempfile::tempdir().unwrap();
        let prepared = prepared(&slug, Protocol::Corrected, &folder.path().join("out"));
        prepared.verify().unwrap();
        let competition = Catalog::bundled().get(&slug).unwrap();
        sample_is_accepted(&competition, &prepared).unwrap_or_else(|error| panic!("{slug}: {error}"));
    }
}

fn compare(slug: &str, out: &Path, problems: &mut Vec<String>) {
    let fixture = fixtures().join(slug);
    let expected: Expected = serde_json::from_str(&fs::read_to_string(fixture.join("expected.json")).unwrap()).unwrap();
    for (file, comparison) in &expected.compare {
        let (theirs, ours) = (fixture.join("expected").join(file), out.join(file));
        let mut differ = |message: String| problems.push(format!("{slug}: {file}: {message}"));
        if file.contains('*') {
            continue;
        }
        if !ours.exists() {
            differ("missing".to_owned());
            continue;
        }
        let is_json = file.ends_with(".json");
        match comparison {
            Comparison::Exists => {}
            Comparison::Bytes if expected.json_files.contains(file) => {
                if json(&theirs) != json(&ours) {
                    differ("other JSON".to_owned());
                }
            }
            Comparison::Bytes => {
                if fs::read(&theirs).unwrap() != fs::read(&ours).unwrap() {
                    differ("other bytes".to_owned());
                }
            }
            Comparison::RowsInOrder if is_json => {
                if !same_json(&json(&theirs), &json(&ours)) {
                    differ("other records".to_owned());
                }
            }
            Comparison::RowsInOrder => compare_rows(&rows(&theirs), &rows(&ours), &mut differ),
            Comparison::RowsAnyOrder => {
                let (mut theirs, mut ours) = (rows(&theirs), rows(&ours));
                theirs[1..].sort();
                ours[1..].sort();
                compare_rows(&theirs, &ours, &mut differ);
            }
            Comparison::ColumnsOnly => {
                if rows(&theirs)[0] != rows(&ours)[0] {
                    differ("other columns".to_owned());
                }
            }
        }
    }
    for (folder, count) in &expected.file_counts {
        let files = fs::read_dir(out.join(folder)).map_or(0, |entries| {
            entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file() && !is_ours(entry))).count()
        });
        if files != *count {
            problems.push(format!("{slug}: {folder}: {files} files, expected {count}"));
        }
    }
}

/// Compares a file by what it is: tables by their cells, JSON by its values, zips by their files, others by their
/// bytes.
pub(crate) fn same_file(theirs: &Path, ours: &Path) -> Result<(), String> {
    let ending = theirs.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let same = match ending {
        "csv" | "tsv" => {
            let mut difference = None;
            compare_rows(&rows(theirs), &rows(ours), &mut |found| difference = Some(found));
            return difference.map_or(Ok(()), Err);
        }
        "json" => same_json(&json(theirs), &json(ours)),
        // Some are stand-ins for archives that are only copied.
        "zip" => fs::read(theirs).unwrap() == fs::read(ours).unwrap() || zipped(theirs) == zipped(ours),
        _ => fs::read(theirs).unwrap() == fs::read(ours).unwrap(),
    };
    if same { Ok(()) } else { Err("it differs".to_owned()) }
}

/// Files that every prepared folder has, and the reference adds later.
fn is_ours(entry: &fs::DirEntry) -> bool {
    entry.file_name() == "description.md" || entry.file_name().to_string_lossy().ends_with("_leaderboard.csv")
}

/// The files of an archive.
fn zipped(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let count = archive.len();
    let file = |place| {
        let mut file = archive.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(file).collect()
}

/// A JSON document, or a list of those of a file of lines.
fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .collect()
    })
}

fn same_json(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => close(a.as_f64().unwrap(), b.as_f64().unwrap()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        _ => a == b,
    }
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let delimiter = if path.extension().is_some_and(|ending| ending == "tsv") { b'\t' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn compare_rows(theirs: &[Vec<String>], ours: &[Vec<String>], differ: &mut impl FnMut(String)) {
    if theirs.len() != ours.len() {
        return differ(format!("{} rows, expected {}", ours.len(), theirs.len()));
    }
    for (row, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
        if theirs.len() != ours.len() || theirs.iter().zip(ours).any(|(theirs, ours)| !same_cell(theirs, ours)) {
            return differ(format!("row {row} is {ours:?}, expected {theirs:?}"));
        }
    }
}

/// Equal, or equal as numbers; a cell that pandas blanked may stay.
fn same_cell(theirs: &str, ours: &str) -> bool {
    const BLANKED: &[&str] = &[
        "NA", "N/A", "n/a", "nan", "NaN", "-nan", "-NaN", "null", "NULL", "None", "<NA>", "#NA", "#N/A", "#N/A N/A",
        "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
    ];
    if theirs == ours || (theirs.is_empty() && BLANKED.contains(&ours)) {
        return true;
    }
    let number = |text: &str| match text {
        "True" => Ok(1.0),
        "False" => Ok(0.0),
        _ => text.parse::<f64>(),
    };
    matches!((number(theirs), number(ours)), (Ok(a), Ok(b)) if close(a, b))
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}
