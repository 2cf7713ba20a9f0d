//! `mledojo prepare` and `mledojo audit` on a competition of a user's own, from a download.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::world::World;

const SPEC: &str = r#"
slug = "wind"
title = "Wind"
url = "https://example.org"
suites = ["own"]
host = "made up"
license = "CC0-1.0"
modality = "tabular"
task = "regression"
data_size_mb = 0.01

[metric]
name = "rmse"
direction = "minimize"

[submission]
id_columns = ["id"]
target_columns = ["speed"]
sample = ["id,speed", "1,4"]

[leaderboard]
entrants = "reference-models"

[download]
source = "kaggle"
raw_files = ["all.csv"]
public = ["train.csv", "test.csv", "sample_submission.csv"]
private = ["test_answer.csv"]

[recipe]
"#;

const STEPS: &str = r#"
steps = [
  { do = "read", file = "all.csv", table = "all" },
  { do = "split", table = "all", train = "train", test = "test", size = 0.25, seed = 7 },
  { do = "write", file = "public/train.csv", table = "train" },
  { do = "corrected", steps = [{ do = "write", file = "public/test.csv", table = "test", drop = ["speed"] }] },
  { do = "mle-dojo", steps = [{ do = "write", file = "public/test.csv", table = "test" }] },
  { do = "write", file = "private/test_answer.csv", table = "test", columns = ["id", "speed"] },
  { do = "write", file = "public/sample_submission.csv", table = "test", columns = ["id", { name = "speed", value = "4" }] },
  { do = "copy", files = ["pictures"], to = "public/" },
]
"#;

/// A user's catalog with one competition, and its download.
fn world(recipe: &str) -> World {
    let world = World::new();
    world.write("catalog/wind/competition.toml", format!("{SPEC}{recipe}"));
    world.write("catalog/wind/brief.md", "Predict the wind.");
    world.write("catalog/wind/leaderboard.csv", "entry,public_score,private_score\nmean,0.9,0.9\nlinear,0.5,0.5\n");
    let rows: String = (0..80).map(|row| format!("{},{}.5,{}.25\n", 100 + row, row * 7 % 13, row * 31 % 17)).collect();
    world.write("raw/all.csv", format!("id,gust,speed\n{rows}"));
    world.write("raw/pictures/a.jpg", "a");
    world
}

const PREPARE: [&str; 6] = ["prepare", "wind", "--catalog", "catalog", "--raw", "raw"];

#[test]
fn a_recipe_of_steps_prepares_and_is_audited() {
    let world = world(STEPS);
    let made = world.json(&PREPARE);
    assert_eq!(made["protocol"], "corrected");
    assert_eq!(made["audit"]["findings"], Value::Array(vec![]));
    let public = world.path("home/competitions/wind/public");
    assert_eq!(std::fs::read_to_string(public.join("pictures/a.jpg")).unwrap(), "a");
    assert_eq!(std::fs::read_to_string(public.join("test.csv")).unwrap().lines().count(), 21);
    assert_eq!(world.run(&["audit", "wind", "--catalog", "catalog"]).code, 0);
    assert_eq!(world.run(&["prepare", "wind", "--catalog", "catalog", "--verify"]).code, 0);

    // The leak of the other protocol is found, and told.
    let made = world.json(&[&PREPARE[..], &["--protocol", "mle-dojo"]].concat());
    assert_eq!(made["audit"]["findings"][0]["column"], "speed");
    let ran = world.run(&["audit", "wind", "--catalog", "catalog"]);
    assert!(ran.code == 1 && ran.stdout.contains("LEAK public/test.csv, column `speed`"), "{ran:?}");
    // What was prepared by one protocol isn't judged by the other.
    let ran = world.run(&["run", "wind", "--catalog", "catalog", "--agent", "baseline"]);
    assert!(ran.code == 1 && ran.stderr.contains("prepared under protocol `mle-dojo`"), "{ran:?}");

    // A file that changes is found.
    world.write("home/competitions/wind/public/test.csv", "id\n");
    let ran = world.run(&["prepare", "wind", "--catalog", "catalog", "--verify"]);
    assert!(ran.code == 1 && ran.stderr.contains("is damaged"), "{ran:?}");
}

#[test]
fn a_recipe_that_is_a_script_runs_in_the_sandbox() {
    let script = r#"
import os, pathlib, pandas as pd
rows = pd.read_csv("/kaggle/input/raw/all.csv")
test, train = rows.iloc[:20], rows.iloc[20:]
for folder in ("public", "private"):
    pathlib.Path(folder).mkdir()
train.to_csv("public/train.csv", index=False)
test.drop(columns="speed").to_csv("public/test.csv", index=False)
test[["id", "speed"]].to_csv("private/test_answer.csv", index=False)
test[["id"]].assign(speed=4).to_csv("public/sample_submission.csv", index=False)
pathlib.Path("public/protocol.txt").write_text(os.environ["MLEDOJO_PROTOCOL"])
assert not os.path.exists(os.environ.get("HOME", "/root") + "/.kaggle")
"#;
    let world = world("steps = [{ do = \"script\", file = \"make.py\" }, { do = \"script\", file = \"more.sh\" }]\n");
    world.write("catalog/wind/make.py", script);
    world.write("catalog/wind/more.sh", "mkdir public\nwc -l < /kaggle/input/raw/all.csv > public/lines.txt\n");
    world.json(&PREPARE);
    let public = world.path("home/competitions/wind/public");
    let read = |name: &str| std::fs::read_to_string(public.join(name)).unwrap();
    assert_eq!((read("protocol.txt").as_str(), read("lines.txt").trim()), ("corrected", "81"));

    world.write(
        "catalog/wind/make.py",
        "import os\nos.mkdir('public')\nos.symlink('/etc/passwd', 'public/train.csv')\n",
    );
    let ran = world.run(&PREPARE);
    assert!(ran.code == 1 && ran.stderr.contains("neither a file nor a folder"), "{ran:?}");
    world.write("catalog/wind/make.py", "raise KeyError('no such column')\n");
    let ran = world.run(&PREPARE);
    assert!(ran.code == 1 && ran.stderr.contains("KeyError: 'no such column'"), "{ran:?}");
}

#[test]
fn a_download_that_lacks_something_is_told() {
    let world = world(STEPS);
    std::fs::remove_file(world.path("raw/all.csv")).unwrap();
    let ran = world.run(&PREPARE);
    assert!(ran.code == 1 && ran.stderr.contains("has no `all.csv`"), "{ran:?}");
    assert!(!world.path("home/competitions/wind").exists());
    world.write("raw/all.csv", "id,gust\n1,2\n3,4\n5,6\n7,8\n");
    let ran = world.run(&PREPARE);
    assert!(ran.code == 1 && ran.stderr.contains("no column `speed`"), "{ran:?}");
    let ran = world.run(&["prepare", "wind", "--catalog", "catalog"]);
    assert!(ran.code == 1 && ran.stderr.contains("`mledojo download wind`"), "{ran:?}");
    // A recipe's mistake is found before anything is read.
    let toml = std::fs::read_to_string(world.path("catalog/wind/competition.toml")).unwrap();
    world.write("catalog/wind/competition.toml", toml.replace("table = \"test\", drop", "table = \"tset\", drop"));
    let ran = world.run(&PREPARE);
    assert!(ran.code == 1 && ran.stderr.contains("recipe.steps[3].steps[0]"), "{ran:?}");
}

/// Killed at any moment: a finished folder or none, and the next try makes it.
#[test]
fn a_killed_preparation_is_taken_up_again() {
    let world = world(STEPS);
    for picture in 0..400 {
        world.write(&format!("raw/pictures/{picture}.jpg"), format!("{picture:>5000}"));
    }
    let out = world.path("home/competitions/wind");
    for delay in [2, 5, 10, 20, 40, 80] {
        let mut child = world.command(&PREPARE).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        if out.exists() {
            assert_eq!(world.run(&["prepare", "wind", "--catalog", "catalog", "--verify"]).code, 0);
            std::fs::remove_dir_all(&out).unwrap();
        }
    }
    let children: Vec<_> =
        (0..2).map(|_| world.command(&PREPARE).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(world.run(&["prepare", "wind", "--catalog", "catalog", "--verify"]).code, 0);
    let mut names: Vec<_> = std::fs::read_dir(world.path("home/competitions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".wind.lock", "wind"]);
}
