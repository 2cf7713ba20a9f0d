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
    let list = world.json(&["competitions", "list", "bundled"]);
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
        assert!(page.lines().all(|line| line.chars().count() <= 80 || line.starts_with("page ")), "{page}");
    }
    let slugs_of = |filter: &[&str]| -> Vec<String> {
        let list = world.json(&[&["competitions", "list"], filter].concat());
        list.as_array().unwrap().iter().map(|line| line["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs_of(&[]).len(), 208);
    assert_eq!(slugs_of(&["bundled", "--modality", "image"]), ["digits"]);
    assert_eq!(slugs_of(&["iris", "wine", "--metric", "accuracy"]), ["iris"]);
    assert_eq!(slugs_of(&["--suite", "bundled", "--max-mb", "0.05"]).len(), 4);
    assert_eq!(slugs_of(&["--split", "eval", "--task", "segmentation"]), ["airbus-ship-detection"]);
    assert_eq!(slugs_of(&["--split", "train"]).len(), 151);
    assert_eq!(slugs_of(&["mle-bench-lite", "--modality", "text"]).len(), 6);
    assert_eq!(slugs_of(&["--complexity", "high"]).len(), 11);
    assert!(slugs_of(&["--prepared"]).is_empty() && slugs_of(&["--suite", "none"]).is_empty());
    assert_eq!(world.run(&["competitions", "list", "--modality", "smell"]).code, 2);
    assert_eq!(world.json(&["catalog", "check"]), json!({ "competitions": 208, "problems": [] }));
    let sets = world.json(&["competitions", "sets"]);
    assert!(sets.as_array().unwrap().iter().any(|set| set["set"] == "mle-dojo-eval-cv"));
    let unknown = world.run(&["competitions", "show", "irs"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("there is no competition `irs`"), "{}", unknown.stderr);
}

#[test]
fn a_kaggle_competition_is_shown_with_all_that_is_known_of_it() {
    let world = World::new();
    let page = world.run(&["competitions", "show", "walmart-recruiting-store-sales-forecasting"]).stdout;
    for text in [
        "weighted mean absolute error",
        "Kaggle, after accepting the competition's rules",
        "    Id,Weekly_Sales",
        "holiday weeks weigh 5",
        "mle-dojo   plain mean absolute error",
        "with the same rows as MLE-Dojo",
        "private board, 688 teams (401 rank quantiles: positions within 0.5 %)",
        "gold 2535.41993",
        "█",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 80 || line.starts_with("page ")), "{page}");
    let zeros = world.run(&["competitions", "show", "wsdm-cup-multilingual-chatbot-arena"]).stdout;
    assert!(zeros.contains("left out by protocol `corrected`: all its scores are 0"), "{zeros}");
    let shown = world.json(&["competitions", "show", "AI4Code"]);
    assert_eq!(shown["leaderboard"]["public"]["counts"], false);
    assert_eq!(shown["leaderboard"]["private"]["source"], "quantiles");

    let ran = world.run(&["prepare", "titanic", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &error["error"]["kind"]), (1, &json!("not_downloaded")));
    let ran = world.run(&["run", "dsbench"]);
    assert!(ran.code == 1 && ran.stderr.contains("a set of 75 competitions"), "{}", ran.stderr);
}

#[test]
fn a_kaggle_submission_is_graded_by_either_protocol() {
    let world = World::new();
    world.write("answers.csv", "id,pressure,u_out\n1,5.0,0\n2,6.0,0\n3,7.0,1\n");
    world.write("submission.csv", "id,pressure\n1,5.5\n2,6.5\n3,17\n");
    let grade = |protocol: &[&str]| {
        let files = ["grade", "ventilator-pressure-prediction", "--submission", "submission.csv", "--answers"];
        world.json(&[&files[..], &["answers.csv"], protocol].concat())
    };
    let corrected = grade(&[]);
    assert_eq!((&corrected["score"], &corrected["protocol"]), (&json!(0.5), &json!("corrected")));
    assert_eq!(corrected["boards"]["private"]["teams"], 2605);
    assert_eq!(grade(&["--protocol", "mle-dojo"])["score"], json!(11.0 / 3.0));

    world.write("submission.csv", "id,pressure\n1,5.5\n2,\n3,17\n");
    let blank = world.run(&[
        "grade",
        "ventilator-pressure-prediction",
        "--submission",
        "submission.csv",
        "--answers",
        "answers.csv",
        "--json",
    ]);
    assert_eq!(blank.code, 3, "{blank:?}");
}

#[test]
fn a_folder_that_mledojo_prepared_is_taken_as_it_is() {
    let world = World::new();
    let home = "home/competitions/titanic/data";
    world.write(&format!("{home}/public/description.txt"), "Who survives?");
    world.write(&format!("{home}/public/sample_submission.csv"), "PassengerId,Survived\n1,0\n2,0\n");
    world.write(&format!("{home}/private/test_answer.csv"), "PassengerId,Survived\n1,0\n2,1\n");
    world.write(&format!("{home}/private/public_leaderboard.csv"), "rank,score\n1,0.9\n2,0.4\n");
    let sample = world.path(&format!("{home}/public/sample_submission.csv"));
    let graded = world.json(&["grade", "titanic", "--submission", sample.to_str().unwrap()]);
    assert_eq!((&graded["score"], &graded["boards"]["public"]["position"]), (&json!(0.5), &json!(2)));
    assert!(graded["boards"]["private"]["teams"].as_u64().unwrap() > 1000, "the catalog's board stands in: {graded}");
    let prepared = world.json(&["prepare", "titanic"]);
    assert!(prepared["public"].as_str().unwrap().ends_with("titanic/data/public"));
    let list = world.json(&["competitions", "list", "--prepared"]);
    assert_eq!(list[0]["slug"], "titanic");
}

#[test]
fn an_imported_board_counts_in_place_of_the_summary() {
    let world = World::new();
    world.write("answers.csv", "PassengerId,Survived\n1,0\n2,1\n");
    let grade = || world.json(&["grade", "titanic", "--submission", "answers.csv", "--answers", "answers.csv"]);
    assert!(grade()["boards"]["private"]["teams"].as_u64().unwrap() > 1000);
    world.write("boards/private_leaderboard.csv", "rank,score\n1,0.9\n2,0.5\n3,0.1\n");
    let imported = world.json(&["leaderboard", "import", "titanic", "boards"]);
    assert_eq!(imported["boards"][0]["teams"], 3);
    assert_eq!(grade()["boards"]["private"]["teams"], 3);
    let page = world.run(&["competitions", "show", "titanic"]).stdout;
    assert!(page.contains("private board, 3 teams (exact, imported by you)"), "{page}");
    let wrong = world.run(&["leaderboard", "import", "titanic", "answers.csv"]);
    assert!(wrong.code == 1 && wrong.stderr.contains("no column `score`"), "{}", wrong.stderr);
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
