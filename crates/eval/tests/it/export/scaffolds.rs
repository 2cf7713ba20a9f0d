//! What agents with a model leave behind, exported: the real scaffolds play a real competition, and a model of the tests
//! answers and takes down what it is asked.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mledojo_agents::llm::{AssistantMessage, ChatModel, ChatReply, ChatRequest, LlmError, ToolCall, Usage};
use mledojo_agents::{AgentOptions, AgentSpec, play, read_transcript};
use mledojo_env::{Budget, Call, EnvConfig, Environment, ResetOptions};
use mledojo_eval::export::{Deduplication, FailureSelection, PreferenceOptions, SftOptions};
use serde_json::{Value, json};

use super::Making;
use crate::world::{competition, engine, program};

/// Gives the answers it was made with.
struct Scripted {
    answers: Mutex<VecDeque<AssistantMessage>>,
    asked: Mutex<Vec<ChatRequest>>,
}

impl ChatModel for Scripted {
    fn id(&self) -> &str {
        "local/scripted"
    }

    fn complete(&self, request: &ChatRequest) -> Result<ChatReply, LlmError> {
        self.asked.lock().unwrap().push(request.clone());
        let message = self.answers.lock().unwrap().pop_front().expect("there is an answer to every question");
        let usage = Usage { input_tokens: 10, output_tokens: 5, ..Usage::default() };
        Ok(ChatReply { message, usage, model: "scripted".to_owned(), ..ChatReply::default() })
    }
}

/// Lets an agent play iris with these answers; returns what its model was asked.
fn played(folder: &Path, agent: &str, steps: u64, answers: Vec<AssistantMessage>) -> Vec<ChatRequest> {
    let model = Arc::new(Scripted { answers: Mutex::new(answers.into()), asked: Mutex::default() });
    let options = AgentOptions { drafts: 2, debug_probability: 0.0, ..AgentOptions::default() };
    let spec: AgentSpec = agent.parse().unwrap();
    let mut player = spec.build_with(0, &options, Some(model.clone())).unwrap();
    player.keep_in(folder).unwrap();
    let config = EnvConfig { budget: Budget { steps: Some(steps), seconds: None }, ..EnvConfig::default() };
    let mut environment = Environment::new(competition("iris", 1.0), engine(), config);
    let options = ResetOptions { directory: folder.join("episode"), seed: 0, agent: agent.to_owned() };
    let first = environment.reset(options).unwrap();
    play(&mut environment, player.as_mut(), first, &mut |_| {}).unwrap();
    assert!(model.answers.lock().unwrap().is_empty());
    model.asked.lock().unwrap().clone()
}

fn text(content: impl Into<String>) -> AssistantMessage {
    AssistantMessage { content: content.into(), ..AssistantMessage::default() }
}

fn json_call(call: &Call) -> AssistantMessage {
    text(json!(call).to_string())
}

fn tool_calls(calls: &[Call]) -> AssistantMessage {
    let call = |(number, call): (usize, &Call)| ToolCall {
        id: format!("c{number}-{}", call.action),
        name: call.action.clone(),
        arguments: json!(call.params).to_string(),
    };
    AssistantMessage { tool_calls: calls.iter().enumerate().map(call).collect(), ..AssistantMessage::default() }
}

fn solution(call: &Call) -> AssistantMessage {
    text(format!("A plan.\n```python\n{}\n```", call.params["code"].as_str().unwrap()))
}

fn constant() -> Call {
    program("iris", "write('setosa')")
}

fn neighbours() -> Call {
    program(
        "iris",
        "from sklearn.neighbors import KNeighborsClassifier as Nearest\n\
         write(Nearest().fit(train[features], train[target]).predict(test[features]))",
    )
}

fn finish() -> Call {
    Call { action: "finish".to_owned(), params: Default::default() }
}

/// Checks that every answer is learned once, behind what the model was asked, and returns the rows of steps.
fn check(agent: &str, steps: u64, answers: Vec<AssistantMessage>) -> (Making, Vec<Value>) {
    let mut making = Making::of(&[]);
    let folder = making.folder.path().join("played");
    std::fs::create_dir(&folder).unwrap();
    let asked = played(&folder, agent, steps, answers);
    let replies: Vec<_> = read_transcript(&folder.join("transcript.jsonl")).unwrap();
    assert_eq!(replies.len(), asked.len());
    making.sources = vec![folder];
    making.sft(&SftOptions {
        failures: FailureSelection::Keep,
        deduplication: Deduplication::None,
        ..SftOptions::default()
    });
    let mut found = Vec::new();
    for row in making.rows("train") {
        let messages = row["messages"].as_array().unwrap();
        for (place, message) in messages.iter().enumerate().filter(|(_, message)| message["train"] == true) {
            found.push((contents(&messages[..place]), message["content"].clone()));
        }
    }
    let expected: Vec<_> = asked
        .iter()
        .zip(&replies)
        .map(|(request, call)| {
            let prompt: Vec<Value> = request.messages.iter().map(|message| json!(message)).collect();
            (contents(&prompt), json!(call.reply.as_ref().unwrap().content()))
        })
        .collect();
    assert_eq!(found, expected);
    std::fs::remove_dir_all(making.out()).unwrap();
    making.rl();
    let rows = making.rows("train");
    for row in &rows {
        let prompt = contents(row["prompt"].as_array().unwrap());
        assert!(expected.iter().any(|(asked, said)| *asked == prompt && *said == row["completion"][0]["content"]));
        assert_eq!(row["model"], "local/scripted");
    }
    std::fs::remove_dir_all(making.out()).unwrap();
    (making, rows)
}

fn contents(messages: &[Value]) -> Vec<(Value, Value)> {
    messages.iter().map(|message| (message["role"].clone(), message["content"].clone())).collect()
}

#[test]
fn a_chat_of_json_actions() {
    let answers =
        vec![json_call(&Call::request_info("name")), text("I give up."), json_call(&constant()), json_call(&finish())];
    let (_, rows) = check("mle", 5, answers);
    let steps: Vec<&Value> = rows.iter().map(|row| &row["step"]).collect();
    assert_eq!(steps, [1, 2, 3]);
    // The second was mended in a conversation of its own.
    assert_eq!(rows[1]["prompt"].as_array().unwrap().len(), 1);
    assert!(rows[1]["reward"].as_f64().unwrap() > 0.0);
    assert_eq!(rows[2]["terminated"], true);
}

#[test]
fn a_chat_of_tool_calls() {
    let answers =
        vec![tool_calls(&[Call::request_info("name"), constant()]), text("What now?"), tool_calls(&[finish()])];
    let (_, rows) = check("tools", 5, answers);
    let steps: Vec<_> = rows.iter().map(|row| (row["step"].clone(), row["steps"].clone())).collect();
    assert_eq!(steps, [(1.into(), 2.into()), (3.into(), 1.into())]);
    assert!(rows[0]["reward"].as_f64().unwrap() > 0.0);
    let tools: Value = serde_json::from_str(rows[0]["tools"].as_str().unwrap()).unwrap();
    assert_eq!(tools[0]["function"]["name"], "request_info");
}

#[test]
fn a_tree_of_solutions() {
    let answers = vec![
        solution(&constant()),
        text("Nothing but a plan."),
        solution(&program("iris", "1 / 0")),
        solution(&neighbours()),
        solution(&constant()),
    ];
    // Drafts are children of the root; the fifth step goes on from the fourth, which was the best, and that from the second.
    let (making, rows) = check("aide", 5, answers);
    let steps: Vec<&Value> = rows.iter().map(|row| &row["step"]).collect();
    assert_eq!(steps, [2, 3, 4, 5]);
    assert_eq!(rows[1]["failure"], "run");
    assert_eq!(rows[3]["truncated"], true);
    let summary = making.preference(&PreferenceOptions::default());
    assert_eq!(summary.rows["train"], 1, "{summary:?}");
    let [row] = making.rows("train").try_into().unwrap();
    assert_eq!((&row["kind"], &row["rejected_score"]), (&"node".into(), &0.0.into()));
    let ids = ["chosen_id", "rejected_id"].map(|side| row[side].as_str().unwrap().to_owned());
    assert!(ids[0].ends_with("/step-2") && ids[1].ends_with("/step-3"), "{ids:?}");
}
