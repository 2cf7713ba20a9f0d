//! A language model that reviews steps.

use std::sync::Arc;

use mledojo_env::{EnvError, Episode, Feedback, FeedbackContext, FeedbackProvider};
use mledojo_sandbox::Cancel;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::account;
use crate::llm::{ChatModel, ChatRequest, LlmError, Message, Usage};

/// What the reviewer is told of its task.
const INSTRUCTIONS: &str = include_str!("review.txt");

/// Most bytes of a review that is passed on.
const MOST: usize = 8 << 10;

/// What reviews of an episode may take. A call that has begun is not ended, so the cost may pass its limit by one call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewBudget {
    /// Calls of the model, the failed ones included.
    pub calls: u64,
    /// US dollars. It cannot be held with a model whose price is unknown: there is one review then, and no more.
    pub usd: Option<f64>,
}

impl Default for ReviewBudget {
    /// 100 calls.
    fn default() -> Self {
        Self { calls: 100, usd: None }
    }
}

/// Feedback by a language model on each step in which code was to run. What it says is the feedback; when it fails, or its
/// budget is used up, the feedback says that.
pub struct LlmFeedback {
    model: Arc<dyn ChatModel>,
    budget: ReviewBudget,
    cancel: Cancel,
    calls: u64,
    usd: f64,
    /// A call's price was unknown.
    unpriced: bool,
}

impl LlmFeedback {
    /// A reviewer.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, budget: ReviewBudget) -> Self {
        Self { model, budget, cancel: Cancel::default(), calls: 0, usd: 0.0, unpriced: false }
    }

    /// Ends a call in progress when this is used, as [`Environment::canceller`](mledojo_env::Environment::canceller).
    #[must_use]
    pub fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Charges what the reviews of an episode that goes on have taken by now; `name` is the provider's there.
    ///
    /// # Errors
    /// An unreadable episode.
    pub fn charge(&mut self, episode: &Episode, name: &str) -> Result<(), EnvError> {
        for record in episode.steps()? {
            let record = record?;
            let data = record.observation.feedback.get(name).map(|feedback| &feedback.data);
            if data.is_some_and(|data| data["calls"] == 1) {
                self.spend(data.and_then(|data| data["cost_usd"].as_f64()));
            }
        }
        Ok(())
    }

    fn spend(&mut self, cost: Option<f64>) {
        self.calls += 1;
        self.usd += cost.unwrap_or(0.0);
        self.unpriced |= cost.is_none();
    }

    /// Why there are no more reviews.
    fn used_up(&self) -> Option<String> {
        let Some(usd) = self.budget.usd else {
            return (self.calls >= self.budget.calls).then(|| self.calls_used_up());
        };
        if self.calls >= self.budget.calls {
            Some(self.calls_used_up())
        } else if self.usd >= usd {
            Some(format!("their budget of {usd} USD is used up"))
        } else if self.unpriced {
            Some(format!("the price of `{}` is unknown, so a budget in USD cannot be held", self.model.id()))
        } else {
            None
        }
    }

    fn calls_used_up(&self) -> String {
        format!("their budget of {} calls is used up", self.budget.calls)
    }

    fn none(&self, reason: &str, error: Option<&str>, calls: u64) -> Feedback {
        let data = json!({ "model": self.model.id(), "calls": calls, "error": error });
        Feedback { text: format!("No review of this step: {reason}."), data }
    }
}

impl FeedbackProvider for LlmFeedback {
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
        let Some(account) = account(context) else { return Feedback { text: String::new(), data: Value::Null } };
        if let Some(reason) = self.used_up() {
            return self.none(&format!("{reason} ({} calls so far)", self.calls), Some("budget"), 0);
        }
        let request = ChatRequest {
            cancel: self.cancel.clone(),
            sample: Some(format!("review-{}", self.calls + 1)),
            ..ChatRequest::new(vec![Message::system(INSTRUCTIONS.trim_end()), Message::user(account)])
        };
        let reply = match self.model.complete(&request) {
            Ok(reply) => reply,
            Err(LlmError::Cancelled) => return self.none("it was cancelled", Some("cancelled"), 0),
            Err(error) => {
                log::warn!("no review: {error}");
                self.calls += 1;
                let reason = format!("the reviewing model failed ({})", error.kind().replace('_', " "));
                return self.none(&reason, Some(error.kind()), 1);
            }
        };
        self.spend(reply.cost_usd);
        let text = reply.message.content.trim();
        if text.is_empty() {
            return self.reviewed(
                "No review of this step: the reviewing model said nothing.",
                reply.usage,
                reply.cost_usd,
            );
        }
        let end = text.floor_char_boundary(MOST);
        self.reviewed(&text[..end], reply.usage, reply.cost_usd)
    }
}

impl LlmFeedback {
    fn reviewed(&self, text: &str, usage: Usage, cost_usd: Option<f64>) -> Feedback {
        let data = json!({ "model": self.model.id(), "calls": 1, "cost_usd": cost_usd, "usage": usage });
        Feedback { text: text.to_owned(), data }
    }
}
