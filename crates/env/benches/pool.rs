//! How much of the machine a pool puts to use, and what an idle session costs.
//!
//! `cargo bench -p mledojo-env --bench pool` (needs `MLEDOJO_TEST_PYTHON`, as the tests do).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mledojo_catalog::Catalog;
use mledojo_env::{
    Answer, Budget, Call, Engine, EnvConfig, EnvPool, Environment, PreparedCompetition, Request, ResetOptions,
};
use mledojo_prepare::{PrepareRequest, prepare};
use mledojo_sandbox::Runtime;

const ENVIRONMENTS: usize = 64;
const STEPS: usize = 4;
/// CPU seconds that each script uses.
const USEFUL: f64 = 0.05;
const IDLE: usize = 1000;

fn main() {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("MLEDOJO_TEST_PYTHON names a Python");
    let runtime = Runtime::from_interpreter(Path::new(&python)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let competition = Catalog::bundled().get("iris").unwrap();
    let site_packages = runtime.interpreter().site_packages.clone().unwrap();
    let out = folder.path().join("iris");
    let request = PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out };
    let data = prepare(&request).unwrap();
    let competition = Arc::new(PreparedCompetition::new(competition, data).unwrap());
    let engine = Engine::new(runtime).unwrap();
    let config = EnvConfig { budget: Budget { steps: None, seconds: None }, ..EnvConfig::default() };
    let new = || Environment::new(Arc::clone(&competition), Arc::clone(&engine), config.clone());

    let cores = std::thread::available_parallelism().unwrap().get();
    let pool = EnvPool::new((0..ENVIRONMENTS).map(|_| new()).collect(), cores);
    begin(&pool, folder.path());
    let code = format!("import time\nwhile time.process_time() < {USEFUL}: pass");
    let started = Instant::now();
    for _ in 0..STEPS {
        let replies = pool.step(vec![Call::validate_code(code.clone()); ENVIRONMENTS]).unwrap();
        assert!(
            replies.iter().all(|reply| matches!(&reply.answer, Ok(Answer::Stepped(s)) if s.info.failure.is_none()))
        );
    }
    let wall = started.elapsed().as_secs_f64();
    let useful = USEFUL * (ENVIRONMENTS * STEPS) as f64;
    println!(
        "{ENVIRONMENTS} environments, {cores} slots, scripts of {USEFUL} CPU seconds (interpreter start included):"
    );
    println!("useful CPU / (cores × wall): {:.2}", useful / (cores as f64 * wall));
    let stats = pool.stats();
    println!("occupancy of the slots since the pool began: {:.2}", stats.occupancy);
    println!("mean overhead of a step beyond its process: {:.1} ms", stats.mean_overhead_seconds * 1e3);
    drop(pool);

    let before = resident_kib();
    let idle = EnvPool::new((0..IDLE).map(|_| new()).collect(), cores);
    begin(&idle, &folder.path().join("idle"));
    println!("memory of an idle session: {} KiB", (resident_kib() - before) / IDLE as i64);
}

fn begin(pool: &EnvPool, folder: &Path) {
    for id in 0..pool.len() {
        let directory = folder.join(format!("{id}"));
        let options = ResetOptions { directory, seed: 0, agent: "bench".to_owned() };
        pool.send(id, Request::Reset(options)).unwrap();
    }
    let mut begun = 0;
    while begun < pool.len() {
        begun += pool.recv(pool.len() - begun, Duration::from_secs(60)).len();
    }
}

/// `VmRSS` of this process.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
