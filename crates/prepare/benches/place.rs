//! How long it takes to prepare a competition of 200,000 small pictures, beside copying them in Python.
//!
//! `cargo bench -p mledojo-prepare --bench place`, with `MLEDOJO_TEST_PYTHON`; an argument is another number of pictures.
//! Both sides read the same download and write to the same file system, one after the other. Ours is the preparation
//! of `aerial-cactus-identification` as a whole: split, tables, pictures placed, every file hashed for the manifest;
//! theirs is the loop that copies the pictures and nothing else. What placing the
//! pictures takes of ours is told as well.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, Progress, ProgressUnit, prepare_download};

const PICTURES: usize = 200_000;
const BYTES: usize = 8 << 10;
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

    let (mut ours, mut placed, mut theirs) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for run in 0..RUNS {
        let out = folder.path().join(format!("ours-{run}"));
        let stages = Stages::default();
        let started = Instant::now();
        prepare_download(&DownloadRequest {
            competition: &competition,
            raw: &raw,
            out: &out,
            protocol: Protocol::Corrected,
            scripts: None,
            progress: &stages,
        })
        .unwrap();
        let took = started.elapsed();
        ours = ours.min(took);
        placed = placed.min(stages.placing());

        let Some(python) = std::env::var_os("MLEDOJO_TEST_PYTHON") else { continue };
        let copied = folder.path().join(format!("theirs-{run}"));
        let output =
            Command::new(python).args(["-c", PYTHON]).arg(&raw).arg(out.join("public")).arg(&copied).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (seconds, count) = text.trim().split_once(' ').unwrap();
        assert_eq!(count.parse(), Ok(pictures));
        theirs = theirs.min(Duration::from_secs_f64(seconds.parse().unwrap()));
    }
    println!("{pictures} pictures of {BYTES} bytes, the better of {RUNS} runs");
    println!("prepared: {:.2} s, of which placing: {:.2} s", ours.as_secs_f64(), placed.as_secs_f64());
    if theirs < Duration::MAX {
        println!(
            "copied in Python: {:.2} s, {:.1} times the placing, {:.1} times the preparation",
            theirs.as_secs_f64(),
            theirs.as_secs_f64() / placed.as_secs_f64(),
            theirs.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

/// When each stage began.
#[derive(Default)]
struct Stages(Mutex<Vec<(String, Instant)>>);

impl Progress for Stages {
    fn begin(&self, task: &str, _total: Option<u64>, _unit: ProgressUnit) {
        self.0.lock().unwrap().push((task.to_owned(), Instant::now()));
    }

    fn advance(&self, _done: u64) {}
}

impl Stages {
    /// How long files were placed.
    fn placing(&self) -> Duration {
        let stages = self.0.lock().unwrap();
        let stages = stages.windows(2).filter(|pair| pair[0].0 == "placing files");
        stages.map(|pair| pair[1].1 - pair[0].1).sum()
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
