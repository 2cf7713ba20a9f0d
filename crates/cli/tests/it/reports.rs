//! `mledojo report`, on a run of the command line's own.

use serde_json::{Value, json};

use crate::world::World;

/// A run of a script that copies the sample submission.
fn played() -> World {
    let world = World::new();
    let copy = "import shutil\nshutil.copyfile('/kaggle/input/iris/sample_submission.csv', 'submission.csv')";
    let script =
        world.script(&[json!({"action": "execute_code", "params": {"code": copy}}), json!({"action": "finish"})]);
    let ran = world.run(&["eval", "--agents", &script, "--competitions", "iris", "--seeds", "1", "--out", "run"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    world
}

#[test]
fn a_run_is_reported_in_every_form() {
    let world = played();
    let ran = world.run(&["report", "run"]);
    assert_eq!((ran.code, ran.stdout.trim()), (0, "run/report.html"), "{ran:?}");
    let page = std::fs::read_to_string(world.path("run/report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("copied sample"), "{page}");

    let ran = world.run(&["report", "run", "--format", "md"]);
    assert!(ran.stdout.starts_with("# run\n") && ran.stdout.contains("## Honest-run checks"), "{ran:?}");
    let report = world.json(&["report", "run", "--no-checks"]);
    assert_eq!((&report["checked"], &report["episodes"][0]["competition"]), (&json!(false), &json!("iris")));
    assert_eq!(report["players"][0]["overall"]["episodes"], 1);

    let files = world.json(&["report", "run", "--format", "mle-bench", "--out", "medals"]);
    let files: Vec<&str> = files["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    let aggregate: Value = serde_json::from_slice(&std::fs::read(world.path(files[0])).unwrap()).unwrap();
    assert_eq!((&aggregate["total_runs"], &aggregate["total_valid_submissions"]), (&json!(1), &json!(1)));
}

#[test]
fn what_cannot_be_reported_is_said() {
    let world = World::new();
    world.write("empty/note.txt", "nothing");
    let ran = world.run(&["report", "empty"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("`empty` holds no run (`experiment.toml`), is no episode"), "{ran:?}");
    let ran = world.run(&["report", "empty", "--known", "nowhere"]);
    assert!(ran.stderr.contains("`nowhere` is no folder"), "{ran:?}");
}
