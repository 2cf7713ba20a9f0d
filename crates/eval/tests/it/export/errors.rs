//! What is wrong is named: file and line.

use mledojo_eval::export::{RlOptions, SftOptions, export_rl, export_sft};

use super::{Making, episode};

fn failure(making: &Making) -> String {
    making.try_make(|request| export_sft(request, &SftOptions::default())).unwrap_err().to_string()
}

#[test]
fn a_broken_file_is_named_with_its_line() {
    let making = Making::new();
    let broken = making.folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    for file in ["episode.json", "steps.jsonl"] {
        std::fs::copy(episode("iris-model").join(file), broken.join(file)).unwrap();
    }
    let making = Making { sources: vec![broken.clone()], ..making };
    std::fs::write(broken.join("transcript.jsonl"), "{\"step\":0,\"keep\":0,\"append\":[]}\n{\"step\":0}\n").unwrap();
    let error = failure(&making);
    assert!(error.contains("transcript.jsonl`, line 2: missing field `keep`"), "{error}");
    assert!(!making.out().exists());
    std::fs::write(broken.join("steps.jsonl"), "{}\n").unwrap();
    let error = failure(&making);
    assert!(error.contains("steps.jsonl`, line 1: missing field"), "{error}");
}

#[test]
fn a_folder_in_use_and_one_without_episodes_are_refused() {
    let making = Making::new();
    std::fs::create_dir(making.out()).unwrap();
    std::fs::write(making.out().join("mine.txt"), "").unwrap();
    assert!(failure(&making).contains("is not empty"));
    let nothing = making.folder.path().join("nothing");
    std::fs::create_dir(&nothing).unwrap();
    let making = Making { sources: vec![nothing], ..making };
    assert!(failure(&making).contains("there is no episode in it"));
}

#[test]
fn settings_out_of_range_are_refused() {
    let making = Making::new();
    let error = making.try_make(|request| export_rl(request, &RlOptions { gamma: 1.5 })).unwrap_err().to_string();
    assert!(error.contains("gamma is 1.5; expected a number from 0 to 1"), "{error}");
}
