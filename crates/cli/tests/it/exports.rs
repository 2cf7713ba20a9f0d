//! `mledojo export` and `mledojo import`, from real episodes to what Python's loaders see.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{World, guess, python};

/// A Python with `datasets`, pandas, polars and pyarrow, if there is one; `cargo xtask test` makes it.
fn loaders() -> Option<PathBuf> {
    let candidates = std::env::var_os("MLEDOJO_TEST_LOADERS").map(PathBuf::from).into_iter().chain([python()]);
    let has_them = |python: &PathBuf| {
        let import = Command::new(python).args(["-c", "import datasets, pandas, polars, pyarrow"]).output();
        import.is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(has_them)
}

fn load(world: &World, folders: &[(&str, &Value)]) {
    let Some(python) = loaders() else {
        // The test runner keeps what the macros print to itself.
        let told = writeln!(
            std::io::stderr(),
            "\n*** NOT TESTED: no Python here has datasets, pandas, polars and pyarrow, so whether they load what \
             `mledojo export` writes was not looked at. Name one that has in MLEDOJO_TEST_LOADERS. ***\n"
        );
        return told.unwrap();
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/load_exports.py");
    let output = Command::new(python)
        .arg(script)
        .args(folders.iter().flat_map(|(folder, rows)| [world.path(folder).display().to_string(), rows.to_string()]))
        .env("HF_HOME", world.path("hugging-face"))
        .env("HF_HUB_OFFLINE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn play(world: &World, competition: &str, name: &str, calls: &[Value]) {
    let script = world.script(calls);
    world.json(&["run", competition, "--agent", &script, "--steps", "5", "--output", name]);
}

fn execute(code: &str) -> Value {
    json!({ "action": "execute_code", "params": { "code": code } })
}

/// What an agent with a model would have written beside the first episode: a tool call with its probabilities, then text.
fn transcript() -> String {
    let call = json!({ "id": "1", "name": "execute_code", "arguments": "{\"code\": \"1/0\"}" });
    let calls = [
        json!({
            "index": 0, "step": 0, "purpose": "act", "keep": 0, "append": [{ "role": "user", "content": "Go." }],
            "reply": { "role": "assistant", "content": "", "tool_calls": [call], "reasoning": "Hm." },
            "usage": { "input_tokens": 9, "output_tokens": 4 }, "model": "local/tiny",
            "logprobs": [{ "token": "x", "logprob": -0.125 }],
        }),
        json!({
            "index": 1, "step": 1, "purpose": "act", "keep": 2,
            "append": [{ "role": "tool", "tool_call_id": "1", "content": "It failed." }],
            "reply": { "role": "assistant", "content": "Versicolor, then." },
        }),
    ];
    calls.iter().map(|call| format!("{call}\n")).collect()
}

#[test]
fn episodes_become_data_sets_that_python_loads() {
    let world = World::new();
    play(&world, "iris", "runs/a", &[execute("1/0"), execute(&guess("versicolor"))]);
    play(&world, "iris", "runs/b", &[execute("print('é')")]);
    play(&world, "iris", "runs/c", &[execute(&guess("versicolor"))]);
    play(&world, "wine", "runs/d", &[execute("1/0")]);
    world.write("runs/model/transcript.jsonl", transcript());
    std::fs::rename(world.path("runs/a"), world.path("runs/model/episode")).unwrap();

    let export = |kind: &str, more: &[&str]| {
        let args = ["export", kind, "runs", "--out", kind, "--validation-competitions", "wine"];
        world.json(&[&args, more].concat())
    };
    let sft = export("sft", &["--failed", "keep"]);
    assert_eq!((&sft["episodes"], &sft["rows"]), (&json!(4), &json!({ "train": 3, "validation": 1 })));
    let rl = export("rl", &["--gamma", "0.9"]);
    // Two of each episode: `finish` is the scripts' own, but not the model's.
    assert_eq!(rl["rows"], json!({ "train": 6, "validation": 2 }));
    let preference = export("preference", &["--min-margin", "0"]);
    assert_eq!(preference["rows"], json!({ "train": 2, "validation": 0 }), "{preference}");

    load(&world, &[("sft", &sft["rows"]), ("rl", &rl["rows"]), ("preference", &preference["rows"])]);

    let text = std::fs::read_to_string(world.path("sft/data/train.jsonl")).unwrap();
    let home = world.path("home").display().to_string();
    assert!(!text.contains(&home) && text.contains("Versicolor, then."));
    let card = std::fs::read_to_string(world.path("sft/README.md")).unwrap();
    assert!(!card.contains(&home) && card.contains("script:script.jsonl with local/tiny"), "{card}");

    let again = world.run(&["export", "sft", "runs", "--out", "sft"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("error: `sft` is not empty; name a new folder"), "{}", again.stderr);
}

#[test]
fn a_run_becomes_a_data_set_under_its_episodes_names() {
    let world = World::new();
    let script = world.script(&[execute(&guess("setosa"))]);
    let eval = ["eval", "--agents", &script, "--competitions", "iris", "--seeds", "2", "--steps", "3", "--out", "run"];
    let played = world.run(&eval);
    assert_eq!(played.code, 0, "{played:?}");
    let exported = world.json(&["export", "rl", "run", "--out", "rl", "--format", "jsonl"]);
    assert_eq!((&exported["episodes"], &exported["rows"]["train"]), (&json!(2), &json!(4)));
    let text = std::fs::read_to_string(world.path("rl/data/train.jsonl")).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let episode = |row: &Value| row["episode"].as_str().unwrap().to_owned();
    assert!(episode(&rows[0]).ends_with("/iris/seed-0") && episode(&rows[3]).ends_with("/iris/seed-1"));
    // Both began alike, and did the same.
    assert_eq!((&rows[0]["group"], &rows[1]["group"]), (&rows[2]["group"], &rows[3]["group"]));
    assert_ne!(rows[0]["group"], rows[1]["group"]);
}

#[test]
fn an_episode_goes_to_mle_dojo_and_back() {
    let world = World::new();
    play(&world, "iris", "ep", &[execute("1/0"), execute(&guess("virginica"))]);
    let written = world.json(&["export", "mle-dojo", "ep", "--out", "files"]);
    assert_eq!(written["files"].as_array().unwrap().len(), 2);
    let imported = world.json(&["import", "mle-dojo", "files", "--out", "back"]);
    assert_eq!((&imported["competition"], &imported["steps"]), (&json!("iris"), &json!(3)));
    let shown = world.run(&["episode", "show", "back", "--code"]);
    assert_eq!(shown.code, 0);
    for text in ["step 2 · execute_code", "virginica", "NOT ISOLATED", "ZeroDivisionError"] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
    // Nothing can go on with what another program played.
    let resumed = world.run(&["run", "--resume", "back"]);
    assert_eq!(resumed.code, 1);
    assert!(resumed.stderr.contains("mle-dojo"), "{}", resumed.stderr);
    let bad = world.run(&["import", "mle-dojo", "ep", "--out", "nothing"]);
    assert!(bad.code == 1 && bad.stderr.contains("env_history.json"), "{}", bad.stderr);
}
