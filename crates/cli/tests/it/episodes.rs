//! Episodes from the command line: run, show, resume, replay, Ctrl-C.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Ran, World, guess, logged_steps};

#[test]
fn a_script_is_played_shown_and_replayed() {
    let world = World::new();
    let script = world.script(&[
        json!({ "action": "request_info", "params": { "info_type": "overview" } }),
        json!({ "action": "execute_code", "params": { "code": guess("setosa") } }),
        json!({ "action": "execute_code", "params": { "code": "print('\u{1b}[31mred')\n1/0" } }),
    ]);
    let run = world.json(&["run", "iris", "--agent", &script, "--steps", "5", "--output", "ep"]);
    let episode = &run["episode"];
    assert_eq!((&episode["steps"], &episode["failed_steps"]), (&json!(4), &json!(1)));
    assert_eq!((&episode["terminated"], &episode["truncated"]), (&json!(true), &json!(false)));
    assert_eq!(episode["outcome_reward"], episode["best"]["human_rank"]);

    let shown = world.run(&["episode", "show", "ep", "--code"]);
    assert_eq!(shown.code, 0);
    for text in ["step 2 · execute_code", "setosa", "ZeroDivisionError", "declared itself done"] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
    assert!(!shown.stdout.contains('\u{1b}'));

    let replay = world.json(&["episode", "replay", "ep"]);
    assert_eq!(replay, json!({ "same": true, "differences": [] }));
    let ended = world.json(&["run", "--resume", "ep"]);
    assert_eq!(ended["episode"], run["episode"]);
}

#[test]
fn a_strict_umask_keeps_the_answers_and_not_the_data_from_the_code() {
    let world = World::new();
    let script = world.script(&[json!({ "action": "execute_code", "params": { "code": guess("setosa") } })]);
    let run = world.command(&["run", "iris", "--agent", &script, "--output", "ep", "--json"]);
    let mut strict = Command::new("sh");
    strict.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(run.get_program()).args(run.get_args());
    strict.current_dir(world.path(""));
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => strict.env(name, value),
            None => strict.env_remove(name),
        };
    }
    let ran = Ran::from(strict.output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(logged_steps(&world.path("ep"))[0]["observation"]["action_status"], "SUCCESS");
    let mode = std::fs::metadata(world.path("home/competitions/iris/private")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn standard_input_drives_an_episode() {
    let world = World::new();
    let mut child = world
        .command(&["run", "iris", "--agent", "script:-", "--output", "ep", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "# a comment\n\n{}", json!({ "action": "get_history", "params": {} })).unwrap();
    // The step is done before the next line is written.
    wait_until(|| logged_steps(&world.path("ep")).len() == 1);
    writeln!(stdin, "{}", json!({ "action": "execute_code", "params": { "code": guess("setosa") } })).unwrap();
    drop(stdin);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(logged_steps(&world.path("ep")).len(), 3);
}

#[test]
fn a_bad_script_is_named_with_its_line() {
    let world = World::new();
    world.write("script.jsonl", "{\"action\": \"get_history\"}\nnot json\n");
    let ran = world.run(&["run", "iris", "--agent", "script:script.jsonl", "--output", "ep"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("script.jsonl") && ran.stderr.contains("line 2"), "{}", ran.stderr);
    assert_eq!(logged_steps(&world.path("ep")).len(), 1);
    let missing = world.run(&["run", "iris", "--agent", "script:nowhere.jsonl"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("nowhere.jsonl"), "{}", missing.stderr);
}

#[test]
fn ctrl_c_ends_the_run_cleans_up_and_can_be_resumed() {
    let world = World::new();
    let marker = "mledojo-ctrl-c-marker";
    let script = world.script(&[
        json!({ "action": "execute_code", "params": { "code": guess("setosa") } }),
        json!({ "action": "execute_code", "params": { "code":
            format!("import subprocess\nsubprocess.run(['sh', '-c', 'sleep 300; : {marker}'])") } }),
    ]);
    let args = ["run", "iris", "--agent", &script, "--output", "ep", "--steps", "2", "--run-time", "3s", "--json"];
    let child = world.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(|| running(marker));
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(!running(marker));
    assert_eq!(logged_steps(&world.path("ep")).len(), 1);

    let resumed = world.json(&["run", "--resume", "ep"]);
    assert_eq!(resumed["episode"]["steps"], 2);
    assert_eq!(resumed["episode"]["failed_steps"], 1);
}

#[test]
fn the_baseline_goes_on_after_a_kill() {
    let world = World::new();
    let args = ["run", "iris", "--steps", "6", "--output", "ep", "--seed", "3"];
    let mut child = world.command(&args).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    wait_until(|| logged_steps(&world.path("ep")).len() >= 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = logged_steps(&world.path("ep"));
    let resumed = world.json(&["run", "--resume", "ep"]);
    assert_eq!((&resumed["episode"]["steps"], &resumed["episode"]["failed_steps"]), (&json!(6), &json!(0)));
    let after = logged_steps(&world.path("ep"));
    assert_eq!(after[..before.len()], before);
    // An episode that another agent has begun is not taken for its own.
    let mut first = before[0].clone();
    first["call"]["params"]["info_type"] = json!("name");
    world.write("ep/steps.jsonl", format!("{first}\n"));
    let refused = world.run(&["run", "--resume", "ep"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("can't go on with agent `baseline`"), "{}", refused.stderr);
}

/// Whether a process has `marker` in its command line.
fn running(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.map(|process| process.path().join("cmdline")).any(|file| {
        std::fs::read(file).is_ok_and(|line| line.windows(marker.len()).any(|part| part == marker.as_bytes()))
    })
}

pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "waited in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn hosts_to_reach_are_named_by_flag_or_file_and_recorded() {
    let world = World::new();
    let code = "import os; assert os.environ['HTTPS_PROXY'].startswith('http://127.0.0.1:')";
    let script = world.script(&[json!({ "action": "validate_code", "params": { "code": code } })]);
    world.json(&[
        "run",
        "iris",
        "--agent",
        &script,
        "--output",
        "flag",
        "--allow-host",
        "PyPI.org",
        "--allow-host",
        "*.a.org:81",
    ]);
    let header = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(world.path(name).join("episode.json")).unwrap()).unwrap()
    };
    assert_eq!(header("flag")["config"]["network"]["allow"]["hosts"], json!(["pypi.org", "*.a.org:81"]));
    assert_eq!(logged_steps(&world.path("flag"))[0]["observation"]["action_status"], "SUCCESS");
    world.write("mledojo.toml", "[network]\nallow = [\"example.org\"]\n");
    world.json(&["run", "iris", "--agent", &script, "--output", "file"]);
    assert_eq!(header("file")["config"]["network"]["allow"]["hosts"], json!(["example.org"]));

    let bad = world.run(&["run", "iris", "--allow-host", "https://pypi.org"]);
    assert!(bad.code == 2 && bad.stderr.contains("no host for an allow-list"), "{bad:?}");
    world.write("mledojo.toml", "[network]\nallow = [\"*\"]\n");
    let bad = world.run(&["competitions", "list"]);
    assert!(bad.code != 0 && bad.stderr.contains("mledojo.toml") && bad.stderr.contains("name each host"), "{bad:?}");
}

#[test]
fn gpus_are_named_by_flag_and_recorded() {
    let world = World::new();
    let script = world.script(&[json!({ "action": "request_info", "params": { "info_type": "overview" } })]);
    world.json(&[
        "run",
        "iris",
        "--agent",
        &script,
        "--output",
        "ep",
        "--gpu",
        "1",
        "--gpu",
        "GPU-ab12",
        "--gpu-memory",
        "512",
    ]);
    let header = std::fs::read(world.path("ep").join("episode.json")).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let limits = &header["config"]["limits"];
    assert_eq!((&limits["gpus"], &limits["gpu_memory"]), (&json!(["1", "GPU-ab12"]), &json!(512_u64 << 20)));

    let bad = world.run(&["run", "iris", "--gpu", "all"]);
    assert!(bad.code == 2 && bad.stderr.contains("names no GPU"), "{bad:?}");
    assert_eq!(world.run(&["run", "iris", "--gpu-memory", "512"]).code, 2);
    // On a host without that GPU a run of code is a fault of the host's, told as such.
    let script = world.script(&[json!({ "action": "validate_code", "params": { "code": "pass" } })]);
    let bad = world.run(&["run", "iris", "--agent", &script, "--output", "none", "--gpu", "GPU-ab12"]);
    assert!(bad.code == 1 && bad.stderr.contains("GPU"), "{bad:?}");
}
