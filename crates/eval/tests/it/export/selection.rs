//! Which episodes, steps and answers get in.

use mledojo_eval::export::{Deduplication, FailureSelection, PairKind, PreferenceOptions, SftOptions, StepSelection};
use serde_json::Value;

use super::{Making, episode};

/// The steps whose answers are to be learned, a list for each row.
fn trained(options: SftOptions) -> Vec<Vec<u64>> {
    let making = Making::of(&[episode("iris-model")]);
    making.sft(&options);
    if !making.out().join("data/train.jsonl").exists() {
        return Vec::new();
    }
    let steps = |row: Value| {
        let messages = row["messages"].as_array().unwrap().clone();
        messages.iter().filter(|m| m["train"] == true).map(|m| m["step"].as_u64().unwrap()).collect()
    };
    making.rows("train").into_iter().map(steps).collect()
}

#[test]
fn failures_are_dropped_kept_or_kept_if_they_were_repaired() {
    let failures = |failures| trained(SftOptions { failures, ..SftOptions::default() });
    // Step 2 has an answer that was no call and one whose code is no Python; step 4 writes an empty submission.
    assert_eq!(failures(FailureSelection::Drop), [vec![1, 3]]);
    assert_eq!(failures(FailureSelection::KeepRepaired), [vec![1, 2, 2, 3]]);
    assert_eq!(failures(FailureSelection::Keep), [vec![1, 2, 2, 3, 4]]);
    let improving = SftOptions { steps: StepSelection::Improving, ..SftOptions::default() };
    assert_eq!(trained(improving), [vec![3]]);
}

#[test]
fn episodes_are_chosen_by_what_they_reached() {
    let kept = |change: fn(&mut Making)| {
        let mut making = Making::new();
        change(&mut making);
        let summary = making.sft(&SftOptions::default());
        let ids: Vec<String> = ["train", "validation"]
            .into_iter()
            .filter(|split| making.out().join(format!("data/{split}.jsonl")).exists())
            .flat_map(|split| making.rows(split))
            .map(|row| row["episode"].as_str().unwrap().to_owned())
            .collect();
        (ids, summary.left_out)
    };
    assert_eq!(kept(|_| {}).0, ["iris-model", "iris-script", "wine-script"]);
    let (ids, left_out) = kept(|making| making.selection.best_of = Some(1));
    assert_eq!(ids, ["iris-model", "wine-script"]);
    assert_eq!(left_out["not among the best of their competition"], 1);
    assert_eq!(kept(|making| making.selection.min_human_rank = Some(0.4)).0, ["iris-model"]);
    assert_eq!(kept(|making| making.selection.competitions = vec!["wine".to_owned()]).0, ["wine-script"]);
    assert_eq!(kept(|making| making.selection.agents = vec!["tools".to_owned()]).0, ["iris-model"]);
}

#[test]
fn an_episode_that_has_not_ended_waits() {
    let making = Making::new();
    let cut = making.folder.path().join("cut");
    std::fs::create_dir(&cut).unwrap();
    std::fs::copy(episode("iris-script/episode.json"), cut.join("episode.json")).unwrap();
    let steps = std::fs::read_to_string(episode("iris-script/steps.jsonl")).unwrap();
    let two: String = steps.split_inclusive('\n').take(2).collect();
    std::fs::write(cut.join("steps.jsonl"), two).unwrap();
    let mut making = Making { sources: vec![cut], ..making };
    let summary = making.rl();
    assert_eq!((summary.episodes, summary.left_out["not ended"]), (0, 1));
    std::fs::remove_dir_all(making.out()).unwrap();
    making.selection.unfinished = true;
    assert_eq!(making.rl().rows["train"], 2);
}

#[test]
fn repeated_conversations_are_left_out() {
    let copy = tempfile::tempdir().unwrap();
    let again = copy.path().join("again");
    std::fs::create_dir(&again).unwrap();
    std::fs::copy(episode("iris-script/episode.json"), again.join("episode.json")).unwrap();
    let steps = std::fs::read_to_string(episode("iris-script/steps.jsonl")).unwrap();
    // Another run of the same took another time.
    std::fs::write(again.join("steps.jsonl"), steps.replace("Execution Time: 0.", "Execution Time: 1.")).unwrap();
    let rows = |deduplication| {
        let making = Making::of(&[episode("iris-script"), again.clone()]);
        making.sft(&SftOptions { deduplication, ..SftOptions::default() }).rows["train"]
    };
    assert_eq!(rows(Deduplication::None), 2);
    assert_eq!(rows(Deduplication::Exact), 2);
    assert_eq!(rows(Deduplication::Normalised), 1);
}

#[test]
fn pairs_are_of_the_same_prompt_and_go_by_the_score() {
    let making = Making::of(&[episode("iris-script")]);
    let other = making.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    for file in ["episode.json", "steps.jsonl"] {
        std::fs::copy(episode("iris-model").join(file), other.join(file)).unwrap();
    }
    let making = Making { sources: vec![episode("iris-script"), other], ..making };
    making.preference(&PreferenceOptions { pairs: PairKind::Episodes, min_margin: 0.1 });
    let [row] = making.rows("train").try_into().unwrap();
    assert_eq!((&row["chosen_id"], &row["rejected_id"]), (&"other".into(), &"iris-script".into()));
    let score = |name: &str| row[name].as_f64().unwrap();
    assert!((score("margin") - (score("chosen_score") - score("rejected_score"))).abs() < 1e-12);
    assert_eq!(row["prompt"].as_array().unwrap().len(), 2);
    for side in ["chosen", "rejected"] {
        let messages = row[side].as_array().unwrap();
        assert_eq!((&messages[0]["role"], messages.len() % 2), (&"assistant".into(), 1));
    }
    // Their prompts differ from the second step on.
    std::fs::remove_dir_all(making.out()).unwrap();
    let none = making.preference(&PreferenceOptions { pairs: PairKind::Steps, min_margin: 0.1 });
    assert_eq!(none.rows["train"], 0);
}

#[test]
fn nodes_of_one_parent_are_paired() {
    let making = Making::of(&[]);
    let tree = making.folder.path().join("tree");
    std::fs::create_dir(&tree).unwrap();
    for file in ["episode.json", "steps.jsonl"] {
        std::fs::copy(episode("iris-model").join(file), tree.join(file)).unwrap();
    }
    let line = |step: u64, node: u64, prompt: &str| {
        serde_json::json!({
            "index": step, "step": step, "purpose": "improve", "node": node, "parent": 1, "keep": 0, "finish": "stop",
            "usage": { "input_tokens": 9, "output_tokens": 4 }, "cost_usd": null, "latency_seconds": 1.0,
            "waited_seconds": 0.0, "model": "local/tiny",
            "append": [{ "role": "user", "content": prompt }],
            "reply": { "role": "assistant", "content": format!("code {step}") },
        })
    };
    let lines = [line(2, 2, "improve node 1"), line(3, 3, "improve node 1, and mind node 2")];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(tree.join("transcript.jsonl"), text).unwrap();
    let making = Making { sources: vec![tree], ..making };
    making.preference(&PreferenceOptions::default());
    let [row] = making.rows("train").try_into().unwrap();
    assert_eq!((&row["kind"], &row["chosen"][0]["content"]), (&"node".into(), &"code 2".into()));
    assert_eq!(row["rejected_score"], 0.0);
}

#[test]
fn several_calls_in_one_answer_are_one_row() {
    let making = Making::of(&[]);
    let folder = making.folder.path().join("several");
    std::fs::create_dir(&folder).unwrap();
    for file in ["episode.json", "steps.jsonl"] {
        std::fs::copy(episode("iris-script").join(file), folder.join(file)).unwrap();
    }
    let line = |step: u64, keep: u64, calls: usize| {
        let call = |id: usize| serde_json::json!({ "id": format!("c{id}"), "name": "execute_code", "arguments": "{}" });
        let calls: Vec<Value> = (0..calls).map(call).collect();
        serde_json::json!({
            "index": step, "step": step, "purpose": "act", "keep": keep,
            "append": [{ "role": "user", "content": format!("after step {step}") }],
            "reply": { "role": "assistant", "content": "", "tool_calls": calls }, "finish": "tool_calls",
            "usage": { "input_tokens": 9, "output_tokens": 4 }, "cost_usd": null, "latency_seconds": 1.0,
            "waited_seconds": 0.0, "model": "local/tiny",
        })
    };
    std::fs::write(folder.join("transcript.jsonl"), format!("{}\n{}\n", line(0, 0, 2), line(2, 2, 1))).unwrap();
    let making = Making { sources: vec![folder], ..making };
    let summary = making.rl();
    let [first, second] = making.rows("train").try_into().unwrap();
    assert_eq!((&first["steps"], &first["action_status"]), (&2.into(), &"FAILED".into()));
    assert_eq!(first["call"].as_str().unwrap().lines().count(), 2);
    assert_eq!((&second["step"], &second["steps"], &second["terminated"]), (&3.into(), &1.into(), &true.into()));
    assert_eq!((&first["return"], &first["terminated"]), (&second["reward"], &false.into()));
    // The script's own `finish`.
    assert_eq!(summary.left_out["step without an answer of the model"], 1);
}
