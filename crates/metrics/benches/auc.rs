//! How long it takes to grade a million rows by id from CSV files, beside pandas and scikit-learn.
//!
//! `cargo bench -p mledojo-metrics --bench auc` (with `MLEDOJO_TEST_PYTHON`, the other side is measured too). Prints the
//! least processor time of several runs of each: splitting both files into fields, parsing them (fields as well, as
//! `pandas.read_csv` does), the whole grade, and the same in Python, where ids are sorted as text, which is how MLE-Dojo
//! aligns them, and as numbers.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mledojo_metrics::{Grader, Metric, ReadLimits, Rules, Table};

const ROWS: u64 = 1_000_000;
const RUNS: usize = 5;

const PYTHON: &str = "
import sys, time
import pandas as pd
from sklearn.metrics import roc_auc_score
def grade(ids):
    start = time.process_time()
    answers, submission = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
    answers['id'], submission['id'] = answers['id'].astype(ids), submission['id'].astype(ids)
    answers = answers.sort_values('id').reset_index(drop=True)
    submission = submission.sort_values('id').reset_index(drop=True)
    assert (answers['id'].values == submission['id'].values).all()
    score = roc_auc_score(answers['target'], submission['target'])
    return time.process_time() - start, float(score)
(text, score), (number, _) = (min(grade(ids) for _ in range(3)) for ids in (str, int))
print(repr(score), text, number)
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
        let grader = Grader::new(Rules::new(Metric::RocAuc, &["id"], &["target"]), &read(&answers)).unwrap();
        grader.score(&read(&submission)).unwrap().value
    };
    let whole = best(grade);
    let score = grade();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{ROWS} rows, {:.1} MB in two files, shuffled ids", size as f64 / 1e6);
    println!("split both files into fields: {:.0} ms", milliseconds(split));
    println!("parse both files, numbers included: {:.0} ms", milliseconds(parse));
    println!(
        "grade from files: {:.0} ms, {:.2} times the parse",
        milliseconds(whole),
        whole.as_secs_f64() / parse.as_secs_f64()
    );
    if let Some(peak) = peak_bytes() {
        println!("peak memory: {:.1} MB, {:.2} times the files", peak / 1e6, peak / size as f64);
    }

    let Some(python) = std::env::var_os("MLEDOJO_TEST_PYTHON") else { return };
    let output = Command::new(python).args(["-c", PYTHON]).args([&answers, &submission]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.split_whitespace().map(|word| word.parse::<f64>().unwrap());
    let theirs = words.next().unwrap();
    assert!((theirs - score).abs() < 1e-12, "{theirs} and {score}");
    for (ids, seconds) in ["text", "numbers"].into_iter().zip(words) {
        let ratio = seconds / whole.as_secs_f64();
        println!("pandas and scikit-learn, ids as {ids}: {:.0} ms, {ratio:.1} times ours", seconds * 1e3);
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

fn best<T>(run: impl Fn() -> T) -> Duration {
    let time = || {
        let started = cpu_time();
        black_box(run());
        cpu_time() - started
    };
    (0..RUNS).map(|_| time()).min().unwrap()
}

/// The processor time that this process has used: what a busy machine does not stretch.
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
