//! How much of the machine a pool puts to use.

use std::time::{Duration, Instant};

use super::measure::{median, quantile};
use super::row::{Row, Target, detail};
use super::{Bench, BenchError};
use crate::action::Call;
use crate::pool::{Answer, EnvPool, Reply, Request};

const ENVIRONMENTS: usize = 64;
/// CPU seconds that each script uses.
const USEFUL: f64 = 0.05;
/// How long a reply may take.
const LONG: Duration = Duration::from_secs(120);

/// Useful CPU time of 64 environments over what the cores had, and beside it what bare threads got of the machine.
pub(super) fn useful_cpu(bench: &Bench) -> Result<Row, BenchError> {
    let engine = bench.warm_engine()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = EnvPool::new((0..ENVIRONMENTS).map(|_| bench.environment(&engine)).collect(), cores);
    begin(&pool, bench, "useful")?;
    let code = format!("import time\nend = time.process_time() + {USEFUL}\nwhile time.process_time() < end: pass");
    let calls = || vec![Call::validate_code(code.clone()); ENVIRONMENTS];
    play(&pool, calls())?;
    let (mut shares, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(10) {
        let started = Instant::now();
        play(&pool, calls())?;
        let possible = cores as f64 * started.elapsed().as_secs_f64();
        shares.push(USEFUL * ENVIRONMENTS as f64 / possible);
        bare.push(bare_share(cores, USEFUL * ENVIRONMENTS as f64 / cores as f64));
    }
    let value = median(&shares);
    let target = Target::AtLeast(0.9);
    Ok(Row {
        name: "useful-cpu",
        what: "64 environments with scripts of 50 ms: useful CPU time / (cores × time)",
        value,
        unit: "",
        spread: Some((quantile(&shares, 0.25), quantile(&shares, 0.75))),
        target,
        met: target.is_met(value),
        rounds: shares.len(),
        details: vec![
            detail("cores", cores as f64, ""),
            detail("bare threads get", median(&bare), ""),
            detail("of what bare threads get", value / median(&bare), ""),
            detail("occupancy of the slots", pool.stats().occupancy, ""),
        ],
    })
}

/// The share of the cores that threads which do nothing else get for `seconds` of CPU time each: less than one on a
/// machine that has other work.
fn bare_share(cores: usize, seconds: f64) -> f64 {
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let clock = || rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
                let start = clock();
                let used = || {
                    let now = clock();
                    (now.tv_sec - start.tv_sec) as f64 + (now.tv_nsec - start.tv_nsec) as f64 * 1e-9
                };
                while used() < seconds {
                    for number in 0..10_000_u32 {
                        std::hint::black_box(number);
                    }
                }
            });
        }
    });
    seconds / started.elapsed().as_secs_f64()
}

/// Begins an episode in each environment.
pub(super) fn begin(pool: &EnvPool, bench: &Bench, name: &str) -> Result<(), BenchError> {
    let failed = |reason: String| BenchError::Failed { what: "the pool", reason };
    for id in 0..pool.len() {
        let options = bench.episode(&format!("{name}-{id}"));
        pool.send(id, Request::Reset(options)).map_err(|error| failed(error.to_string()))?;
    }
    let mut begun = 0;
    while begun < pool.len() {
        let replies = pool.recv(1, LONG);
        if replies.is_empty() {
            return Err(failed("no reply".to_owned()));
        }
        begun += replies.len();
        replies.into_iter().try_for_each(|reply| reply.answer.map(drop))?;
    }
    Ok(())
}

fn play(pool: &EnvPool, calls: Vec<Call>) -> Result<(), BenchError> {
    let failed = |reason: String| BenchError::Failed { what: "the pool", reason };
    let replies = pool.step(calls).map_err(|error| failed(error.to_string()))?;
    replies.into_iter().try_for_each(|Reply { answer, .. }| match answer? {
        Answer::Stepped(step) if step.info.failure.is_none() => Ok(()),
        other => Err(failed(format!("{other:?}"))),
    })
}
