//! Does a step cost more when many went before it? 2,000 `request_info` steps of one episode: the last 100 against the
//! first 100, and the memory they took.
//!
//! `cargo bench -p mledojo-env --bench step_cost` (needs `MLEDOJO_TEST_PYTHON`, as the tests do).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mledojo_catalog::Catalog;
use mledojo_env::{Budget, Call, Engine, EnvConfig, Environment, PreparedCompetition, ResetOptions};
use mledojo_prepare::{PrepareRequest, prepare};
use mledojo_sandbox::Runtime;

const STEPS: usize = 2000;
const WINDOW: usize = 100;

fn main() {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("MLEDOJO_TEST_PYTHON names a Python");
    let runtime = Runtime::from_interpreter(Path::new(&python)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let competition = Catalog::bundled().get("iris").unwrap();
    let site_packages = runtime.interpreter().site_packages.clone().unwrap();
    let out = folder.path().join("iris");
    let data =
        prepare(&PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out }).unwrap();
    let competition = Arc::new(PreparedCompetition::new(competition, data).unwrap());
    let config = EnvConfig { budget: Budget { steps: None, seconds: None }, ..EnvConfig::default() };
    let mut environment = Environment::new(competition, Engine::new(runtime).unwrap(), config);
    let directory = folder.path().join("episode");
    environment.reset(ResetOptions { directory, seed: 0, agent: "bench".to_owned() }).unwrap();

    let mut times = Vec::with_capacity(STEPS);
    let mut memory = 0;
    for step in 0..STEPS {
        if step == WINDOW {
            memory = resident_kib();
        }
        let params = [("info_type".to_owned(), "overview".into())].into_iter().collect();
        let started = Instant::now();
        environment.step(Call { action: "request_info".to_owned(), params }).unwrap();
        times.push(started.elapsed());
    }
    let (first, last) = (median(&times[..WINDOW]), median(&times[STEPS - WINDOW..]));
    println!("median of the first {WINDOW} steps: {first:?}");
    println!("median of the last {WINDOW} of {STEPS} steps: {last:?}");
    println!("ratio last / first: {:.2} (must stay below 1.5)", last.as_secs_f64() / first.as_secs_f64());
    println!("resident memory grew by {} KiB over the last {} steps", resident_kib() - memory, STEPS - WINDOW);
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

/// `VmRSS` of this process.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
