//! What an experiment does when nothing is wrong with it, and when its agents or its host fail.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::made::{competitions, guess, outcomes, script};
use crate::episodes::wait_until;
use crate::world::{Ran, World, logged_steps};

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_experiment_is_played_once_and_grows() {
    let world = World::new();
    competitions(&world, 2);
    let agent = script(&world, "script.jsonl", 10);
    let file = format!("agents = [\"{agent}\"]\ncompetitions = [\"made-0\"]\nseeds = 2\n[limits]\nsteps = 5\n");
    world.write("experiments/first.toml", file.replace("script.jsonl", "../script.jsonl"));
    let first = world.run(&["eval", "experiments/first.toml", "--json"]);
    assert_eq!(first.code, 0, "{first:?}");
    let events = lines(&first);
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((named("begun"), named("finished"), named("stepped")), (2, 2, 10));
    let player = &events.last().unwrap()["players"][0];
    assert_eq!((&player["finished"], &player["ended"]), (&json!(2), &json!({ "steps": 2 })));

    let run = world.path("home/runs/first");
    let before = outcomes(&run);
    let outcome = before.values().next().unwrap();
    // The competition holds rows out.
    assert_eq!(outcome["judging"]["public_fraction"], 0.5);
    assert!(outcome["best"]["raw_score"] != outcome["held_out"]["raw_score"] && outcome["held_out"].is_object());
    assert_eq!((&outcome["attempts"], &outcome["cost_usd"], &outcome["steps"]), (&json!(1), &json!(0.0), &json!(5)));

    let times = |run: &std::path::Path| -> Vec<SystemTime> {
        let file = |id: &String| run.join("episodes").join(id).join("outcome.json");
        before.keys().map(|id| file(id).metadata().unwrap().modified().unwrap()).collect()
    };
    let written = times(&run);
    let again = world.run(&["eval", "experiments/first.toml", "--json"]);
    assert_eq!((again.code, lines(&again)[0]["finished"].as_u64()), (0, Some(2)));
    let out = run.to_str().unwrap();
    let more = world.run(&["eval", "--out", out, "--seeds", "3", "--competitions", "made-1", "--parallel", "3"]);
    assert_eq!(more.code, 0, "{more:?}");
    assert!(more.stdout.contains("6 of 6 episodes finished"), "{more:?}");
    assert!(more.stderr.contains("2 finished before; 3 at once"), "{more:?}");
    assert_eq!(outcomes(&run).len(), 6);
    assert_eq!(times(&run), written);
    assert!(!more.stderr.contains('\u{1b}') && !more.stdout.contains('\u{1b}'), "{more:?}");
}

#[test]
fn ctrl_c_ends_an_experiment_and_the_same_command_goes_on() {
    let world = World::new();
    competitions(&world, 1);
    let wait = "import os, time\nif not os.path.exists('seen'):\n    open('seen', 'w').close()\n    time.sleep(300)\n";
    let calls = [
        json!({ "action": "execute_code", "params": { "code": guess(3) } }),
        json!({ "action": "validate_code", "params": { "code": wait } }),
    ];
    let agent = world.script(&calls);
    let args = ["eval", "--agents", &agent, "--competitions", "made-0", "--seeds", "2", "--steps", "2", "--out", "run"];
    let limited = [&args[..], &["--run-time", "4s", "--parallel", "2", "--slots", "2"]].concat();
    let child = world.command(&limited).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let player = || std::fs::read_dir(world.path("run/episodes")).into_iter().flatten().flatten().next();
    let log = |seed: u32| player().unwrap().path().join(format!("made-0/seed-{seed}/episode"));
    wait_until(|| player().is_some() && (0..2).all(|seed| logged_steps(&log(seed)).len() == 1));
    let second = world.run(&limited);
    assert_eq!(second.code, 1);
    let process = format!("(process {}, since", child.id());
    assert!(second.stderr.contains("another process") && second.stderr.contains(&process), "{second:?}");

    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(ran.stdout.contains("0 of 2 episodes finished"), "{ran:?}");

    let ran = world.run(&limited);
    assert_eq!(ran.code, 0, "{ran:?}");
    let outcomes = outcomes(&world.path("run"));
    assert!(outcomes.len() == 2 && outcomes.values().all(|outcome| outcome["attempts"] == 1), "{outcomes:?}");
}

#[test]
fn an_agent_that_fails_keeps_its_score_and_can_be_tried_again() {
    let world = World::new();
    competitions(&world, 1);
    let good = format!("{}\n", json!({ "action": "execute_code", "params": { "code": guess(3) } }));
    world.write("script.jsonl", format!("{good}not json\n"));
    let args = ["eval", "--agents", "script:script.jsonl", "--competitions", "made-0", "--seeds", "1", "--out", "run"];
    let ran = world.run(&args);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("1 of 1 episodes finished, 1 of them by a fault of the agent"), "{ran:?}");
    let outcome = outcomes(&world.path("run")).into_values().next().unwrap();
    assert_eq!((&outcome["ended"], &outcome["steps"]), (&json!("agent_error"), &json!(1)));
    assert!(outcome["best"].is_object() && outcome["error"].as_str().unwrap().contains("line 2"), "{outcome}");

    world.write("script.jsonl", &good);
    assert_eq!(world.run(&args).code, 1);
    let ran = world.run(&[&args[..], &["--retry-failed"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let outcome = outcomes(&world.path("run")).into_values().next().unwrap();
    assert_eq!((&outcome["ended"], &outcome["attempts"]), (&json!("finished"), &json!(2)));
}

#[test]
fn an_episode_that_cannot_go_on_begins_anew_and_the_old_one_is_kept() {
    let world = World::new();
    competitions(&world, 1);
    let agent = script(&world, "script.jsonl", 10);
    let args = ["eval", "--agents", &agent, "--competitions", "made-0", "--seeds", "1", "--steps", "3", "--out", "run"];
    assert_eq!(world.run(&args).code, 0);
    let (id, first) = outcomes(&world.path("run")).pop_first().unwrap();
    let folder = world.path("run/episodes").join(id);
    // As a crash after the second step leaves it, but for the agent, which is another one by now.
    std::fs::remove_file(folder.join("outcome.json")).unwrap();
    let log = folder.join("episode/steps.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    script(&world, "script.jsonl", 20);
    let ran = world.run(&args);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("begins anew") && ran.stderr.contains("can't go on"), "{ran:?}");
    let second = outcomes(&world.path("run")).pop_first().unwrap().1;
    assert_eq!((&first["attempts"], &second["attempts"]), (&json!(1), &json!(2)));
    assert_ne!(first["best"], second["best"]);
    assert_eq!(logged_steps(&folder.join("earlier/1/episode")).len(), 2);
}

#[test]
fn a_fault_of_the_host_is_tried_again_and_never_the_agents() {
    let world = World::new();
    competitions(&world, 1);
    let agent = script(&world, "script.jsonl", 10);
    let args = ["eval", "--agents", &agent, "--competitions", "made-0", "--seeds", "1", "--out", "run"];
    // No host has this GPU.
    let ran = world.run(&[&args[..], &["--gpu", "GPU-ab12", "--retries", "1", "--json"]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    let events = lines(&ran);
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((named("retrying"), named("failed"), named("finished")), (1, 1, 0));
    let summary = &events.last().unwrap()["summary"];
    assert!(summary["failed"][0]["error"].as_str().unwrap().contains("GPU"), "{summary}");
    assert!(outcomes(&world.path("run")).is_empty());
}
