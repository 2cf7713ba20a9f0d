//! The Gym contract: what `reset` and `step` return, rewards, budgets, ends.

use std::time::{Duration, Instant};

use mledojo_env::{
    ActionStatus, Budget, Engine, EnvConfig, EnvError, Environment, Episode, EpisodeSummary, Failure, RewardMode,
};
use serde_json::json;

use crate::world::{self, SAMPLE, World, base};

#[test]
fn an_episode_is_played_graded_and_written_down() {
    let mut world = World::new();
    let first = world.reset("episode");
    assert_eq!((first.step, first.action_status), (0, ActionStatus::Success));
    assert_eq!(first.steps_left, Some(15));

    let overview = world.info("overview");
    assert!(base(&overview.observation).contains("Competition Info"));
    assert_eq!(overview.reward, 0.0);

    let graded = world.execute(SAMPLE);
    let grade = graded.observation.current.clone().unwrap();
    assert_eq!(graded.reward, grade.standing.human_rank);
    assert_eq!(graded.observation.best, Some(grade));
    assert_eq!(graded.observation.steps_left, Some(13));
    assert!(base(&graded.observation).contains("Private Leaderboard: Position"));
    assert!(graded.info.run.unwrap().wall_seconds > 0.0);

    let done = world.step("finish", json!({}));
    assert!(done.terminated && !done.truncated);
    assert_eq!(done.info.outcome_reward, Some(graded.reward));
    let late = world.execute(SAMPLE);
    assert_eq!(late.info.failure, Some(Failure::EpisodeOver));
    assert!(late.terminated);

    let episode = Episode::open(&world.path("episode")).unwrap();
    let steps: Vec<_> = episode.steps().unwrap().map(Result::unwrap).collect();
    assert_eq!(steps.len(), 3);
    assert_eq!(episode.call(&steps[1]).unwrap().params["code"], json!(SAMPLE));
    let stored = episode.text(steps[1].artifacts.submission.as_deref()).unwrap().unwrap();
    assert!(stored.starts_with("id,"));
    let summary = EpisodeSummary::read(&episode).unwrap();
    assert_eq!((summary.steps, summary.failed_steps, summary.terminated), (3, 0, true));
}

#[test]
fn step_before_reset_is_the_callers_error() {
    let mut world = World::new();
    let error = world.environment.step(mledojo_env::Call { action: "reset".into(), params: Default::default() });
    assert!(matches!(error, Err(EnvError::NotReset)));
}

#[test]
fn the_step_budget_truncates() {
    let budget = Budget { steps: Some(2), seconds: None };
    let mut world = World::with(EnvConfig { budget, ..EnvConfig::default() });
    world.reset("episode");
    assert!(!world.info("name").truncated);
    let last = world.info("name");
    assert!(last.truncated && !last.terminated);
    assert_eq!(last.observation.steps_left, Some(0));
    assert_eq!(last.info.outcome_reward, Some(0.0));
    assert_eq!(world.environment.ended(), Some((false, true)));
}

#[test]
fn the_time_budget_cuts_a_run_and_truncates() {
    let budget = Budget { steps: None, seconds: Some(1.5) };
    let mut world = World::with(EnvConfig { budget, ..EnvConfig::default() });
    world.reset("episode");
    let cut = world.execute("while True: pass");
    assert!(cut.truncated);
    assert_eq!(cut.info.failure, Some(Failure::Run));
    assert!(cut.info.run.unwrap().wall_seconds < 5.0);
    assert!(base(&cut.observation).contains("time limit"));
}

#[test]
fn improvement_pays_only_what_is_new() {
    let mut world = World::with(EnvConfig { reward: RewardMode::Improvement, ..EnvConfig::default() });
    world.reset("episode");
    let first = world.execute(SAMPLE);
    assert_eq!(first.reward, first.observation.best.as_ref().unwrap().standing.human_rank);
    let again = world.execute(SAMPLE);
    assert_eq!(again.reward, 0.0);
    assert!(again.info.repeated_submission && !first.info.repeated_submission);
}

#[test]
fn the_reset_action_empties_the_folder_and_keeps_what_was_reached() {
    let mut world = World::begun();
    let best = world.execute(SAMPLE).observation.best;
    world.validate("open('kept.txt', 'w').write('x')");
    let reset = world.step("reset", json!({}));
    assert_eq!(reset.observation.action_status, ActionStatus::Success);
    assert_eq!((reset.observation.current, reset.observation.best), (None, best));
    assert_eq!(reset.observation.steps_left, Some(12));
    let listed = world.validate("import os; print(os.listdir('.'))");
    assert!(base(&listed.observation).contains("[]"), "{}", base(&listed.observation));
}

#[test]
fn history_shows_the_latest_steps_and_never_itself_in_full() {
    let mut world = World::begun();
    world.info("name");
    for _ in 0..5 {
        world.step("get_history", json!({}));
    }
    let history = world.step("get_history", json!({})).observation;
    let steps = history.feedback["base"].data["steps"].as_array().unwrap().len();
    assert_eq!(steps, 6);
    assert!(base(&history).len() < 1000);
}

#[test]
fn the_seed_reaches_the_code_and_hashes_repeat() {
    let mut world = World::begun();
    let code = "import os; print(os.environ['MLEDOJO_SEED'], hash('a'))";
    let first = world.validate(code).observation;
    let second = world.validate(code).observation;
    let out = |observation: &mledojo_env::Observation| {
        observation.feedback["base"].data["execution"]["stdout"].as_str().unwrap().to_owned()
    };
    assert!(out(&first).starts_with("7 "));
    assert_eq!(out(&first), out(&second));
}

#[test]
fn a_warm_engine_plays_the_same() {
    let mut cold = World::begun();
    let expected = cold.execute(SAMPLE);
    let mut world = World::new();
    let engine = Engine::new(world::runtime()).unwrap();
    world.environment = Environment::new(world::iris(), engine, EnvConfig::default());
    world.reset("warm");
    let code = format!("import pandas, sklearn.ensemble\n{SAMPLE}");
    let started = Instant::now();
    loop {
        let step = world.execute(&code);
        assert_eq!(step.observation.current, expected.observation.current);
        if step.info.run.is_some_and(|run| run.warm) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "never warm");
        world.step("reset", json!({}));
        if world.environment.ended().is_some() {
            world.reset(&format!("warm-{}", started.elapsed().as_millis()));
        }
    }
    let file =
        "from sklearn.datasets import load_iris\ntry:\n    load_iris()\nexcept Exception:\n    raise SystemExit(3)";
    let masked = world.validate(file);
    assert!(masked.info.failure.is_some(), "a warm interpreter sees no masked data either");
}
