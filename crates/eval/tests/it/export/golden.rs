//! Whole data sets, byte for byte, and what must hold of every one.

use std::path::Path;

use mledojo_eval::export::{FailureSelection, Format, PairKind, PreferenceOptions, SftOptions, export_mle_dojo};
use serde_json::Value;

use super::{Making, episode};

fn check(name: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("MLEDOJO_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let line = actual.lines().zip(expected.lines()).position(|(actual, expected)| actual != expected);
    assert!(actual == expected, "{} differs, first in line {:?}", file.display(), line.map(|line| line + 1));
}

fn check_data_set(making: &Making, kind: &str) {
    for file in ["README.md", "data/train.jsonl", "data/validation.jsonl"] {
        if making.out().join(file).exists() {
            check(&format!("{kind}/{file}"), &making.read(file));
        }
    }
}

#[test]
fn data_sets_are_what_they_were() {
    let making = Making::new();
    making.sft(&SftOptions { failures: FailureSelection::KeepRepaired, ..SftOptions::default() });
    check_data_set(&making, "sft");
    let making = Making::new();
    making.rl();
    check_data_set(&making, "rl");
    let making = Making::of(&[episode("iris-script"), episode("wine-script"), episode("iris-model")]);
    // Of the model's episode without its transcript: it then has the prompts of the other.
    let bare = making.folder.path().join("iris-other");
    std::fs::create_dir(&bare).unwrap();
    for file in ["episode.json", "steps.jsonl"] {
        std::fs::copy(episode("iris-model").join(file), bare.join(file)).unwrap();
    }
    let making = Making { sources: vec![episode("iris-script"), bare], ..making };
    let summary = making.preference(&PreferenceOptions { pairs: PairKind::Both, min_margin: 0.01 });
    assert_eq!(summary.rows["train"], 1);
    check_data_set(&making, "preference");
    let out = making.folder.path().join("mle-dojo");
    for file in export_mle_dojo(&episode("iris-model"), &out).unwrap() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        check(&format!("mle-dojo/{name}"), &std::fs::read_to_string(file).unwrap());
    }
}

#[test]
fn the_same_episodes_give_the_same_bytes() {
    let bytes = || {
        let making = Making { format: Format::Both, ..Making::new() };
        let mut all = Vec::new();
        for file in making.sft(&SftOptions::default()).files {
            all.push((file.file_name().unwrap().to_owned(), std::fs::read(&file).unwrap()));
        }
        all
    };
    let first = bytes();
    assert_eq!(first.len(), 5);
    assert_eq!(first, bytes());
}

#[test]
fn masks_cover_what_the_model_wrote_and_nothing_else() {
    let making = Making::new();
    making.sft(&SftOptions { failures: FailureSelection::Keep, ..SftOptions::default() });
    let rows: Vec<Value> = ["train", "validation"].into_iter().flat_map(|split| making.rows(split)).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let messages = row["messages"].as_array().unwrap();
        for message in messages {
            assert_eq!(message["train"] == true, message["role"] == "assistant", "{message}");
        }
        let text: Vec<char> = row["text"].as_str().unwrap().chars().collect();
        let mut covered = String::new();
        for span in row["spans"].as_array().unwrap() {
            let place = |name: &str| span[name].as_u64().unwrap() as usize;
            let part: String = text[place("start")..place("end")].iter().collect();
            let message = &messages[place("message")];
            assert!(part.starts_with(message["content"].as_str().unwrap()) && part.ends_with("<|im_end|>"), "{part}");
            covered.push_str(&part);
        }
        let answers = messages.iter().filter(|message| message["role"] == "assistant").count();
        assert_eq!(covered.matches("<|im_end|>").count(), answers);
        assert!(!covered.contains("<|im_start|>"));
    }
}

#[test]
fn returns_are_sums_and_the_end_is_the_last_answer() {
    let making = Making::new();
    making.rl();
    let rows: Vec<Value> = making.rows("train").into_iter().filter(|row| row["episode"] == "iris-model").collect();
    // The fifth step is `finish`, which no model chose.
    let number = |row: &Value, name: &str| row[name].as_f64().unwrap();
    let steps: Vec<f64> = rows.iter().map(|row| number(row, "step")).collect();
    assert_eq!(steps, [1.0, 2.0, 3.0, 4.0]);
    for (at, row) in rows.iter().enumerate() {
        let rewards = || rows[at..].iter().map(|row| number(row, "reward"));
        let discounted: f64 = rewards().enumerate().map(|(later, reward)| reward * 0.5_f64.powi(later as i32)).sum();
        assert!((number(row, "return") - rewards().sum::<f64>()).abs() < 1e-12);
        assert!((number(row, "discounted_return") - discounted).abs() < 1e-12);
        assert_eq!(number(row, "episode_return"), number(&rows[0], "return"));
        assert_eq!(row["terminated"] == true, at == 3, "{row}");
        let mask = row["mask"].as_array().unwrap();
        assert_eq!(mask.len(), row["prompt"].as_array().unwrap().len() + 1);
        assert_eq!(mask.iter().filter(|mask| **mask == 1).count(), 1);
    }
    // What the environment did follows from the repaired answer.
    assert_eq!(rows[1]["completion"][0]["tool_calls"][0]["function"]["name"], "validate_code");
    assert_eq!(rows[1]["call"], r#"{"action":"validate_code","params":{"code":"print('é'"}}"#);
    assert_eq!(rows[0]["logprobs"], serde_json::json!([-0.25, -1.5]));
    assert!(rows[1]["logprobs"].is_null());
}

#[test]
fn nothing_of_the_host_and_nothing_held_out_gets_out() {
    let steps = std::fs::read_to_string(episode("iris-model").join("steps.jsonl")).unwrap();
    let held_out = steps.lines().find_map(|line| {
        let step: Value = serde_json::from_str(line).unwrap();
        step["info"]["held_out"]["human_rank"].as_f64()
    });
    let held_out = held_out.expect("half of the rows are held out").to_string();
    let texts = |making: &Making| {
        let mut text = making.read("README.md");
        for split in ["train", "validation"] {
            if making.out().join(format!("data/{split}.jsonl")).exists() {
                text += &making.read(&format!("data/{split}.jsonl"));
            }
        }
        text
    };
    let check = |text: &str| {
        for leak in ["/home/ann", "sk-test-0", "10.0.0.7", held_out.as_str()] {
            assert!(!text.contains(leak), "{leak}");
        }
    };
    let making = Making::new();
    making.sft(&SftOptions { failures: FailureSelection::Keep, ..SftOptions::default() });
    check(&texts(&making));
    assert!(texts(&making).contains("[secret]") && texts(&making).contains("/kaggle/input/iris/train.csv"));
    let making = Making::new();
    making.rl();
    check(&texts(&making));
    let making = Making::new();
    making.preference(&PreferenceOptions::default());
    check(&texts(&making));
    let out = making.folder.path().join("mle-dojo");
    for file in export_mle_dojo(&episode("iris-model"), &out).unwrap() {
        check(&std::fs::read_to_string(file).unwrap());
    }

    let mut asked = Making::new();
    asked.selection.held_out = true;
    asked.rl();
    assert!(texts(&asked).contains(&held_out) && texts(&asked).contains("Scores on held-out rows are shown"));
}
