//! How long it takes to grade a million rows by id from CSV files, beside pandas and scikit-learn.
//!
//! `cargo bench -p mledojo-metrics --bench auc` (with `MLEDOJO_TEST_PYTHON`, the other side is measured too). Prints the
//! least time by the clock and the least processor time of several runs of each: splitting both files into fields on one
//! core, parsing them (fields as well, as `pandas.read_csv` does), the whole grade, and the same in Python, where ids are
//! sorted as text, which is how MLE-Dojo aligns them, and as numbers.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_metrics::{Grader, Metric, ReadLimits, Rules, Table};

const ROWS: u64 = 1_000_000;
const RUNS: usize = 15;

const PYTHON: &str = "
import sys, time
import pandas as pd
from sklearn.metrics import roc_auc_score
def grade(ids):
    wall, start = time.perf_counter(), time.process_time()
    answers, submission = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
    answers['id'], submission['id'] = answers['id'].astype(ids), submission['id'].astype(ids)
    answers = answers.sort_values('id').reset_index(drop=True)
    submission = submission.sort_values('id').reset_index(drop=True)
    assert (answers['id'].values == submission['id'].values).all()
    score = roc_auc_score(answers['target'], submission['target'])
    return time.perf_counter() - wall, time.process_time() - start, float(score)
runs = [[grade(ids) for _ in range(3)] for ids in (str, int)]
print(repr(runs[0][0][2]), *(min(run[side] for run in each) for each in runs for side in (0, 1)))
";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (answers, submission) = (folder.path().join("answers.csv"), folder.path().join("submission.csv"));
    write(&answers, &submission);
    let size = fs::metadata(&answers).unwrap().len() + fs::metadata(&submission).unwrap().len();
    let read = |path: &Path| Table::read(path, &ReadLimits::default()).unwrap();

    let split = best(|| (read(&answers), read(&submission)));
    let parse = best(|| (numbers(&read(&answers)), numbers(&read(&submission))));
    let grade = || {
        let rules = Rules::new(Metric::RocAuc, &["id"], &["target"]);
        let grader = || Grader::new(rules, &read(&answers)).unwrap();
        let (grader, submission) = Table::read_during(&submission, &ReadLimits::default(), grader);
        grader.score(&submission.unwrap()).unwrap().value
    };
    let whole = best(grade);
    let score = grade();
    println!("{ROWS} rows, {:.1} MB in two files, shuffled ids", size as f64 / 1e6);
    println!("split both files into fields, one after the other: {split}");
    println!("parse both files, numbers included: {parse}");
    println!("grade from files: {whole}; by the clock {:.2} times the split", whole.clock_over(&split));
    if let Some(peak) = peak_bytes() {
        println!("peak memory: {:.1} MB, {:.2} times the files", peak / 1e6, peak / size as f64);
    }

    let Some(python) = std::env::var_os("MLEDOJO_TEST_PYTHON") else { return };
    let output = Command::new(python).args(["-c", PYTHON]).args([&answers, &submission]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.split_whitespace().map(|word| word.parse::<f64>().unwrap());
    let theirs = words.next().unwrap();
    assert!((theirs - score).abs() < 1e-12, "{theirs} and {score}");
    let seconds: Vec<f64> = words.collect();
    for (ids, seconds) in ["text", "numbers"].into_iter().zip(seconds.as_chunks::<2>().0) {
        let theirs = Times { clock: Duration::from_secs_f64(seconds[0]), cpu: Duration::from_secs_f64(seconds[1]) };
        println!(
            "pandas and scikit-learn, ids as {ids}: {theirs}; {:.1} and {:.1} times ours",
            theirs.clock_over(&whole),
            theirs.cpu.as_secs_f64() / whole.cpu.as_secs_f64()
        );
    }
}

/// The cells of a table of numbers.
fn numbers(table: &Table) -> Vec<Vec<f64>> {
    let column = |name| table.column(name).unwrap().iter().map(|cell| cell.parse().unwrap()).collect();
    table.header().iter().map(|name| column(name)).collect()
}

/// Answers in order and predictions in another.
fn write(answers: &Path, submission: &Path) {
    let mut state = 1_u64;
    let mut next = || {
        // The generator of L'Ecuyer, "Tables of linear congruential generators", 1999.
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        state >> 33
    };
    let mut order: Vec<u64> = (0..ROWS).collect();
    (1..order.len()).rev().for_each(|last| order.swap(last, next() as usize % (last + 1)));
    let (mut truth, mut predicted) = ("id,target\n".to_owned(), "id,target\n".to_owned());
    for id in 0..ROWS {
        writeln!(truth, "{id},{}", next() % 2).unwrap();
    }
    for id in order {
        writeln!(predicted, "{id},{}", next() as f64 / (1_u64 << 31) as f64).unwrap();
    }
    fs::write(answers, truth).unwrap();
    fs::write(submission, predicted).unwrap();
}

/// The least times of several runs.
struct Times {
    clock: Duration,
    cpu: Duration,
}

impl Times {
    fn clock_over(&self, other: &Self) -> f64 {
        self.clock.as_secs_f64() / other.clock.as_secs_f64()
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        write!(f, "{:.0} ms ({:.0} ms of processor time)", milliseconds(self.clock), milliseconds(self.cpu))
    }
}

fn best<T>(run: impl Fn() -> T) -> Times {
    let time = || {
        let (clock, cpu) = (Instant::now(), cpu_time());
        black_box(run());
        (clock.elapsed(), cpu_time() - cpu)
    };
    let runs: Vec<_> = (0..RUNS).map(|_| time()).collect();
    Times { clock: runs.iter().map(|run| run.0).min().unwrap(), cpu: runs.iter().map(|run| run.1).min().unwrap() }
}

/// The processor time that this process has used, all threads together: what a busy machine does not stretch.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Elsewhere, the time of day.
#[cfg(not(unix))]
fn cpu_time() -> Duration {
    std::time::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// The most memory that this process has held.
fn peak_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}
