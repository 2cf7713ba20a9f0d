//! Choosing what runs agents' code, and what is written down of it.

use serde_json::{Value, json};

use crate::world::World;

/// Python that finds its data and its place by what the environment tells of them.
fn portable() -> String {
    "import csv, os
data = os.path.join(os.environ.get('MLEDOJO_INPUT_DIR', '/kaggle/input'), 'iris/test.csv')
rows = list(csv.reader(open(data)))
with open('submission.csv', 'w') as file:
    file.write('id,species\\n')
    file.writelines(row[0] + ',setosa\\n' for row in rows[1:])
"
    .to_owned()
}

fn header(world: &World, episode: &str) -> Value {
    serde_json::from_slice(&std::fs::read(world.path(episode).join("episode.json")).unwrap()).unwrap()
}

#[test]
fn an_episode_without_isolation_says_so_wherever_it_is_seen() {
    let world = World::new();
    let script = world.script(&[
        json!({ "action": "request_info", "params": { "info_type": "data_path" } }),
        json!({ "action": "execute_code", "params": { "code": portable() } }),
        json!({ "action": "validate_code", "params": { "code": "import time; time.sleep(0)" } }),
    ]);
    let ran = world.run(&["run", "iris", "--agent", &script, "--output", "ep", "--steps", "3", "--sandbox", "process"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("WARNING: the `process` sandbox isolates NOTHING"), "{}", ran.stderr);
    assert!(ran.stdout.contains("NOT ISOLATED"), "{}", ran.stdout);
    assert_eq!(header(&world, "ep")["sandbox"], json!({ "name": "process", "isolated": false }));

    let shown = world.json(&["episode", "show", "ep"]);
    assert_eq!(shown["summary"]["sandbox"]["isolated"], false);
    assert!(shown["summary"]["best"].is_object(), "{shown}");
    let path = shown["steps"][0]["observation"]["feedback"]["base"]["text"].as_str().unwrap();
    assert!(path.contains("home/competitions/iris/public"), "{path}");
    let text = world.run(&["episode", "show", "ep"]).stdout;
    assert!(text.contains("sandbox: process (NOT ISOLATED: the code could read the answers)"), "{text}");

    // It is replayed in the sandbox that it began in, and that is said again.
    let replay = world.run(&["episode", "replay", "ep"]);
    assert_eq!(replay.code, 0, "{replay:?}");
    assert!(replay.stderr.contains("isolates NOTHING"), "{}", replay.stderr);
}

#[test]
fn the_baseline_plays_without_mounts_and_goes_on_where_it_began() {
    let world = World::new();
    world.write("mledojo.toml", "sandbox = \"process\"\n");
    let run = world.json(&["run", "iris", "--steps", "3", "--output", "ep"]);
    assert_eq!(run["episode"]["failed_steps"], 0, "{run}");
    std::fs::remove_file(world.path("mledojo.toml")).unwrap();
    let resumed = world.run(&["run", "--resume", "ep"]);
    assert!(resumed.stderr.contains("isolates NOTHING"), "{}", resumed.stderr);
}

#[test]
fn isolated_episodes_name_their_sandbox() {
    let world = World::new();
    let script = world.script(&[json!({ "action": "execute_code", "params": { "code": portable() } })]);
    for name in ["namespace", "warm"] {
        let args = ["run", "iris", "--agent", &script, "--output", name, "--sandbox", name];
        let ran = world.run(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.stdout.contains("NOT ISOLATED") && !ran.stderr.contains("WARNING"), "{ran:?}");
        assert_eq!(header(&world, name)["sandbox"], json!({ "name": name, "isolated": true }));
    }
}

#[test]
fn a_sandbox_that_cannot_be_used_is_no_reason_to_take_another() {
    let world = World::new();
    let unknown = world.run(&["run", "iris", "--sandbox", "jail"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("expected one of warm, namespace, container, process"), "{}", unknown.stderr);
    let imageless = world.run(&["run", "iris", "--sandbox", "container"]);
    assert!(imageless.stderr.contains("--image"), "{}", imageless.stderr);
    let mut command = world.command(&["run", "iris", "--sandbox", "container", "--image", "x", "--output", "ep"]);
    let output = command.env("DOCKER_HOST", "unix:///nowhere/engine.sock").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("no container engine answers") && stderr.contains("hint: "), "{stderr}");
    assert!(!world.path("ep").exists());
}
