//! What an experiment costs over the bare pool: the same episodes, with agents that answer at once, played by a
//! [`Runner`] and by an [`EnvPool`] in turn; prints steps per second of both, side by side.
//!
//! `cargo bench -p mledojo-eval --bench overhead -- --episodes 40 --rounds 5` (needs `MLEDOJO_TEST_PYTHON`, as tests do).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mledojo_agents::{Agent, AgentError};
use mledojo_catalog::Catalog;
use mledojo_env::{
    Answer, Call, Engine, EnvError, EnvPool, Environment, Observation, PreparedCompetition, Request, ResetOptions,
};
use mledojo_eval::{Crew, Experiment, Role, RunFolder, Runner};
use mledojo_prepare::{PrepareRequest, prepare};
use mledojo_sandbox::{Cancel, Runtime};

const STEPS: u64 = 15;
const PARALLEL: usize = 8;

/// An agent whose model answers at once: always the same call.
struct AtOnce(Call);

impl Agent for AtOnce {
    fn name(&self) -> &str {
        "instant"
    }

    fn act(&mut self, _: &Observation) -> Result<Option<Call>, AgentError> {
        Ok(Some(self.0.clone()))
    }

    fn restore(&mut self, _: &Observation, _: &Call) -> Result<(), AgentError> {
        Ok(())
    }
}

struct Bench {
    engine: Arc<Engine>,
    iris: Arc<PreparedCompetition>,
    call: Call,
}

impl Crew for Bench {
    fn competition(&self, _: &str, _: &Experiment) -> Result<Arc<PreparedCompetition>, EnvError> {
        Ok(Arc::clone(&self.iris))
    }

    fn agent(&self, _: &Role<'_>) -> Result<Box<dyn Agent>, AgentError> {
        Ok(Box::new(AtOnce(self.call.clone())))
    }

    fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }
}

impl Bench {
    fn experiment(episodes: usize) -> Experiment {
        let mut experiment = Experiment {
            agents: vec!["baseline".to_owned()],
            competitions: vec!["iris".to_owned()],
            seeds: (0..episodes as u64).collect(),
            parallel: Some(PARALLEL),
            ..Experiment::default()
        };
        experiment.limits.steps = STEPS;
        experiment
    }

    /// Steps per second through a run.
    fn through_runner(&self, folder: &Path, episodes: usize) -> f64 {
        let started = Instant::now();
        let lock = RunFolder::lock(folder).unwrap();
        let runner = Runner::new(lock, Self::experiment(episodes), self, Cancel::default(), &|_| {}).unwrap();
        assert!(runner.run().is_success());
        (episodes as u64 * STEPS) as f64 / started.elapsed().as_secs_f64()
    }

    /// Steps per second through a pool, each of whose environments plays one episode after the other.
    fn through_pool(&self, folder: &Path, episodes: usize) -> f64 {
        let started = Instant::now();
        let config = Self::experiment(episodes).env_config();
        let environments = (0..PARALLEL)
            .map(|_| Environment::new(Arc::clone(&self.iris), Arc::clone(&self.engine), config.clone()))
            .collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = EnvPool::new(environments, cores);
        let mut waiting: VecDeque<ResetOptions> = (0..episodes as u64)
            .map(|seed| ResetOptions { directory: folder.join(seed.to_string()), seed, agent: "instant".to_owned() })
            .collect();
        let mut begin = |id| waiting.pop_front().map(|options| pool.send(id, Request::Reset(options)).unwrap());
        let mut playing = (0..PARALLEL).filter_map(&mut begin).count();
        while playing > 0 {
            for reply in pool.recv(1, Duration::from_secs(120)) {
                match reply.answer.unwrap() {
                    Answer::Stepped(result) if result.truncated => playing -= usize::from(begin(reply.id).is_none()),
                    _ => pool.send(reply.id, Request::Step(self.call.clone())).unwrap(),
                }
            }
        }
        (episodes as u64 * STEPS) as f64 / started.elapsed().as_secs_f64()
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, otherwise: usize| {
        let place = arguments.iter().position(|argument| argument == name);
        place.map_or(otherwise, |place| arguments[place + 1].parse().expect("a number"))
    };
    let (episodes, rounds) = (number("--episodes", 40), number("--rounds", 5));
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("MLEDOJO_TEST_PYTHON names a Python");
    let runtime = Runtime::from_interpreter(Path::new(&python)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let competition = Catalog::bundled().get("iris").unwrap();
    let site_packages = runtime.interpreter().site_packages.clone().unwrap();
    let out = folder.path().join("iris");
    let data =
        prepare(&PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out }).unwrap();
    let iris = Arc::new(PreparedCompetition::new(competition, data).unwrap());
    let engine = Engine::new(runtime).unwrap();

    let submit = "import shutil\nshutil.copy('/kaggle/input/iris/sample_submission.csv', 'submission.csv')";
    println!("{:<14} {:>14} {:>14} {:>7}   wanted ≥ 0.90", "steps", "pool, steps/s", "eval, steps/s", "ratio");
    for (name, call) in [
        ("request_info", Call::request_info("overview")),
        ("validate_code", Call::validate_code("pass")),
        ("execute_code", Call::execute_code(submit)),
    ] {
        let bench = Bench { engine: Arc::clone(&engine), iris: Arc::clone(&iris), call };
        let place = |what: &str, round: usize| folder.path().join(format!("{name}-{what}-{round}"));
        bench.through_pool(&place("warm", 0), PARALLEL);
        let (mut pool, mut eval, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            pool.push(bench.through_pool(&place("pool", round), episodes));
            eval.push(bench.through_runner(&place("eval", round), episodes));
            ratios.push(eval[round] / pool[round]);
        }
        println!("{name:<14} {:>14.0} {:>14.0} {:>7.2}", median(&mut pool), median(&mut eval), median(&mut ratios));
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
