//! Stand-ins for an environment, for the tests of this crate.

use std::collections::BTreeMap;

use mledojo_catalog::Standing;
use mledojo_env::{ActionStatus, Call, Feedback, Grade, Observation};
use serde_json::{Value, json};

use crate::agent::Agent;

/// An observation with nothing in it.
pub(crate) fn observation(step: u64) -> Observation {
    Observation {
        step,
        action_status: ActionStatus::Success,
        feedback: BTreeMap::new(),
        current: None,
        best: None,
        steps_left: None,
        seconds_left: None,
        history: String::new(),
    }
}

/// A grade whose raw score is its HumanRank.
pub(crate) fn grade(score: f64) -> Grade {
    let standing = Standing { human_rank: score, public: None, private: None, medal: None };
    Grade { raw_score: score, standing, note: None }
}

/// Metadata as the environment answers it.
pub(crate) fn iris_metadata() -> Value {
    json!({
        "slug": "iris", "title": "Iris", "modality": "tabular", "task": "multiclass-classification",
        "metric": {"name": "accuracy", "direction": "maximize"},
        "submission": {"id_columns": ["id"], "target_columns": ["species"]},
        "data_path": "/kaggle/input/iris", "output_path": "/kaggle/working/submission.csv",
    })
}

/// Plays an agent against made-up scores.
pub(crate) struct Player<A> {
    agent: A,
    steps: Option<u64>,
    pub(crate) metadata: Value,
    pub(crate) seconds_left: Option<f64>,
    /// What the agent saw and what it called then.
    pub(crate) played: Vec<(Observation, Call)>,
}

impl<A: Agent> Player<A> {
    pub(crate) fn new(agent: A, steps: Option<u64>) -> Self {
        Self { agent, steps, metadata: iris_metadata(), seconds_left: None, played: Vec::new() }
    }

    /// Plays to the end, or for 100 steps. `scores` are those of the executions in order, `None` for a failed one;
    /// the last one repeats. Returns the calls in short; `finish` when the agent was done before its steps were.
    pub(crate) fn play(&mut self, scores: &[Option<f64>]) -> Vec<String> {
        let mut titles = Vec::new();
        let mut executions = 0;
        let mut seen = observation(0);
        for step in 0..self.steps.unwrap_or(100) {
            seen.step = step;
            seen.steps_left = self.steps.map(|steps| steps - step);
            seen.seconds_left = self.seconds_left;
            let Some(call) = self.agent.act(&seen).unwrap() else {
                titles.push("finish".to_owned());
                break;
            };
            let detail = call.params.values().next().unwrap().as_str().unwrap().lines().next().unwrap();
            titles.push(format!("{} {detail}", call.action));
            let mut next = observation(step + 1);
            next.current.clone_from(&seen.current);
            match call.action.as_str() {
                "request_info" => {
                    let value = match detail {
                        "metadata" => self.metadata.clone(),
                        "sample_submission" => json!({"columns": ["id", "species"], "rows": []}),
                        _ => json!("words"),
                    };
                    let data = json!({"status": "SUCCESS", "data": {detail: value}});
                    next.feedback.insert("base".to_owned(), Feedback { text: String::new(), data });
                }
                "execute_code" => {
                    match scores[executions.min(scores.len() - 1)] {
                        Some(score) => next.current = Some(grade(score)),
                        None => next.action_status = ActionStatus::Failed,
                    }
                    executions += 1;
                }
                _ => {}
            }
            self.played.push((seen, call));
            seen = next;
        }
        titles
    }
}
