//! Each command, its exit codes, and what it prints.

use std::process::Stdio;

use serde_json::json;

use crate::world::World;

#[test]
fn help_teaches_and_usage_errors_end_with_2() {
    let world = World::new();
    let help = world.run(&["--help"]);
    assert_eq!(help.code, 0);
    for text in ["demo", "First steps", "Exit codes", "MLEDOJO_HOME"] {
        assert!(help.stdout.contains(text), "{text}");
    }
    for args in [
        &["fly"][..],
        &["run"],
        &["run", "iris", "--agent", "oracle"],
        &["run", "iris", "--time", "soon"],
        &["run", "iris", "--steps", "0"],
        &["run", "iris", "--reward", "gold"],
        &["grade", "iris"],
        &["run", "iris", "--resume", "x"],
        &["run", "--resume", "x", "--steps", "9"],
    ] {
        let ran = world.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn competitions_are_listed_and_shown() {
    let world = World::new();
    let list = world.json(&["competitions", "list"]);
    let slugs: Vec<_> = list.as_array().unwrap().iter().map(|line| line["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["breast-cancer", "co2", "diabetes", "digits", "iris", "wine"]);
    for slug in slugs {
        let shown = world.json(&["competitions", "show", slug]);
        for board in ["public", "private"] {
            assert!(shown["leaderboard"][board]["teams"].as_u64().unwrap() >= 60, "{slug}");
        }
        assert_ne!(shown["leaderboard"]["public"]["scores"], shown["leaderboard"]["private"]["scores"]);
        let page = world.run(&["competitions", "show", slug]).stdout;
        assert!(page.contains("reference models of ours, not people"), "{page}");
    }
    let slugs_of = |filter: &[&str]| -> Vec<String> {
        let list = world.json(&[&["competitions", "list"], filter].concat());
        list.as_array().unwrap().iter().map(|line| line["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs_of(&["--modality", "image"]), ["digits"]);
    assert_eq!(slugs_of(&["--task", "multiclass-classification", "--metric", "accuracy"]), ["iris"]);
    assert_eq!(slugs_of(&["--suite", "bundled"]).len(), 6);
    assert!(slugs_of(&["--prepared"]).is_empty() && slugs_of(&["--suite", "none"]).is_empty());
    assert_eq!(world.json(&["catalog", "check"]), json!({ "competitions": 6, "problems": [] }));
    let unknown = world.run(&["competitions", "show", "irs"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("there is no competition `irs`"), "{}", unknown.stderr);
}

#[test]
fn a_submission_is_graded() {
    let world = World::new();
    let missing = world.run(&["grade", "iris", "--submission", "x.csv"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("mledojo prepare iris"), "{}", missing.stderr);

    let prepared = world.json(&["prepare", "iris"]);
    let answers = format!("{}/test_answer.csv", prepared["private"].as_str().unwrap());
    let sample = format!("{}/sample_submission.csv", prepared["public"].as_str().unwrap());
    let perfect = world.json(&["grade", "iris", "--submission", &answers]);
    assert_eq!(perfect["valid"], true);
    assert_eq!(perfect["score"], 1.0);
    assert_eq!(perfect["human_rank"], 1.0);
    assert_eq!(perfect["medal"], "gold");
    assert_eq!((&perfect["metric"], &perfect["direction"]), (&json!("accuracy"), &json!("maximize")));
    let same = world.json(&["grade", "iris", "--submission", &sample, "--answers", &answers]);
    assert_eq!(same, world.json(&["grade", "iris", "--submission", &sample]));
    assert!(same["human_rank"].as_f64().unwrap() < 0.5);
    assert_eq!(same["boards"]["private"]["teams"], perfect["boards"]["private"]["teams"]);
    let text = world.run(&["grade", "iris", "--submission", &sample]).stdout;
    assert!(text.contains("HumanRank"), "{text}");
}

#[test]
fn the_host_and_the_runtime_are_described() {
    let world = World::new();
    let doctor = world.json(&["doctor"]);
    assert!(doctor["host"]["checks"].as_array().unwrap().len() > 5);
    let sandboxes = doctor["sandboxes"].as_array().unwrap();
    let names: Vec<_> = sandboxes.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["warm", "namespace", "container", "process"]);
    assert_eq!(doctor["sandbox"], "warm");
    assert!(doctor["warm"]["warm_seconds"].as_f64().unwrap() < doctor["warm"]["cold_seconds"].as_f64().unwrap());
    assert!(doctor["warm"]["left_out"].as_array().unwrap().is_empty(), "{}", doctor["warm"]);
    let nowhere = world.command(&["doctor"]).env("DOCKER_HOST", "unix:///nowhere/engine.sock").output().unwrap();
    let text = String::from_utf8(nowhere.stdout).unwrap();
    for line in ["MISSING sandbox container: ", "/nowhere/engine.sock", "warning sandbox process: "] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let chosen = ["doctor", "--sandbox", "container", "--image", "science:1"];
    let chosen = world.command(&chosen).env("DOCKER_HOST", "unix:///nowhere/engine.sock").output().unwrap();
    assert_eq!(chosen.status.code(), Some(1));
    let checks = doctor["host"]["checks"].as_array().unwrap();
    assert!(checks.len() > 5);
    assert!(checks.iter().any(|check| check["name"].as_str().unwrap().starts_with("GPU")), "{checks:?}");
    let status = world.json(&["runtime", "status"]);
    assert!(status["packages"]["scikit-learn"].is_string());
    let managed = world.command(&["runtime", "status", "--json"]).env_remove("MLEDOJO_PYTHON").output().unwrap();
    assert_eq!(managed.status.code(), Some(1));
    let managed: serde_json::Value = serde_json::from_slice(&managed.stdout).unwrap();
    assert_eq!(managed["state"], "missing");
}

#[test]
fn a_settings_file_counts_below_the_environment() {
    let world = World::new();
    world.write("mledojo.toml", "home = \"from-file\"\n");
    let mut command = world.command(&["runtime", "status", "--json"]);
    let output = command.env_remove("MLEDOJO_HOME").env_remove("MLEDOJO_PYTHON").output().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(status["dir"].as_str().unwrap().ends_with("from-file/runtime"));
    world.write("mledojo.toml", "homme = 3\n");
    let bad = world.run(&["competitions", "list"]);
    assert_eq!(bad.code, 1);
    assert!(bad.stderr.contains("mledojo.toml") && bad.stderr.contains("homme"), "{}", bad.stderr);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let world = World::new();
    let mut child = world.command(&["competitions", "show", "iris"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
