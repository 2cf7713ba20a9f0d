//! Competitions and agents made for the tests, and what a run came to.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::World;

/// Makes a catalog with so many small competitions of one's own, `made-0` and on.
pub(super) fn competitions(world: &World, count: usize) -> Vec<String> {
    let slugs: Vec<String> = (0..count).map(|number| format!("made-{number}")).collect();
    for (number, slug) in slugs.iter().enumerate() {
        let mut rows = "x,group,y\n".to_owned();
        for row in 0..60 + number {
            let (x, group) = (row * 7 % 30, row % 3);
            rows.push_str(&format!("{x},{group},{}\n", x * (number + 1) + group * 5 + row % 4));
        }
        let sha256: String = Sha256::digest(rows.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let spec = format!(
            r#"slug = "{slug}"
title = "Made for a Test"
url = "https://example.org"
suites = ["made"]
host = "a test"
license = "CC0-1.0"
tags = ["Regression", "Tabular"]
modality = "tabular"
task = "regression"
data_size_mb = 0.01
public_fraction = 0.5

[metric]
name = "rmse"
direction = "minimize"

[submission]
id_columns = ["id"]
target_columns = ["y"]
sample = ["id,y", "1,0"]

[leaderboard]
entrants = "reference-models"

[prepare]
layout = "table"
columns = ["x", "group", "y"]
target = "y"
test_fraction = 0.4

[[prepare.sources]]
from = "competition"
path = "rows.csv"
sha256 = "{sha256}"
header_lines = 1
"#
        );
        let board: String = (1..20).map(|team| format!("team {team},{team}.5,{}.25\n", 2 * team)).collect();
        world.write(&format!("catalog/{slug}/competition.toml"), spec);
        world.write(&format!("catalog/{slug}/rows.csv"), rows);
        world.write(&format!("catalog/{slug}/brief.md"), "# Made for a test\n\nPredict `y`.\n");
        let board = format!("entry,public_score,private_score\n{board}");
        world.write(&format!("catalog/{slug}/leaderboard.csv"), board);
    }
    world.write("mledojo.toml", "catalog = \"catalog\"\n");
    slugs
}

/// Python that submits numbers which depend on the seed, and leaves a trace of having run.
pub(super) fn guess(scale: u32) -> String {
    format!(
        "import csv, glob, os, random
open('trace', 'a').write('{scale} ')
dice = random.Random(int(os.environ['MLEDOJO_SEED']) + {scale})
rows = list(csv.reader(open(glob.glob('/kaggle/input/*/sample_submission.csv')[0])))
with open('submission.csv', 'w') as file:
    file.write(','.join(rows[0]) + '\\n')
    file.writelines(f'{{row[0]}},{{dice.random() * {scale}}}\\n' for row in rows[1:])
"
    )
}

/// A script of five steps, the second and the fourth of which submit.
pub(super) fn script(world: &World, name: &str, scale: u32) -> String {
    let calls = [
        json!({ "action": "request_info", "params": { "info_type": "overview" } }),
        json!({ "action": "execute_code", "params": { "code": guess(scale) } }),
        json!({ "action": "validate_code", "params": { "code": "print('x' * 20000)" } }),
        json!({ "action": "execute_code", "params": { "code": guess(2 * scale) } }),
        json!({ "action": "execute_code", "params": { "code": "1/0" } }),
    ];
    let text: String = calls.iter().map(|call| format!("{call}\n")).collect();
    world.write(name, text);
    format!("script:{name}")
}

/// What the episodes of a run came to, by their folders; timings left out.
pub(super) fn outcomes(run: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for player in folders(&run.join("episodes")) {
        for competition in folders(&run.join("episodes").join(&player)) {
            for seed in folders(&run.join("episodes").join(&player).join(&competition)) {
                let id = format!("{player}/{competition}/{seed}");
                if let Ok(text) = std::fs::read(run.join("episodes").join(&id).join("outcome.json")) {
                    let mut outcome: Value = serde_json::from_slice(&text).unwrap();
                    for timing in ["seconds", "working_seconds"] {
                        assert!(outcome.as_object_mut().unwrap().remove(timing).unwrap().as_f64().unwrap() > 0.0);
                    }
                    found.insert(id, outcome);
                }
            }
        }
    }
    found
}

fn folders(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// What each finished episode's code left in its working folder.
pub(super) fn traces(run: &Path) -> BTreeMap<String, String> {
    let trace = |id: &String| std::fs::read_to_string(run.join("episodes").join(id).join("episode/work/trace"));
    outcomes(run).keys().map(|id| (id.clone(), trace(id).unwrap_or_default())).collect()
}
