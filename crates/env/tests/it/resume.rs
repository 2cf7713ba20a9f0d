//! Going on with an episode, and playing it again.

use std::io::Write;

use mledojo_env::{Engine, EnvError, Environment, Episode, ResetOptions, replay};
use mledojo_sandbox::SandboxChoice;
use serde_json::json;

use crate::world::{SAMPLE, World, engine, iris, runtime};

#[test]
fn a_resumed_episode_is_where_it_was() {
    let mut world = World::begun();
    world.info("name");
    let graded = world.execute(SAMPLE);
    let directory = world.path("episode");
    // What a crash leaves: half a line, artifacts of a step that was never answered.
    let mut log = std::fs::OpenOptions::new().append(true).open(directory.join("steps.jsonl")).unwrap();
    log.write_all(b"{\"step\": 3, \"at\": \"20").unwrap();
    std::fs::create_dir(directory.join("artifacts/0003")).unwrap();
    let World { environment, .. } = &mut world;
    *environment = Environment::new(iris(), engine(), environment.config().clone());

    let latest = world.environment.resume(&directory).unwrap();
    assert_eq!(latest, graded.observation);
    let again = world.execute(SAMPLE);
    assert_eq!((again.observation.step, again.observation.steps_left), (3, Some(12)));
    assert!(again.info.repeated_submission);
    let steps: Vec<_> = Episode::open(&directory).unwrap().steps().unwrap().map(Result::unwrap).collect();
    assert_eq!(steps.len(), 3);
}

#[test]
fn an_isolated_episode_does_not_go_on_without_isolation() {
    let mut world = World::begun();
    world.execute(SAMPLE);
    let directory = world.path("episode");
    let record = Episode::open(&directory).unwrap().header.sandbox;
    assert!(record.name == "warm" && record.isolated, "{record:?}");
    let config = world.environment.config().clone();
    drop(world.environment);
    let process = Engine::choose(runtime(), &SandboxChoice::Process).unwrap();
    assert!(process.warning().is_some() && engine().warning().is_none());
    let error = Environment::new(iris(), process, config.clone()).resume(&directory).unwrap_err().to_string();
    assert!(error.contains("can't go on without isolation"), "{error}");
    Environment::new(iris(), engine(), config).resume(&directory).unwrap();
}

#[test]
fn two_processes_cannot_play_one_episode_and_a_used_folder_is_refused() {
    let mut world = World::begun();
    let directory = world.path("episode");
    let mut other = Environment::new(iris(), engine(), world.environment.config().clone());
    let error = other.resume(&directory).unwrap_err().to_string();
    assert!(error.contains("another process is playing"), "{error}");
    let options = ResetOptions { directory: directory.clone(), seed: 0, agent: String::new() };
    let error = other.reset(options).unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
    world.step("finish", json!({}));
}

#[test]
fn a_damaged_log_is_named_with_its_line() {
    let mut world = World::begun();
    world.info("name");
    world.info("name");
    let directory = world.path("episode");
    let file = directory.join("steps.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("{\"step\":2", "{\"step\":\"two\"", 1)).unwrap();
    drop(world.environment);
    let mut other = Environment::new(iris(), engine(), mledojo_env::EnvConfig::default());
    let error = other.resume(&directory).unwrap_err();
    assert!(matches!(error, EnvError::Log { line: 2, .. }), "{error}");
    assert!(other.resume(directory.parent().unwrap()).unwrap_err().to_string().contains("no episode"));
}

#[test]
fn a_replay_compares_every_step() {
    let mut world = World::begun();
    world.execute(SAMPLE);
    world.execute("raise ValueError");
    world.execute(&format!("{SAMPLE}\nimport random\nprint(random.random(), file=open('submission.csv', 'a'))"));
    let episode = Episode::open(&world.path("episode")).unwrap();
    let options = ResetOptions { directory: world.path("again"), seed: 0, agent: "replay".to_owned() };
    let mut seen = 0;
    let differences = replay(&episode, &mut world.environment, options, &mut |_, _| seen += 1).unwrap();
    assert_eq!(seen, 3);
    // The third run is random: its bytes differ, and nothing else does.
    let fields: Vec<_> = differences.iter().map(|difference| (difference.step, difference.field)).collect();
    assert_eq!(fields, [(3, "submission_sha256")]);
}
