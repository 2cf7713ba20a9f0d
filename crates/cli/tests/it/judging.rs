//! How submissions are judged: protocol, rows that are held out, metrics in Python; flags and settings file.

use std::path::Path;

use serde_json::{Value, json};

use crate::world::{World, guess, logged_steps};

fn execute(code: &str) -> Value {
    json!({ "action": "execute_code", "params": { "code": code } })
}

#[test]
fn a_run_is_judged_by_flags_then_the_file_then_the_competition() {
    let world = World::new();
    let script = world.script(&[execute(&guess("setosa"))]);
    let judging = |args: &[&str], name: &str| {
        let run = ["run", "iris", "--agent", &script, "--steps", "1", "--output", name];
        let episode = world.json(&[&run[..], args].concat());
        let header: Value =
            serde_json::from_slice(&std::fs::read(world.path(name).join("episode.json")).unwrap()).unwrap();
        (header["judging"].clone(), episode["episode"].clone())
    };
    let (plain, episode) = judging(&[], "a");
    assert_eq!(plain, json!({ "protocol": "corrected", "public_fraction": 1.0 }));
    assert_eq!(episode["result"], episode["best"]);

    world.write("mledojo.toml", "protocol = \"mle-dojo\"\npublic_fraction = 0.25\n");
    let (of_file, episode) = judging(&[], "b");
    assert_eq!(of_file, json!({ "protocol": "mle-dojo", "public_fraction": 0.25 }));
    let (best, result) = (&episode["best"], &episode["result"]);
    assert_ne!(best["raw_score"], result["raw_score"]);
    assert_eq!(episode["outcome_reward"], result["human_rank"]);
    let step = &logged_steps(&world.path("b"))[0];
    assert_eq!(&step["info"]["held_out"], result);
    let text = step["observation"].to_string();
    assert!(!text.contains("held_out") && text.contains("a fixed 25 % of the rows"), "{text}");
    let replayed = world.json(&["episode", "replay", "b"]);
    assert_eq!(replayed, json!({ "same": true, "differences": [] }));

    let (of_flags, _) = judging(&["--protocol", "corrected", "--public-fraction", "1"], "c");
    assert_eq!(of_flags, plain);
    // An episode goes on as it began, whatever the settings say now.
    let resumed = world.json(&["run", "--resume", "a"]);
    assert_eq!(resumed["episode"]["result"], resumed["episode"]["best"]);
    for usage in [
        &["run", "--resume", "a", "--protocol", "corrected"][..],
        &["run", "iris", "--public-fraction", "0"],
        &["run", "iris", "--public-fraction", "1.1"],
        &["demo", "--protocol", "kaggle"],
    ] {
        assert_eq!(world.run(usage).code, 2, "{usage:?}");
    }
    world.write("mledojo.toml", "public_fraction = 2\n");
    let bad = world.run(&["competitions", "list"]);
    assert!(bad.code == 1 && bad.stderr.contains("public_fraction"), "{}", bad.stderr);
}

#[test]
fn both_parts_of_the_rows_are_graded() {
    let world = World::new();
    world.write("answers.csv", "PassengerId,Survived\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n7,0\n8,1\n9,0\n10,1\n");
    world.write("submission.csv", "PassengerId,Survived\n1,1\n2,1\n3,0\n4,1\n5,0\n6,1\n7,0\n8,1\n9,0\n10,1\n");
    let files = ["grade", "titanic", "--submission", "submission.csv", "--answers", "answers.csv"];
    assert_eq!(world.json(&files)["score"], json!(0.9));
    let graded = world.json(&[&files[..], &["--public-fraction", "0.3"]].concat());
    assert_eq!(graded["public_fraction"], json!(0.3));
    let (shown, held_out) = (graded["score"].as_f64().unwrap(), graded["held_out"]["score"].as_f64().unwrap());
    // One of ten is wrong; three are shown.
    assert!((3.0 * shown + 7.0 * held_out - 9.0).abs() < 1e-9, "{graded}");
    assert!(graded["held_out"]["human_rank"].is_number() && graded["note"].as_str().unwrap().contains("30 %"));
    let text = world.run(&[&files[..], &["--public-fraction", "0.3"]].concat()).stdout;
    assert!(text.contains("held out"), "{text}");
}

#[test]
fn a_metric_in_python_grades_an_episode_and_a_file() {
    let world = World::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/competitions");
    let catalog = examples.to_str().unwrap();
    let code = "
import pandas as pd
test = pd.read_csv('/kaggle/input/bridge-staff/test.csv')
test.sample(frac=1, random_state=0).assign(riders=450)[['id', 'riders']].to_csv('submission.csv', index=False)
";
    let words = code.replace("riders=450", "riders='many'");
    let calls = [execute(code), execute(&words), json!({ "action": "finish" })];
    let script = world.script(&calls);
    let run = ["run", "bridge-staff", "--catalog", catalog, "--agent", &script, "--output", "episode"];
    let episode = world.json(&run)["episode"].clone();
    let steps = logged_steps(&world.path("episode"));
    // The competition itself holds rows out.
    assert!(steps[0]["info"]["held_out"]["raw_score"].as_f64().unwrap() > 0.0);
    assert_eq!(episode["result"], steps[0]["info"]["held_out"]);
    let feedback = &steps[1]["observation"]["feedback"]["base"]["data"]["submission"]["error"];
    assert_eq!(feedback["kind"], "custom");
    assert!(feedback["message"].as_str().unwrap().contains("`riders` must be a finite number"), "{feedback}");

    let submission = world.path("episode/artifacts/0001/submission.csv");
    let submission = submission.to_str().unwrap();
    let grade = ["grade", "bridge-staff", "--catalog", catalog, "--submission"];
    let graded = world.json(&[&grade[..], &[submission]].concat());
    assert_eq!(graded["score"], steps[0]["observation"]["current"]["raw_score"]);
    assert_eq!(graded["held_out"]["score"], episode["result"]["raw_score"]);
    assert_eq!((&graded["metric"], &graded["direction"]), (&json!("python"), &json!("minimize")));
    let words = world.path("episode/artifacts/0002/submission.csv");
    assert_eq!(world.run(&[&grade[..], &[words.to_str().unwrap()]].concat()).code, 3);

    // A metric that fails is no one's submission's fault.
    let own = world.path("catalog/bridge-staff");
    std::fs::create_dir_all(&own).unwrap();
    for file in std::fs::read_dir(examples.join("bridge-staff")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), own.join(file.file_name())).unwrap();
    }
    std::fs::write(own.join("metric.py"), "def score(answers, submission):\n    return answers.nothing\n").unwrap();
    let failed = world.run(&["grade", "bridge-staff", "--catalog", "catalog", "--submission", submission]);
    assert!(failed.code == 1 && failed.stderr.contains("metric.py"), "{}", failed.stderr);
    assert!(failed.stderr.contains("AttributeError"), "{}", failed.stderr);
    std::fs::remove_file(own.join("metric.py")).unwrap();
    let checked = world.run(&["catalog", "check", "--catalog", "catalog"]);
    assert!(checked.code == 1 && checked.stdout.contains("metric.py"), "{checked:?}");
}
