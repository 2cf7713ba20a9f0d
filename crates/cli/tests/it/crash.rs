//! kill -9 at random moments, then `--resume`: no finished step is lost, no log is corrupt.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::world::{World, guess, logged_steps};

const KILLS: u64 = 20;

#[test]
fn a_run_killed_at_random_moments_goes_on_where_it_was() {
    let world = World::new();
    let mut calls = Vec::new();
    for round in 0..10 {
        let species = ["setosa", "versicolor", "virginica"][round % 3];
        // What the folder holds tells how often the step had an effect: once, whatever was killed.
        let code = format!("open('trace', 'a').write('{round} ')\n{}", guess(species));
        calls.push(json!({ "action": "request_info", "params": { "info_type": "overview" } }));
        calls.push(json!({ "action": "execute_code", "params": { "code": code } }));
        calls.push(json!({ "action": "validate_code", "params": { "code": "print('x' * 100000)" } }));
    }
    let script = world.script(&calls);
    world.json(&["prepare", "iris"]);
    let steps = (calls.len() + 1).to_string();
    let whole = world.json(&["run", "iris", "--agent", &script, "--steps", &steps, "--output", "whole"]);

    let episode = world.path("ep");
    let mut known = 0;
    let mut random = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {random}");
    for _ in 0..KILLS {
        let args: Vec<&str> = if episode.join("episode.json").exists() {
            vec!["run", "--resume", "ep"]
        } else {
            vec!["run", "iris", "--agent", &script, "--steps", &steps, "--output", "ep"]
        };
        let mut child = world.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(150 + (random >> 33) % 450));
        child.kill().unwrap();
        let told = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        let logged = logged_steps(&episode).len();
        // Whatever was told to the user as done is on disk, and nothing that was there is gone.
        let done = told.lines().filter_map(|line| line.split_once("step ")?.1.split('/').next()?.parse().ok()).max();
        assert!(logged >= done.unwrap_or(0), "{logged} steps logged after: {told}");
        assert!(logged >= known, "{logged} steps logged, {known} before");
        known = logged;
    }

    let resumed = world.json(&["run", "--resume", "ep"]);
    let story = |summary: &Value| {
        let mut episode = summary["episode"].clone();
        episode.as_object_mut().unwrap().remove("seconds");
        episode
    };
    assert_eq!(story(&resumed), story(&whole));
    let scores = |episode: &str| -> Vec<Value> {
        logged_steps(&world.path(episode)).iter().map(|step| step["observation"]["current"].clone()).collect()
    };
    assert_eq!(scores("ep"), scores("whole"));
    let trace = |episode: &str| std::fs::read_to_string(world.path(episode).join("work/trace")).unwrap();
    assert_eq!(trace("ep"), trace("whole"));
    assert_eq!(world.json(&["episode", "replay", "ep"])["same"], true);
}
