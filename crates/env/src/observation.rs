//! What an agent sees after a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::feedback::Feedback;
use crate::grade::Grade;

/// Whether the action did what it was meant to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActionStatus {
    /// It did.
    Success,
    /// It did not; the feedback says why.
    Failed,
}

/// What an agent sees after a step, or after a reset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Steps taken in this episode.
    pub step: u64,
    /// What became of the action; `SUCCESS` after a reset.
    pub action_status: ActionStatus,
    /// What each provider says, by the provider's name; `base` is always there.
    pub feedback: BTreeMap<String, Feedback>,
    /// Grade of the latest graded submission.
    pub current: Option<Grade>,
    /// Grade of the best submission of the episode, by raw score.
    pub best: Option<Grade>,
    /// Steps left before the episode is truncated; `None` without a limit.
    pub steps_left: Option<u64>,
    /// Seconds left before the episode is truncated; `None` without a limit.
    pub seconds_left: Option<f64>,
    /// The episode so far in one short line.
    pub history: String,
}

impl Observation {
    /// The whole observation as text for a language model: the feedbacks, then scores and budgets.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, feedback) in &self.feedback {
            if name != "base" {
                text.push_str(&format!("[{name}] "));
            }
            text.push_str(feedback.text.trim_end());
            text.push_str("\n\n");
        }
        text.push_str(&self.history);
        text
    }
}
