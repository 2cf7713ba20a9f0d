//! What a step costs beyond its run, and whether that grows.

use super::measure::{Rounds, timed};
use super::row::{Row, Target, detail};
use super::{Bench, BenchError, IMPORTS, THINKING, starts};
use crate::action::Call;
use crate::environment::Environment;

/// A whole `validate_code` step against a run of the same code by the same sandbox.
pub(super) fn overhead(bench: &Bench) -> Result<Row, BenchError> {
    let engine = bench.warm_engine()?;
    let mut environment = bench.environment(&engine);
    environment.reset(bench.episode("overhead"))?;
    // The job is the step's own but for the folder, so that the same interpreter takes both.
    let mut job = bench.job("overhead-alone", IMPORTS)?;
    job.inputs = vec![bench.competition.input()];
    job.masked = bench.competition.spec().masked().to_vec();
    job.env = vec![("PYTHONHASHSEED".to_owned(), "1".to_owned()), ("MLEDOJO_SEED".to_owned(), "0".to_owned())];
    let mut warm = 0_usize;
    let mut step = || {
        std::thread::sleep(THINKING);
        let (seconds, run) = step(&mut environment, Call::validate_code(IMPORTS))?;
        warm += usize::from(run.is_some_and(|run| run.warm));
        Ok(seconds)
    };
    for _ in 0..3 {
        step()?;
    }
    let rounds = Rounds::of(bench.rounds(60), &mut step, || starts::warm_run(engine.sandbox(), &job))?;
    let what = "a `validate_code` step through the environment / its run alone, warm";
    let mut row = rounds.ratio(("step-overhead", what), Target::AtMost(1.15), ["step", "run alone"]);
    row.details.push(detail("warm steps", warm as f64, ""));
    Ok(row)
}

/// Step 1,000 of an episode against step 10.
pub(super) fn growth(bench: &Bench) -> Result<Row, BenchError> {
    let engine = bench.warm_engine()?;
    let [mut old, mut young] = [bench.environment(&engine), bench.environment(&engine)];
    let ask = || Call::request_info("overview");
    // The tenth of ten steps in a row, of the old episode as well as of a new one.
    let tenth = |environment: &mut Environment| {
        for _ in 0..9 {
            step(environment, ask())?;
        }
        Ok(step(environment, ask())?.0)
    };
    old.reset(bench.episode("old"))?;
    for _ in 0..990 {
        step(&mut old, ask())?;
    }
    let mut episodes = 0;
    let rounds = Rounds::of(
        bench.rounds(100),
        || tenth(&mut old),
        || {
            episodes += 1;
            young.reset(bench.episode(&format!("young-{episodes}")))?;
            tenth(&mut young)
        },
    )?;
    let what = "step 1,000 of an episode and later ones / step 10 of others";
    Ok(rounds.ratio(("step-growth", what), Target::AtMost(1.2), ["step 1,000", "step 10"]))
}

type Run = Option<crate::step::RunInfo>;

/// Seconds of a step that must succeed, and its run.
fn step(environment: &mut Environment, call: Call) -> Result<(f64, Run), BenchError> {
    let (seconds, result) = timed(|| Ok(environment.step(call)?))?;
    match result.info.failure {
        None => Ok((seconds, result.info.run)),
        Some(failure) => Err(BenchError::Failed { what: "a step", reason: format!("{failure:?}") }),
    }
}
