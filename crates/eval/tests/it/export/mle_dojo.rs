//! MLE-Dojo's files, in and out.

use std::path::Path;

use mledojo_env::{ActionStatus, Episode, EpisodeSummary, RewardMode, StepRecord};
use mledojo_eval::export::{SftOptions, export_mle_dojo, import_mle_dojo};
use serde_json::{Value, json};

use super::{Making, episode};

/// A run of two actions, as MLE-Dojo writes it: the second answer is fenced, a third led to no action.
fn files(folder: &Path) -> (Value, Value) {
    let answer = |action: &str, params: Value| json!({ "action": action, "params": params }).to_string();
    let fenced = format!("```json\n{}\n```", answer("execute_code", json!({ "code": "print(1)" })));
    let trajectory = json!([
        { "role": "user", "content": "Compete." },
        { "role": "assistant", "content": answer("request_info", json!({ "info_type": "data_path" })) },
        { "role": "user", "content": "The data is in /data." },
        { "role": "assistant", "content": fenced },
        { "role": "user", "content": "Scored." },
        { "role": "assistant", "content": "Error" },
    ]);
    let position = json!({ "position": 3, "total": 4, "position_score": 0.5 });
    let history = json!({
        "competition": "titanic",
        "actions": [
            {
                "step": 0, "action": "request_info", "timestamp": "2025-05-01T10:00:05.250000",
                "result": { "status": "SUCCESS", "data": { "data_path": "/data" } },
                "feedback": { "base": { "feedback_status": "SUCCESS", "feedback": "The data is in /data." } },
            },
            {
                "step": 1, "action": "execute_code", "timestamp": "2025-05-01T10:01:00.000000",
                "result": {
                    "status": "SUCCESS",
                    "execution": { "status": "SUCCESS", "output": "1\n", "error": "", "execution_time": "1.20s" },
                    "submission": {
                        "status": "SUCCESS", "raw_score": 0.77, "details": "ok",
                        "position_score": { "private": position, "public": position, "avg_score": 0.5 },
                    },
                },
                "feedback": {
                    "base": { "feedback_status": "SUCCESS", "feedback": "Scored." },
                    "llm": { "feedback_status": "FAILED", "error": "not implemented" },
                },
            },
        ],
        "total_reward": 0.5, "best_code": "print(1)", "best_raw_score": 0.77, "best_position_score": 0.5,
        "step_count": 2, "created_at": "2025-05-01T10:00:00",
    });
    write(folder, &trajectory, &history);
    (trajectory, history)
}

fn write(folder: &Path, trajectory: &Value, history: &Value) {
    std::fs::write(folder.join("agent_trajectory.json"), trajectory.to_string()).unwrap();
    std::fs::write(folder.join("env_history.json"), serde_json::to_string_pretty(history).unwrap()).unwrap();
}

fn steps(folder: &Path) -> Vec<StepRecord> {
    Episode::open(folder).unwrap().steps().unwrap().map(Result::unwrap).collect()
}

#[test]
fn files_become_an_episode_that_exports_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let out = folder.path().join("episode");
    let summary = import_mle_dojo(folder.path(), &out).unwrap();
    assert_eq!((summary.competition.as_str(), summary.steps, summary.answers), ("titanic", 2, 3));

    let read = EpisodeSummary::read(&Episode::open(&out).unwrap()).unwrap();
    let best = read.best.unwrap();
    assert_eq!((best.raw_score, best.standing.human_rank, best.standing.medal), (0.77, 0.5, None));
    assert_eq!(best.standing.private.unwrap().position, 3);
    assert_eq!((read.total_reward, read.seconds, read.truncated), (0.5, 60.0, true));
    let steps = steps(&out);
    assert_eq!(steps[1].call.params["code"], "print(1)");
    assert_eq!(steps[1].observation.feedback["llm"].text, "not implemented");
    assert_eq!(steps[0].at, "2025-05-01T10:00:05.25Z");

    let making = Making::of(&[out]);
    making.sft(&SftOptions::default());
    let [row] = making.rows("train").try_into().unwrap();
    let train: Vec<bool> = row["messages"].as_array().unwrap().iter().map(|message| message["train"] == true).collect();
    // The last answer led to nothing.
    assert_eq!(train, [false, true, false, true]);
    assert_eq!((&row["rendered"], &row["human_rank"]), (&false.into(), &0.5.into()));
}

#[test]
fn an_example_at_the_beginning_is_no_step() {
    let folder = tempfile::tempdir().unwrap();
    let (trajectory, history) = files(folder.path());
    let example = json!([
        { "role": "user", "content": "An example." },
        { "role": "assistant", "content": "{\"action\": \"execute_code\", \"params\": {\"code\": \"0\"}}" },
    ]);
    let both: Vec<Value> = [&example, &trajectory].iter().flat_map(|part| part.as_array().unwrap().clone()).collect();
    write(folder.path(), &both.into(), &history);
    let out = folder.path().join("episode");
    import_mle_dojo(folder.path(), &out).unwrap();
    let steps = steps(&out);
    assert_eq!(
        (steps[0].call.params["info_type"].as_str(), steps[1].call.params["code"].as_str()),
        (Some("data_path"), Some("print(1)"))
    );
}

#[test]
fn without_the_conversation_the_best_code_is_known() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    std::fs::remove_file(folder.path().join("agent_trajectory.json")).unwrap();
    let out = folder.path().join("episode");
    import_mle_dojo(folder.path(), &out).unwrap();
    assert!(!out.join("transcript.jsonl").exists());
    assert_eq!(steps(&out)[1].call.params["code"], "print(1)");
    assert_eq!(steps(&out)[0].call.params["info_type"], "data_path");
}

#[test]
fn raw_scores_as_rewards_are_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let (trajectory, mut history) = files(folder.path());
    history["total_reward"] = 0.77.into();
    write(folder.path(), &trajectory, &history);
    let out = folder.path().join("episode");
    import_mle_dojo(folder.path(), &out).unwrap();
    assert_eq!(Episode::open(&out).unwrap().header.config.reward, RewardMode::Raw);
    assert_eq!(steps(&out)[1].reward, 0.77);
}

#[test]
fn what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (trajectory, history) = files(folder.path());
    let error = |trajectory: &Value, history: &Value| {
        write(folder.path(), trajectory, history);
        import_mle_dojo(folder.path(), &folder.path().join("episode")).unwrap_err().to_string()
    };
    let with = |change: fn(&mut Value)| {
        let mut changed = history.clone();
        change(&mut changed);
        error(&trajectory, &changed)
    };
    let message = with(|history| history["total_reward"] = 3.into());
    assert!(message.contains("`total_reward`: it is 3, but the actions' position scores sum up to 0.5"), "{message}");
    let message = with(|history| history["actions"][1]["timestamp"] = "noon".into());
    assert!(message.contains("env_history.json`, `actions[1].timestamp`: `noon` is no ISO 8601 time"), "{message}");
    let message = with(|history| history["actions"][1]["action"] = "validate_code".into());
    assert!(message.contains("3 answers are not those that led to the 2 actions"), "{message}");
    let message = with(|history| history["actions"][0]["feedback"] = Value::Null);
    assert!(message.contains("env_history.json`, line"), "{message}");
    let message = with(|history| history["actions"][1]["result"]["submission"]["position_score"] = Value::Null);
    assert!(message.contains("`actions[1].result.submission.position_score`"), "{message}");
    let message = error(&json!([{ "role": "system", "content": "" }]), &history);
    assert!(message.contains("agent_trajectory.json`, line 1: unknown variant `system`"), "{message}");
    assert!(!folder.path().join("episode").exists());
}

#[test]
fn an_episode_comes_back_from_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let (written, back) = (folder.path().join("files"), folder.path().join("back"));
    export_mle_dojo(&episode("iris-script"), &written).unwrap();
    let history: Value =
        serde_json::from_str(&std::fs::read_to_string(written.join("env_history.json")).unwrap()).unwrap();
    assert_eq!(history["actions"][1]["result"]["execution"]["status"], "FAILED");
    assert_eq!(history["actions"][1]["result"]["submission"], Value::Null);
    assert_eq!(history["actions"][0]["result"]["data"]["sample_submission"]["species"].as_array().unwrap().len(), 3);
    import_mle_dojo(&written, &back).unwrap();
    let (before, after) = (steps(&episode("iris-script")), steps(&back));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.call, before.reward), (&after.call, after.reward));
        assert_eq!(before.observation.action_status, after.observation.action_status);
        assert_eq!(before.observation.feedback["base"].text, after.observation.feedback["base"].text);
        let score = |step: &StepRecord| step.observation.best.as_ref().map(|best| best.raw_score);
        assert_eq!(score(before), score(after));
    }
    assert_eq!(after[1].observation.action_status, ActionStatus::Failed);
}
