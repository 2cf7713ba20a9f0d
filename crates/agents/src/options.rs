//! How an agent plays, beside its name.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::AgentError;
use crate::llm::Effort;

/// Options of agents, the same on a command line, in an experiment's file and in code. An agent passes over those that
/// are not its business.
///
/// ```
/// use mledojo_agents::{AgentOptions, HistoryPolicy};
///
/// let options: AgentOptions = serde_json::from_str(r#"{"model": "openai/gpt-4o-mini", "history": 3}"#)?;
/// assert_eq!(options.history, HistoryPolicy::Last(3));
/// assert_eq!(options.max_prompt_tokens, 50_000);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentOptions {
    /// The model, `provider/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Sampling temperature; `None`: the agent's own, 0 for `mle` and `tools`, 0.5 for `aide`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling; `None`: the provider's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    pub max_tokens: u64,
    /// Most tokens of a conversation, estimated; `mle` and `tools` end the episode there.
    pub max_prompt_tokens: u64,
    /// How much a reasoning model should think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<Effort>,
    /// Most tokens of thinking, where the provider counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_budget: Option<u64>,
    /// Asks for log probabilities of the replies' tokens, and of so many alternatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u8>,
    /// What of the conversation is shown again (`mle`, `tools`).
    pub history: HistoryPolicy,
    /// How often in a row a reply without a usable action is mended.
    pub repairs: u32,
    /// A folder of prompt templates that stand in for ours, named as `mledojo agents show` names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<PathBuf>,
    /// Drafts before the search improves anything (`aide`).
    pub drafts: usize,
    /// How likely the greedy search mends a failed solution, if there is one, before it improves the best (`aide`).
    pub debug_probability: f64,
    /// A failed solution is mended if at most so many repairs in a row led to it (`aide`).
    pub max_debug_depth: usize,
    /// Children of a node before the search goes deeper (`aide:mcts`).
    pub children: usize,
    /// Weight of exploration (`aide:mcts`).
    pub exploration: f64,
    /// Solutions of a generation (`aide:evolution`).
    pub individuals: usize,
    /// How likely two solutions are joined, once there are two generations (`aide:evolution`).
    pub crossover: f64,
    /// Seconds that another program may take for one answer (`process`).
    pub timeout_seconds: f64,
}

impl Default for AgentOptions {
    /// MLE-Dojo's protocol: 8,192 tokens a reply, 50,000 a prompt, the whole history, 3 repairs; AIDE's search: 5
    /// drafts, repairs half of the time, at most 3 in a row.
    fn default() -> Self {
        Self {
            model: None,
            temperature: None,
            top_p: None,
            max_tokens: 8192,
            max_prompt_tokens: 50_000,
            reasoning_effort: None,
            thinking_budget: None,
            logprobs: None,
            history: HistoryPolicy::All,
            repairs: 3,
            prompts: None,
            drafts: 5,
            debug_probability: 0.5,
            max_debug_depth: 3,
            children: 5,
            exploration: 0.25,
            individuals: 5,
            crossover: 0.5,
            timeout_seconds: 3600.0,
        }
    }
}

impl AgentOptions {
    /// Whether all values are within their ranges.
    ///
    /// # Errors
    /// The first one that is not, with what is expected.
    pub fn check(&self) -> Result<(), AgentError> {
        let wrong = |name, found: String, expected: &str| {
            Err(AgentError::Option { name, problem: format!("it is {found}; expected {expected}") })
        };
        let within = |value: f64, most: f64| value >= 0.0 && value <= most;
        if let Some(value) = self.temperature.filter(|value| !within(*value, 2.0)) {
            return wrong("temperature", value.to_string(), "a number from 0 to 2");
        }
        if let Some(value) = self.top_p.filter(|value| !within(*value, 1.0)) {
            return wrong("top_p", value.to_string(), "a number from 0 to 1");
        }
        for (name, value) in [("debug_probability", self.debug_probability), ("crossover", self.crossover)] {
            if !within(value, 1.0) {
                return wrong(name, value.to_string(), "a number from 0 to 1");
            }
        }
        if !within(self.exploration, 1e6) {
            return wrong("exploration", self.exploration.to_string(), "a number of at least 0");
        }
        if !(within(self.timeout_seconds, 1e9) && self.timeout_seconds > 0.0) {
            return wrong("timeout_seconds", self.timeout_seconds.to_string(), "a time above 0");
        }
        let counts = [
            ("max_tokens", self.max_tokens),
            ("max_prompt_tokens", self.max_prompt_tokens),
            ("drafts", self.drafts as u64),
            ("children", self.children as u64),
            ("individuals", self.individuals as u64),
        ];
        match counts.into_iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => wrong(name, "0".to_owned(), "at least 1"),
            None => Ok(()),
        }
    }
}

/// What of a conversation is shown to the model again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HistoryPolicy {
    /// All of it.
    #[default]
    All,
    /// The beginning and the first answer, and the last so many exchanges.
    Last(usize),
}

impl HistoryPolicy {
    /// Which of `exchanges` are shown: the first one and the last ones.
    pub(crate) fn shown(self, exchanges: usize) -> impl Iterator<Item = usize> {
        let from = match self {
            Self::All => 0,
            Self::Last(last) => exchanges.saturating_sub(last),
        };
        (0..exchanges).filter(move |index| *index == 0 || *index >= from)
    }
}

impl std::str::FromStr for HistoryPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            number => number.parse().map(Self::Last).map_err(|_| format!("`{text}`; expected `all` or a number")),
        }
    }
}

impl Serialize for HistoryPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Last(last) => serializer.serialize_u64(*last as u64),
        }
    }
}

impl<'de> Deserialize<'de> for HistoryPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(usize),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(last) => Ok(Self::Last(last)),
            Form::Word(word) => word.parse().map_err(de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_first_exchange_and_the_last_ones() {
        let shown = |policy: HistoryPolicy, exchanges| policy.shown(exchanges).collect::<Vec<_>>();
        assert_eq!(shown(HistoryPolicy::All, 4), [0, 1, 2, 3]);
        assert_eq!(shown(HistoryPolicy::Last(2), 5), [0, 3, 4]);
        assert_eq!(shown(HistoryPolicy::Last(2), 2), [0, 1]);
        assert_eq!(shown(HistoryPolicy::Last(0), 3), [0]);
        assert_eq!(shown(HistoryPolicy::Last(2), 0), [0; 0]);
    }

    #[test]
    fn options_out_of_range_are_named() {
        let check = |json: &str| {
            let options: AgentOptions = serde_json::from_str(json).map_err(|error| error.to_string())?;
            options.check().map_err(|error| error.to_string())
        };
        assert_eq!(check("{}"), Ok(()));
        assert!(
            check(r#"{"temperature": 3}"#).unwrap_err().contains("`temperature`: it is 3; expected a number from 0")
        );
        assert!(check(r#"{"drafts": 0}"#).unwrap_err().contains("`drafts`: it is 0; expected at least 1"));
        assert!(check(r#"{"history": "some"}"#).unwrap_err().contains("expected `all` or a number"));
        assert!(check(r#"{"tempreature": 1}"#).unwrap_err().contains("unknown field `tempreature`"));
    }

    #[test]
    fn options_survive_their_file() {
        let options = AgentOptions { history: HistoryPolicy::Last(4), top_p: Some(0.5), ..AgentOptions::default() };
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<AgentOptions>(&json).unwrap(), options);
    }
}
