//! What sessions, spares and floods cost in memory.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Capture, Sandbox};

use super::measure::{median, quantile};
use super::row::{Detail, Row, Target, detail};
use super::{Bench, BenchError, IMPORTS, starts, throughput};
use crate::pool::EnvPool;

/// Memory of a session that has begun and does nothing.
pub(super) fn idle_session(bench: &Bench) -> Result<Row, BenchError> {
    let sessions = bench.rounds(1000);
    let engine = bench.warm_engine()?;
    let environments = |count| (0..count).map(|_| bench.environment(&engine)).collect();
    // What the first ones alone cost, such as the answers, is no session's.
    let first = EnvPool::new(environments(10), 1);
    throughput::begin(&first, bench, "first")?;
    let before = resident_kib()?;
    let pool = EnvPool::new(environments(sessions), 1);
    throughput::begin(&pool, bench, "idle")?;
    let value = (resident_kib()? - before).max(0.0) * 1.024 / sessions as f64;
    let what = "memory of an idle session";
    Ok(amount(("idle-session", what), value, "kB", None, Target::AtMost(200.0), sessions, Vec::new()))
}

/// Memory that a warm spare shares with nobody.
pub(super) fn warm_spare(bench: &Bench) -> Result<Row, BenchError> {
    let spares = bench.rounds(8).max(2);
    let warm = bench.warm()?.keeping(spares, 10_000);
    let job = bench.job("spare", IMPORTS)?;
    starts::prepare(&warm, &job)?;
    // The spares are made while nobody waits.
    let started = Instant::now();
    while warm.jails().len() < spares && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(1));
    let mut private = Vec::new();
    let mut proportional = Vec::new();
    for jail in warm.jails() {
        let processes = std::iter::once(jail).chain(children(jail));
        let sums = processes.map(usage).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        private.push(sums.0);
        proportional.push(sums.1);
    }
    if private.is_empty() {
        return Err(BenchError::Failed { what: "the warm sandbox", reason: "it keeps no spares".to_owned() });
    }
    let spread = Some((quantile(&private, 0.25), quantile(&private, 0.75)));
    let details = vec![
        detail("with its part of what is shared", median(&proportional), "MB"),
        detail("interpreters", warm.interpreters().len() as f64, ""),
    ];
    let named = ("warm-spare", "memory of a warm spare that it shares with nobody");
    Ok(amount(named, median(&private), "MB", spread, Target::AtMost(15.0), private.len(), details))
}

/// Growth of the supervisor while a run prints gigabytes.
pub(super) fn flat_output(bench: &Bench) -> Result<Row, BenchError> {
    let cold = bench.cold()?;
    let print = |megabytes: usize| -> Result<f64, BenchError> {
        let script = format!(
            "import os\nchunk = bytes(1 << 20)\nfor _ in range({megabytes}):\n    left = memoryview(chunk)\n    \
             while left: left = left[os.write(1, left):]"
        );
        let mut job = bench.job("output", &script)?;
        job.limits.output = 8 << 30;
        job.limits.capture = Capture::default();
        let over = AtomicBool::new(false);
        let before = resident_kib()?;
        let (report, peak) = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut peak = before;
                while !over.load(Ordering::Relaxed) {
                    peak = resident_kib().map_or(peak, |now| now.max(peak));
                    std::thread::sleep(Duration::from_millis(5));
                }
                peak
            });
            let report = cold.run(&job, &Cancel::default());
            over.store(true, Ordering::Relaxed);
            (report, watcher.join().unwrap_or(before))
        });
        let report = report?;
        if report.stdout.total != (megabytes as u64) << 20 {
            let reason = format!("{:?} after {} bytes", report.outcome, report.stdout.total);
            return Err(BenchError::Failed { what: "the run that prints", reason });
        }
        Ok((peak - before) * 1.024e-3)
    };
    // Buffers that stay are allocated here.
    print(2)?;
    let megabytes = bench.rounds(2000);
    let value = print(megabytes)?;
    let details = vec![detail("printed", megabytes as f64 * 1.048_576, "MB")];
    let named = ("flat-output", "growth of the supervisor while a run prints 2 GB");
    Ok(amount(named, value, "MB", None, Target::AtMost(4.0), 1, details))
}

fn amount(
    (name, what): super::measure::Named,
    value: f64,
    unit: &'static str,
    spread: Option<(f64, f64)>,
    target: Target,
    rounds: usize,
    details: Vec<Detail>,
) -> Row {
    Row { name, what, value, unit, spread, target, met: target.is_met(value), rounds, details }
}

/// KiB of this process that are in memory.
fn resident_kib() -> Result<f64, BenchError> {
    let read = |source| BenchError::Io { action: "read this process's memory", source };
    let status = fs::read_to_string("/proc/self/status").map_err(read)?;
    Ok(field(&status, "VmRSS:"))
}

/// MB that a process shares with no other, and MB with its part of what it shares.
fn usage(pid: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let private = field(&text, "Private_Clean:") + field(&text, "Private_Dirty:");
    (private * 1.024e-3, field(&text, "Pss:") * 1.024e-3)
}

fn children(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// The number after `name` in lines `name number unit`; 0 without such a line.
fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
