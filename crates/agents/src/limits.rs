//! What an agent's thinking may take, and what it took.

use serde::{Deserialize, Serialize};

use crate::llm::{ChatReply, Usage};

/// Limits on an agent's calls of models. Reaching one ends the episode as truncated; its score counts. They are looked at
/// before each step, so the calls of one step may pass them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlayLimits {
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// Seconds of the episode without waiting on rate limits and back-off.
    pub working_seconds: Option<f64>,
}

/// A limit that ended an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// [`PlayLimits::tokens`].
    Tokens,
    /// [`PlayLimits::cost_usd`].
    Cost,
    /// [`PlayLimits::working_seconds`].
    WorkingTime,
    /// The agent's limit on the length of one conversation.
    PromptTokens,
}

impl Limit {
    /// Its name, as files have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::WorkingTime => "working_time",
            Self::PromptTokens => "prompt_tokens",
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl PlayLimits {
    /// The limit that is reached, if one is. `elapsed`: seconds of the episode. `Err`: the cost is limited and unknown.
    pub(crate) fn reached(&self, usage: &ModelUse, elapsed: f64) -> Result<Option<Limit>, ()> {
        if self.tokens.is_some_and(|most| usage.tokens.total() >= most) {
            return Ok(Some(Limit::Tokens));
        }
        if let Some(most) = self.cost_usd
            && usage.cost_usd.ok_or(())? >= most
        {
            return Ok(Some(Limit::Cost));
        }
        let working = elapsed - usage.waited_seconds;
        Ok(self.working_seconds.is_some_and(|most| working >= most).then_some(Limit::WorkingTime))
    }
}

/// What calls of models used, added up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ModelUse {
    /// Calls that were answered.
    pub calls: u64,
    /// Tokens.
    pub tokens: Usage,
    /// US dollars; `None` once a call's cost is unknown.
    pub cost_usd: Option<f64>,
    /// Seconds until answers came.
    pub latency_seconds: f64,
    /// Seconds before that, in queues, rate limits and back-off.
    pub waited_seconds: f64,
}

impl Default for ModelUse {
    /// Nothing, at no cost.
    fn default() -> Self {
        Self { calls: 0, tokens: Usage::default(), cost_usd: Some(0.0), latency_seconds: 0.0, waited_seconds: 0.0 }
    }
}

impl ModelUse {
    /// Adds a reply.
    pub(crate) fn add(&mut self, reply: &ChatReply) {
        self.calls += 1;
        self.tokens += reply.usage;
        self.cost_usd = self.cost_usd.zip(reply.cost_usd).map(|(sum, cost)| sum + cost);
        self.latency_seconds += reply.latency.as_secs_f64();
        self.waited_seconds += reply.waited.as_secs_f64();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_is_reached_is_named() {
        let usage = ModelUse {
            calls: 2,
            tokens: Usage { input_tokens: 90, output_tokens: 10, ..Usage::default() },
            cost_usd: Some(0.5),
            latency_seconds: 3.0,
            waited_seconds: 40.0,
        };
        let none = PlayLimits::default();
        let reached = |limits: PlayLimits| limits.reached(&usage, 100.0);
        assert_eq!(reached(none), Ok(None));
        assert_eq!(reached(PlayLimits { tokens: Some(100), ..none }), Ok(Some(Limit::Tokens)));
        assert_eq!(reached(PlayLimits { tokens: Some(101), ..none }), Ok(None));
        assert_eq!(reached(PlayLimits { cost_usd: Some(0.5), ..none }), Ok(Some(Limit::Cost)));
        assert_eq!(reached(PlayLimits { working_seconds: Some(60.0), ..none }), Ok(Some(Limit::WorkingTime)));
        assert_eq!(reached(PlayLimits { working_seconds: Some(61.0), ..none }), Ok(None));
        let unknown = ModelUse { cost_usd: None, ..usage };
        assert_eq!(PlayLimits { cost_usd: Some(9.0), ..none }.reached(&unknown, 0.0), Err(()));
    }
}
