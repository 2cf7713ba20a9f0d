//! How long and how much memory it takes to prepare a table of 5,000,000 rows, beside pandas and scikit-learn.
//!
//! `cargo bench -p mledojo-prepare --bench table`, with `MLEDOJO_TEST_PYTHON`; an argument is another number of rows.
//! Both sides read one CSV file, split its rows at random, and write the training table, the test table without the
//! target, the answers and a sample submission, the same to the byte; ours also writes the manifest with the hashes of
//! all files and brings everything to the disk.
//! Each runs in a process of its own, one after the other, so that peaks of memory can be told apart.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, NoProgress, prepare_download};

const ROWS: usize = 5_000_000;
const RUNS: usize = 2;

const FILES: [&str; 4] =
    ["public/train.csv", "public/test.csv", "private/test_answer.csv", "public/sample_submission.csv"];

const RECIPE: &str = r#"{"steps": [
    {"do": "read", "file": "train.csv", "table": "all"},
    {"do": "split", "table": "all", "train": "train", "test": "test", "size": 0.2, "seed": 42},
    {"do": "write", "file": "public/train.csv", "table": "train"},
    {"do": "write", "file": "public/test.csv", "table": "test", "drop": ["loss"]},
    {"do": "write", "file": "private/test_answer.csv", "table": "test", "columns": ["id", "loss"]},
    {"do": "write", "file": "public/sample_submission.csv", "table": "test",
     "columns": ["id", {"name": "loss", "value": "0"}]}
]}"#;

const PYTHON: &str = "
import os, resource, sys, time
import pandas as pd
from sklearn.model_selection import train_test_split
raw, out = sys.argv[1:]
os.makedirs(out + '/public'); os.makedirs(out + '/private')
start = time.perf_counter()
table = pd.read_csv(raw + '/train.csv')
train, test = train_test_split(table, test_size=0.2, random_state=42)
train.to_csv(out + '/public/train.csv', index=False)
test.drop(columns=['loss']).to_csv(out + '/public/test.csv', index=False)
test[['id', 'loss']].to_csv(out + '/private/test_answer.csv', index=False)
test[['id']].assign(loss=0).to_csv(out + '/public/sample_submission.csv', index=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
";

/// Seconds, seconds of processors, and the most bytes held.
struct Cost {
    seconds: f64,
    processors: f64,
    peak: f64,
}

impl Cost {
    fn read(text: &str) -> Self {
        let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [seconds, processors, peak] = numbers[..] else { panic!("three numbers, not {text}") };
        Self { seconds, processors, peak }
    }

    fn least(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        Self {
            seconds: self.seconds.min(other.seconds),
            processors: self.processors.min(other.processors),
            peak: self.peak.min(other.peak),
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, raw, out] = arguments.as_slice()
        && word == "prepare"
    {
        return prepare(Path::new(raw), Path::new(out));
    }
    let rows = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(ROWS);
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    write(&raw, rows);
    let size = fs::metadata(raw.join("train.csv")).unwrap().len();
    println!("{rows} rows, {:.0} MB, the better of {RUNS} runs", size as f64 / 1e6);

    let (mut ours, mut theirs) = (None, None);
    for _ in 0..RUNS {
        let (ours_at, theirs_at) = (folder.path().join("ours"), folder.path().join("theirs"));
        let myself = std::env::current_exe().unwrap();
        ours = Some(measure(Command::new(myself).arg("prepare").arg(&raw).arg(&ours_at)).least(ours));
        if let Some(python) = std::env::var_os("MLEDOJO_TEST_PYTHON") {
            theirs = Some(measure(Command::new(python).args(["-c", PYTHON]).arg(&raw).arg(&theirs_at)).least(theirs));
            for file in FILES {
                let same = Command::new("cmp").args([ours_at.join(file), theirs_at.join(file)]).status().unwrap();
                assert!(same.success(), "{file} differs");
            }
            fs::remove_dir_all(theirs_at).unwrap();
        }
        fs::remove_dir_all(ours_at).unwrap();
    }
    let show = |name, cost: &Cost| {
        let Cost { seconds, processors, peak } = cost;
        println!("{name}: {seconds:.2} s, {processors:.2} s of processors, peak {:.0} MB", peak / 1e6);
    };
    let Some(ours) = ours else { return };
    show("prepared", &ours);
    if let Some(theirs) = theirs {
        show("pandas", &theirs);
        println!(
            "{:.1} times the time, {:.1} times the processors' time, {:.1} times the memory",
            theirs.seconds / ours.seconds,
            theirs.processors / ours.processors,
            theirs.peak / ours.peak
        );
    }
}

fn measure(command: &mut Command) -> Cost {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Cost::read(&String::from_utf8(output.stdout).unwrap())
}

fn prepare(raw: &Path, out: &Path) {
    let mut competition = Catalog::bundled().get("allstate-claims-severity").unwrap();
    competition.spec.recipe = Some(serde_json::from_str(RECIPE).unwrap());
    let started = Instant::now();
    prepare_download(&DownloadRequest {
        competition: &competition,
        raw,
        out,
        protocol: Protocol::Corrected,
        scripts: None,
        progress: &NoProgress,
    })
    .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!("{seconds} {} {}", cpu_time().as_secs_f64(), peak_bytes());
}

/// A table as Kaggle's are: an id, classes, counts, measures and a target.
fn write(raw: &Path, rows: usize) {
    fs::create_dir_all(raw).unwrap();
    let mut file = BufWriter::with_capacity(1 << 20, File::create(raw.join("train.csv")).unwrap());
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // The generator of L'Ecuyer, "Tables of linear congruential generators", 1999.
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        (state >> 33) % below
    };
    let mut line = "id,kind,place,visits,age,height,width,speed,charge,loss\n".to_owned();
    for id in 0..rows {
        write!(line, "{id},K{},p{:03},{},{}", next(9), next(400), next(1000), 18 + next(70)).unwrap();
        for _ in 0..4 {
            write!(line, ",{}.{:03}5", next(1000), next(1000)).unwrap();
        }
        writeln!(line, ",{}", next(100_000)).unwrap();
        file.write_all(line.as_bytes()).unwrap();
        line.clear();
    }
    file.into_inner().unwrap().sync_all().unwrap();
}

/// The processor time that this process has used: what a busy machine does not stretch.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The most memory that this process has held.
fn peak_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}
