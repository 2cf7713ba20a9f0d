//! Runs with agents made for the test: limits, panics, faults of the host, cancelling.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mledojo_agents::{Agent, AgentError};
use mledojo_env::{Call, Engine, EnvError, Observation, PreparedCompetition};
use mledojo_eval::{Crew, Ended, EpisodeOutcome, Experiment, Role, RunEvent, RunFolder, RunSummary, Runner};
use mledojo_sandbox::Cancel;
use tempfile::TempDir;

use crate::world::{competition, engine};

type Act = dyn Fn(u64, &Observation) -> Call + Send + Sync;

/// An agent that does what a function of seed and observation says.
struct Does(u64, Arc<Act>);

impl Agent for Does {
    fn name(&self) -> &str {
        "does"
    }

    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError> {
        Ok(Some((self.1)(self.0, observation)))
    }

    fn restore(&mut self, _: &Observation, _: &Call) -> Result<(), AgentError> {
        Ok(())
    }
}

struct Fake {
    act: Arc<Act>,
    /// Whether the competition's data can be had.
    has_data: bool,
}

impl Crew for Fake {
    fn competition(&self, slug: &str, _: &Experiment) -> Result<Arc<PreparedCompetition>, EnvError> {
        if self.has_data { Ok(competition(slug, 1.0)) } else { Err(EnvError::NotReset) }
    }

    fn agent(&self, role: &Role<'_>) -> Result<Box<dyn Agent>, AgentError> {
        Ok(Box::new(Does(role.seed, Arc::clone(&self.act))))
    }

    fn engine(&self) -> Arc<Engine> {
        engine()
    }
}

fn experiment(seeds: u64) -> Experiment {
    // The crew plays in the baseline's name.
    let mut experiment = Experiment {
        agents: vec!["baseline".to_owned()],
        competitions: vec!["iris".to_owned()],
        seeds: (0..seeds).collect(),
        retries: 0,
        ..Experiment::default()
    };
    experiment.limits.steps = 4;
    experiment
}

fn run(
    folder: &TempDir,
    experiment: Experiment,
    crew: &Fake,
    observe: &(dyn Fn(&RunEvent, &Cancel) + Sync),
) -> (RunSummary, Vec<EpisodeOutcome>) {
    let cancel = Cancel::default();
    let observe = |event: &RunEvent| observe(event, &cancel);
    let lock = RunFolder::lock(folder.path()).unwrap();
    let runner = Runner::new(lock, experiment, crew, cancel.clone(), &observe).unwrap();
    let folder = runner.folder().clone();
    (runner.run(), folder.outcomes().unwrap())
}

fn crew(act: impl Fn(u64, &Observation) -> Call + Send + Sync + 'static) -> Fake {
    Fake { act: Arc::new(act), has_data: true }
}

#[test]
fn a_limit_ends_an_episode_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut experiment = experiment(2);
    experiment.limits.time = Duration::from_millis(400);
    let slow_or_done = crew(|seed, observation| match (seed, observation.step) {
        (0, _) => {
            std::thread::sleep(Duration::from_millis(150));
            Call::request_info("name")
        }
        (_, 0) => Call::request_info("name"),
        _ => mledojo_env::Action::Finish.into(),
    });
    let (summary, outcomes) = run(&folder, experiment, &slow_or_done, &|_, _| {});
    assert!(summary.is_success(), "{summary:?}");
    let ended: Vec<Ended> = outcomes.iter().map(|outcome| outcome.ended).collect();
    assert_eq!(ended, [Ended::Time, Ended::Finished]);
    assert!(outcomes[0].seconds >= 0.4 && outcomes[0].steps < 4, "{outcomes:?}");
}

#[test]
fn a_panic_takes_down_its_episode_alone() {
    let folder = tempfile::tempdir().unwrap();
    let panics = crew(|seed, _| {
        assert_ne!(seed, 1, "on purpose");
        Call::request_info("name")
    });
    let (summary, outcomes) = run(&folder, experiment(3), &panics, &|_, _| {});
    assert_eq!((summary.finished, outcomes.len(), summary.failed.len()), (2, 2, 1));
    let failure = &summary.failed[0];
    assert!(failure.episode.ends_with("seed-1") && failure.error.contains("on purpose"), "{failure:?}");
    // The next run goes on with it.
    let (summary, _) = run(&folder, experiment(3), &crew(|_, _| Call::request_info("name")), &|_, _| {});
    assert!(summary.is_success(), "{summary:?}");
}

#[test]
fn a_fault_that_all_episodes_have_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let crew = Fake { has_data: false, ..crew(|_, _| Call::request_info("name")) };
    let experiment = Experiment { parallel: Some(1), ..experiment(20) };
    let (summary, outcomes) = run(&folder, experiment, &crew, &|_, _| {});
    assert_eq!((summary.failed.len(), outcomes.len()), (5, 0));
    assert!(summary.stopped.unwrap().contains("5 episodes in a row failed"));
}

#[test]
fn a_cancelled_run_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let steps = AtomicUsize::new(0);
    let info = || crew(|_, _| Call::request_info("name"));
    let (summary, outcomes) = run(&folder, experiment(6), &info(), &|event, cancel| {
        if matches!(event, RunEvent::Stepped { .. }) && steps.fetch_add(1, Ordering::SeqCst) == 9 {
            cancel.cancel();
        }
    });
    assert!(summary.interrupted && outcomes.len() < 6, "{summary:?}");
    let before = steps.swap(0, Ordering::SeqCst);
    let (summary, outcomes) = run(&folder, experiment(6), &info(), &|event, _| {
        steps.fetch_add(usize::from(matches!(event, RunEvent::Stepped { .. })), Ordering::SeqCst);
    });
    assert!(summary.is_success() && outcomes.len() == 6, "{summary:?}");
    // No step was taken twice.
    assert_eq!(before + steps.load(Ordering::SeqCst), 6 * 4);
    assert!(outcomes.iter().all(|outcome| outcome.ended == Ended::Steps && outcome.attempts == 1));
}
