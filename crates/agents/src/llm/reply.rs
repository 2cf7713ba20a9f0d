//! What a model answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::llm::message::AssistantMessage;

/// A model's reply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatReply {
    /// What it said and called.
    pub message: AssistantMessage,
    /// Why it ended.
    pub finish: FinishReason,
    /// Tokens read and written.
    pub usage: Usage,
    /// What the call cost, in US dollars; `None` where no price is known, or no usage was told.
    pub cost_usd: Option<f64>,
    /// Log probabilities of the tokens of the text, if asked for and given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<TokenLogprob>>,
    /// The model that answered, as the provider names it; may be a version of the one asked.
    #[serde(default)]
    pub model: String,
    /// What of the request this API or model doesn't take, and was left out: `seed`, `temperature`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// How long the answer took, once asked.
    #[serde(default)]
    pub latency: Duration,
    /// Time before that, in queues, rate limits, failed attempts and the pauses between: not the agent's working time.
    #[serde(default)]
    pub waited: Duration,
    /// Attempts that were made, this one included.
    #[serde(default)]
    pub attempts: u32,
    /// The reply is from a record: nobody was asked, and nothing was paid.
    #[serde(default)]
    pub replayed: bool,
}

/// Why a reply ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model was done.
    #[default]
    Stop,
    /// It wants tools to be called.
    ToolCalls,
    /// It reached the most tokens; the text, or a call's arguments, may be cut.
    Length,
    /// The provider withheld it.
    ContentFilter,
    /// Another reason, or none given.
    Other,
}

/// Tokens of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read, those of the cache included.
    pub input_tokens: u64,
    /// Tokens written, those of reasoning included.
    pub output_tokens: u64,
    /// Tokens read from the provider's cache of prompts.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Tokens written to it, where that is paid for.
    #[serde(default)]
    pub cache_write_tokens: u64,
    /// Tokens of reasoning.
    #[serde(default)]
    pub reasoning_tokens: u64,
    /// The provider told nothing: these are a quarter of the bytes.
    #[serde(default)]
    pub estimated: bool,
}

impl Usage {
    /// Tokens read and written.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cached_tokens += other.cached_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
        self.estimated |= other.estimated;
    }
}

/// The log probability of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text.
    pub token: String,
    /// Its log probability, natural.
    pub logprob: f64,
    /// The likeliest tokens in its place, likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<(String, f64)>,
}
