//! An episode as MLE-Dojo's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mledojo_catalog::Placing;
use mledojo_env::Grade;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::files::{
    ActionEntry, FAILED, FeedbackEntry, HISTORY, History, Message, Position, PositionScore, SUCCESS, Speaker,
    TRAJECTORY,
};
use crate::export::chat::{ChatMessage, Role};
use crate::export::dataset::new_folder;
use crate::export::error::ExportError;
use crate::export::source::Source;
use crate::export::trajectory::{Step, Trajectory};

/// Writes one episode as `agent_trajectory.json` and `env_history.json` into a new folder. Roles that MLE-Dojo doesn't have
/// become the user's; an episode of several conversations is written as its calls and observations in turn.
///
/// # Errors
/// No episode or several, or a folder that cannot be written.
pub fn export_mle_dojo(episode: &Path, out: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let sources = Source::find(&[episode.to_owned()])?;
    let [source] = sources.as_slice() else {
        let reason = format!("there are {} episodes in it, and these files hold one", sources.len());
        return Err(ExportError::NoEpisode { path: episode.to_owned(), reason });
    };
    let mut trajectory = Trajectory::read(source)?;
    if trajectory.conversations.len() > 1 {
        trajectory.render(&source.open()?.header);
    }
    new_folder(out)?;
    let (messages, history) = (messages(&trajectory), history(&trajectory));
    let files = [out.join(TRAJECTORY), out.join(HISTORY)];
    write(&files[0], &messages)?;
    write(&files[1], &history)?;
    Ok(files.to_vec())
}

fn write<T: Serialize>(file: &Path, value: &T) -> Result<(), ExportError> {
    let failed = |error| ExportError::io("write", file, error);
    let mut json = serde_json::to_vec_pretty(value).map_err(|error| failed(error.into()))?;
    json.push(b'\n');
    std::fs::write(file, json).map_err(failed)
}

fn messages(trajectory: &Trajectory) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for turn in trajectory.conversations.iter().flat_map(|conversation| &conversation.turns) {
        let role = if turn.message.role == Role::Assistant { Speaker::Assistant } else { Speaker::User };
        let content = content(&turn.message);
        match messages.last_mut() {
            // The system's words and the task are one message there.
            Some(last) if last.role == role && role == Speaker::User => {
                last.content.push_str("\n\n");
                last.content.push_str(&content);
            }
            _ => messages.push(Message { role, content }),
        }
    }
    messages
}

/// The content, and tool calls as the JSON actions that they stand for.
fn content(message: &ChatMessage) -> String {
    let mut content = message.content.clone();
    for call in &message.tool_calls {
        let arguments = &call.function.arguments;
        let params = serde_json::from_str(arguments).unwrap_or_else(|_| Value::from(arguments.as_str()));
        if !content.is_empty() {
            content.push('\n');
        }
        content.push_str(&json!({ "action": call.function.name, "params": params }).to_string());
    }
    content
}

fn history(trajectory: &Trajectory) -> History {
    let best = trajectory.steps.iter().rev().find(|step| step.improved);
    let grade = best.and_then(|step| step.grade.as_ref());
    History {
        competition: trajectory.competition.clone(),
        actions: trajectory.steps.iter().map(action).collect(),
        total_reward: trajectory.total_reward(),
        best_code: best.and_then(|step| step.call["params"]["code"].as_str()).map(str::to_owned),
        best_raw_score: grade.map(|grade| grade.raw_score),
        best_position_score: grade.map(|grade| grade.standing.human_rank),
        step_count: trajectory.steps.len() as u64,
        created_at: trajectory.created_at.clone(),
    }
}

fn action(step: &Step) -> ActionEntry {
    let entry = |value: &Value| FeedbackEntry {
        feedback_status: SUCCESS.to_owned(),
        feedback: Some(value["text"].as_str().unwrap_or_default().to_owned()),
        error: None,
    };
    let feedback: BTreeMap<String, FeedbackEntry> = step
        .feedback
        .as_object()
        .map(|providers| providers.iter().map(|(name, value)| (name.clone(), entry(value))).collect())
        .unwrap_or_default();
    ActionEntry {
        step: step.number,
        action: step.call["action"].as_str().unwrap_or_default().to_owned(),
        timestamp: step.at.clone(),
        result: result(step),
        feedback,
    }
}

fn result(step: &Step) -> Value {
    let data = &step.feedback["base"]["data"];
    let status = if step.failed() { FAILED } else { SUCCESS };
    let words = || data["error"]["message"].as_str().unwrap_or_default().to_owned();
    let refused = data.get("execution").is_none();
    match step.call["action"].as_str() {
        Some("request_info") if !step.failed() => json!({ "status": status, "data": info(&data["data"]) }),
        Some("validate_code") if refused && step.failed() => json!({
            "syntax": { "status": FAILED, "details": words() },
            "runtime": null,
            "status": status,
        }),
        Some("validate_code") => {
            let run = execution(&data["execution"]);
            json!({ "syntax": { "status": SUCCESS, "details": "" }, "runtime": run, "status": status })
        }
        Some("execute_code") if refused && step.failed() => json!({
            "status": status,
            "execution": { "status": FAILED, "output": "", "error": words(), "execution_time": "0.00s" },
            "submission": null,
        }),
        Some("execute_code") => json!({
            "status": status,
            "execution": execution(&data["execution"]),
            "submission": submission(step, &data["submission"]),
        }),
        _ if step.failed() => json!({ "status": status, "error": words() }),
        _ => json!({ "status": status }),
    }
}

/// Tables as columns, as MLE-Dojo shows them; the rest as it is.
fn info(data: &Value) -> Value {
    let Some(values) = data.as_object() else { return data.clone() };
    let columns = |table: &Value| -> Option<Value> {
        let (header, rows) = (table["columns"].as_array()?, table["rows"].as_array()?);
        let column = |place: usize| rows.iter().map(|row| row[place].clone()).collect::<Vec<_>>();
        let columns = header
            .iter()
            .enumerate()
            .map(|(place, name)| (name.as_str().unwrap_or_default().to_owned(), Value::from(column(place))));
        Some(Value::Object(columns.collect()))
    };
    let values = values.iter().map(|(name, value)| (name.clone(), columns(value).unwrap_or_else(|| value.clone())));
    Value::Object(values.collect::<Map<_, _>>())
}

fn execution(run: &Value) -> Value {
    let ok = run["outcome"]["kind"] == "ok";
    json!({
        "status": if ok { SUCCESS } else { FAILED },
        "output": run["stdout"],
        "error": run["stderr"],
        "execution_time": format!("{:.2}s", run["execution_time"].as_f64().unwrap_or(0.0)),
    })
}

fn submission(step: &Step, data: &Value) -> Value {
    if let Some(grade) = &step.grade {
        return json!({
            "status": SUCCESS,
            "raw_score": grade.raw_score,
            "details": grade.note,
            "position_score": position_score(grade),
        });
    }
    let error = &data["error"];
    if matches!(error["kind"].as_str(), None | Some("missing" | "run_failed")) {
        return Value::Null;
    }
    json!({
        "status": FAILED,
        "error_type": error["kind"],
        "error": error["message"],
        "details": error["details"],
        "potential_causes": [],
    })
}

fn position_score(grade: &Grade) -> PositionScore {
    let position = |placing: Placing| Position {
        position: placing.position,
        total: placing.teams,
        position_score: placing.human_rank,
    };
    PositionScore {
        private: grade.standing.private.map(position),
        public: grade.standing.public.map(position),
        avg_score: grade.standing.human_rank,
    }
}
