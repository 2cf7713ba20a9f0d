//! What it costs to start code.

use std::path::PathBuf;

use mledojo_sandbox::{Cancel, Job, Sandbox};

use super::measure::{Rounds, median, timed};
use super::python::Forker;
use super::row::{Row, Target};
use super::{Bench, BenchError, IMPORTS, THINKING};

/// Warm runs for each round of something far slower.
const WARM_RUNS: usize = 5;

/// A warm run that imports pandas and scikit-learn, against `python script.py` without a jail.
pub(super) fn imports(bench: &Bench) -> Result<Row, BenchError> {
    let (warm, job) = (bench.warm()?, bench.job("imports", IMPORTS)?);
    prepare(&warm, &job)?;
    let script = script(bench, "imports.py", IMPORTS)?;
    let rounds = Rounds::of(
        bench.rounds(15),
        || bench.plain_run(&script),
        || {
            let runs = (0..WARM_RUNS).map(|_| warm_run(&warm, &job)).collect::<Result<Vec<_>, _>>()?;
            Ok(median(&runs))
        },
    )?;
    let what = "a step that imports pandas and scikit-learn: `python script.py` / warm";
    Ok(rounds.ratio(("warm-imports", what), Target::AtLeast(40.0), ["python script.py", "warm run"]))
}

/// The same warm run against the bare floor: a fork of a Python with the same modules, which ends at once.
pub(super) fn floor(bench: &Bench) -> Result<Row, BenchError> {
    let (warm, job) = (bench.warm()?, bench.job("floor", IMPORTS)?);
    prepare(&warm, &job)?;
    let mut forker = Forker::start(bench)?;
    let rounds = Rounds::of(bench.rounds(100), || warm_run(&warm, &job), || forker.fork())?;
    let what = "that warm run / a bare fork of such an interpreter";
    Ok(rounds.ratio(("warm-floor", what), Target::AtMost(2.5), ["warm run", "bare fork"]))
}

/// A new interpreter in a jail against one without.
pub(super) fn jail(bench: &Bench) -> Result<Row, BenchError> {
    let (cold, job) = (bench.cold()?, bench.job("jail", "pass")?);
    let script = script(bench, "pass.py", "pass")?;
    let rounds = Rounds::of(bench.rounds(60), || run(&cold, &job), || bench.plain_run(&script))?;
    let what = "a new interpreter that does nothing: jailed / not jailed";
    Ok(rounds.ratio(("cold-jail", what), Target::AtMost(1.5), ["jailed", "not jailed"]))
}

/// Seconds of a run that must end well.
pub(super) fn run(sandbox: &dyn Sandbox, job: &Job) -> Result<f64, BenchError> {
    let (seconds, report) = timed(|| Ok(sandbox.run(job, &Cancel::default())?))?;
    if !report.outcome.is_ok() {
        let reason = format!("{:?}: {}", report.outcome, report.stderr.text());
        return Err(BenchError::Failed { what: "a run", reason });
    }
    Ok(seconds)
}

/// The same, in a warm interpreter, when the last run's jail has been replaced.
pub(super) fn warm_run(sandbox: &dyn Sandbox, job: &Job) -> Result<f64, BenchError> {
    std::thread::sleep(THINKING);
    run(sandbox, job)
}

/// Starts the warm interpreter, and makes sure that the job runs in it.
pub(super) fn prepare(warm: &mledojo_sandbox::WarmSandbox, job: &Job) -> Result<(), BenchError> {
    let cold = |reason| BenchError::Failed { what: "the warm interpreter", reason };
    warm.prepare(job).map_err(cold)?;
    let report = warm.run(job, &Cancel::default())?;
    if report.warm { Ok(()) } else { Err(cold(warm.cold_reason().unwrap_or_default())) }
}

fn script(bench: &Bench, name: &str, text: &str) -> Result<PathBuf, BenchError> {
    let path = bench.new_folder("scripts")?.join(name);
    std::fs::write(&path, text).map_err(|source| BenchError::Io { action: "write a script", source })?;
    Ok(path)
}
