//! Rows that are held out, and the protocol: what the agent sees, what decides, what the log keeps.

use mledojo_env::{Call, EnvConfig, Environment, Episode, EpisodeSummary, Judging, ResetOptions, replay};
use mledojo_metrics::Protocol;
use serde_json::json;

use crate::world::{World, engine, iris, judged_iris};

const HALF: Judging = Judging { protocol: Protocol::Corrected, public_fraction: 0.5 };

/// Python that calls every flower of one kind `setosa` and the others `species`.
fn guess(species: &str) -> String {
    format!(
        "
import pandas as pd
test = pd.read_csv('/kaggle/input/iris/test.csv')
small = test['petal_length'] < 2.5
test.assign(species=small.map({{True: 'setosa', False: '{species}'}}))[['id', 'species']].to_csv(
    'submission.csv', index=False)
"
    )
}

#[test]
fn the_agent_sees_one_part_and_the_other_decides() {
    let mut world = World::of(judged_iris(HALF), EnvConfig::default());
    world.reset("episode");
    let first = world.execute(&guess("virginica"));
    let held_out = first.info.held_out.clone().expect("rows are held out");
    let shown = first.observation.current.clone().expect("a grade");
    // The whole is the mean of two halves of about the same size.
    let mut whole = World::begun();
    let all = whole.execute(&guess("virginica")).observation.current.expect("a grade").raw_score;
    assert!((f64::midpoint(shown.raw_score, held_out.raw_score) - all).abs() < 0.01, "{shown:?} {held_out:?} {all}");
    assert_ne!(shown.raw_score, held_out.raw_score);
    assert!(shown.note.as_deref().is_some_and(|note| note.contains("a fixed 50 % of the rows")));
    // No trace of the rest in what the agent sees.
    let observation = serde_json::to_string(&first.observation).unwrap();
    assert!(!observation.contains("held_out") && !observation.contains(&held_out.raw_score.to_string()));
    assert_eq!(first.reward, shown.standing.human_rank);

    // A worse one after it changes nothing of what decides, nor does an interruption.
    world.execute(&guess("nothing"));
    let directory = world.path("episode");
    world.environment = Environment::new(judged_iris(HALF), engine(), EnvConfig::default());
    world.environment.resume(&directory).unwrap();
    let last = world.step("finish", json!({}));
    assert_eq!(last.info.outcome_reward, Some(held_out.standing.human_rank));
    let episode = Episode::open(&directory).unwrap();
    assert_eq!(episode.header.judging, HALF);
    let summary = EpisodeSummary::read(&episode).unwrap();
    assert_eq!((summary.best, summary.result), (Some(shown), Some(held_out)));
    assert_eq!(summary.outcome_reward, last.info.outcome_reward);

    let options = ResetOptions { directory: world.path("again"), seed: 0, agent: "replay".to_owned() };
    let differences = replay(&episode, &mut world.environment, options, &mut |_, _| {}).unwrap();
    assert_eq!(differences, []);
}

#[test]
fn the_best_submission_of_the_last_step_decides_as_well() {
    let budget = mledojo_env::Budget { steps: Some(1), seconds: None };
    let mut world = World::of(judged_iris(HALF), EnvConfig { budget, ..EnvConfig::default() });
    world.reset("episode");
    let only = world.execute(&guess("virginica"));
    assert!(only.truncated);
    assert_eq!(only.info.outcome_reward, only.info.held_out.map(|grade| grade.standing.human_rank));
}

#[test]
fn an_episode_goes_on_by_the_judging_that_it_began_with() {
    let mut world = World::of(judged_iris(HALF), EnvConfig::default());
    world.reset("episode");
    let call = Call { action: "get_history".to_owned(), params: serde_json::Map::new() };
    world.environment.step(call).unwrap();
    let directory = world.path("episode");
    for other in [Judging { public_fraction: 0.4, ..HALF }, Judging { protocol: Protocol::MleDojo, ..HALF }] {
        world.environment = Environment::new(judged_iris(other), engine(), EnvConfig::default());
        let error = world.environment.resume(&directory).unwrap_err().to_string();
        assert!(error.contains("judged in another way"), "{error}");
    }
}

#[test]
fn episodes_from_before_there_was_a_choice_are_judged_by_default() {
    let mut world = World::begun();
    let directory = world.path("episode");
    let file = directory.join("episode.json");
    let mut header: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(header.as_object_mut().unwrap().remove("judging").is_some());
    std::fs::write(&file, header.to_string()).unwrap();
    world.environment = Environment::new(iris(), engine(), EnvConfig::default());
    world.environment.resume(&directory).unwrap();
}
