//! The layout of both files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const TRAJECTORY: &str = "agent_trajectory.json";
pub(super) const HISTORY: &str = "env_history.json";
pub(super) const SUCCESS: &str = "SUCCESS";
pub(super) const FAILED: &str = "FAILED";

/// A message of `agent_trajectory.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) role: Speaker,
    pub(super) content: String,
}

/// There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Speaker {
    User,
    Assistant,
}

/// `env_history.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct History {
    pub(super) competition: String,
    pub(super) actions: Vec<ActionEntry>,
    pub(super) total_reward: f64,
    pub(super) best_code: Option<String>,
    pub(super) best_raw_score: Option<f64>,
    pub(super) best_position_score: Option<f64>,
    pub(super) step_count: u64,
    pub(super) created_at: String,
}

/// An action, without its parameters: code stands in the conversation alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ActionEntry {
    pub(super) step: u64,
    pub(super) action: String,
    pub(super) timestamp: String,
    pub(super) result: Value,
    pub(super) feedback: BTreeMap<String, FeedbackEntry>,
}

/// What a provider said, or why it said nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FeedbackEntry {
    pub(super) feedback_status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) feedback: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// `position_score` of a graded submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PositionScore {
    #[serde(default)]
    pub(super) private: Option<Position>,
    #[serde(default)]
    pub(super) public: Option<Position>,
    pub(super) avg_score: f64,
}

/// A place on a board.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) position: usize,
    pub(super) total: usize,
    pub(super) position_score: f64,
}
