//! What a model is asked.

use mledojo_sandbox::Cancel;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::llm::message::Message;

/// A conversation to be answered, and how. What is `None` is left to the provider.
///
/// ```
/// use mledojo_agents::llm::{ChatRequest, Message};
///
/// let request = ChatRequest { seed: Some(7), ..ChatRequest::new(vec![Message::user("Hello")]) };
/// assert_eq!(request.messages.len(), 1);
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatRequest {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Whether it may, must or must not.
    #[serde(skip_serializing_if = "ToolChoice::is_auto")]
    pub tool_choice: ToolChoice,
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Most tokens of the reply, its reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Seed of the sampling, where the provider has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How much a reasoning model should think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<Effort>,
    /// Most tokens of thinking, where the provider counts them instead of naming an effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_budget: Option<u64>,
    /// Texts that end the reply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Asks for log probabilities of the reply's tokens, and of so many alternatives of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u8>,
    /// Tells equal requests of one run apart in a record of replies, such as `seed-3/call-12`. Not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// Ends the call from another thread.
    #[serde(skip)]
    pub cancel: Cancel,
}

impl ChatRequest {
    /// A conversation, with everything else left to the provider.
    #[must_use]
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// Tokens that the model reads, roughly: a quarter of the bytes.
    #[must_use]
    pub fn estimated_tokens(&self) -> u64 {
        let tools: usize =
            self.tools.iter().map(|tool| tool.description.len() + tool.parameters.to_string().len()).sum();
        let messages: usize = self.messages.iter().map(Message::bytes).sum();
        (tools + messages) as u64 / 4 + 4 * self.messages.len() as u64
    }
}

/// A tool, as a function with parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Its parameters: a JSON schema of an object.
    pub parameters: Value,
}

/// Whether a model calls tools.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// It doesn't.
    None,
    /// It must call one.
    Required,
    /// It must call the one of this name.
    Named(String),
}

impl ToolChoice {
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

/// How much a reasoning model should think before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// As little as it can.
    Minimal,
    /// A little.
    Low,
    /// The usual.
    Medium,
    /// Much.
    High,
}

impl Effort {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Tokens of thinking, for APIs that count them.
    pub(crate) fn budget(self) -> u64 {
        match self {
            Self::Minimal => 1_024,
            Self::Low => 4_096,
            Self::Medium => 12_288,
            Self::High => 24_576,
        }
    }
}
