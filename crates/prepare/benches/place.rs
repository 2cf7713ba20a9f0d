//! How long it takes to prepare a competition of 200,000 small pictures, beside copying them in Python.
//!
//! `cargo bench -p mledojo-prepare --bench place`, with `MLEDOJO_TEST_PYTHON`; an argument is another number of pictures.
//! Both sides read the same download and write to the same file system, one after the other. Ours is the preparation
//! of `aerial-cactus-identification` as a whole: split, tables, pictures placed, every file hashed for the manifest;
//! theirs is the loop that copies the pictures and nothing else.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, NoProgress, prepare_download};

const PICTURES: usize = 200_000;
const BYTES: usize = 1200;
const RUNS: usize = 2;

/// Copies what preparation placed, from the same places.
const PYTHON: &str = "
import os, shutil, sys, time
raw, placed, out = sys.argv[1:]
pairs = []
for part in ('train', 'test'):
    os.makedirs(os.path.join(out, part))
    for name in os.listdir(os.path.join(placed, part)):
        pairs.append((os.path.join(raw, 'train', name), os.path.join(out, part, name)))
start = time.perf_counter()
for source, target in pairs:
    shutil.copy(source, target)
print(time.perf_counter() - start, len(pairs))
";

fn main() {
    let pictures = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(PICTURES);
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    write(&raw, pictures);
    let competition = Catalog::bundled().get("aerial-cactus-identification").unwrap();

    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for run in 0..RUNS {
        let out = folder.path().join(format!("ours-{run}"));
        let started = Instant::now();
        prepare_download(&DownloadRequest {
            competition: &competition,
            raw: &raw,
            out: &out,
            protocol: Protocol::Corrected,
            scripts: None,
            progress: &NoProgress,
        })
        .unwrap();
        ours = ours.min(started.elapsed());

        let Some(python) = std::env::var_os("MLEDOJO_TEST_PYTHON") else { continue };
        let copied = folder.path().join(format!("theirs-{run}"));
        let output =
            Command::new(python).args(["-c", PYTHON]).arg(&raw).arg(out.join("public")).arg(&copied).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (seconds, count) = text.trim().split_once(' ').unwrap();
        assert_eq!(count.parse(), Ok(pictures));
        theirs = theirs.min(Duration::from_secs_f64(seconds.parse().unwrap()));
        fs::remove_dir_all(copied).unwrap();
        fs::remove_dir_all(out).unwrap();
    }
    println!("{pictures} pictures of {BYTES} bytes, the better of {RUNS} runs");
    println!("prepared: {:.2} s", ours.as_secs_f64());
    if theirs < Duration::MAX {
        println!(
            "copied in Python: {:.2} s, {:.1} times ours",
            theirs.as_secs_f64(),
            theirs.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

fn write(raw: &Path, pictures: usize) {
    fs::create_dir_all(raw.join("train")).unwrap();
    let mut table = "id,has_cactus\n".to_owned();
    let mut picture = [0x5a; BYTES];
    for id in 0..pictures {
        writeln!(table, "{id:08x}.jpg,{}", id % 4 / 3).unwrap();
        picture[..8].copy_from_slice(&id.to_le_bytes());
        fs::write(raw.join(format!("train/{id:08x}.jpg")), picture).unwrap();
    }
    fs::write(raw.join("train.csv"), table).unwrap();
}
