//! Models by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::llm::error::LlmError;
use crate::llm::provider::{PROVIDERS, Provider};

/// Which model: `provider/model`, or `provider/model@URL` for another server that speaks the provider's API.
///
/// ```
/// use mledojo_agents::llm::ModelSpec;
///
/// let spec: ModelSpec = "local/qwen@http://127.0.0.1:8000/v1".parse()?;
/// assert_eq!((spec.provider(), spec.model()), ("local", "qwen"));
/// assert_eq!(spec.to_string(), "local/qwen@http://127.0.0.1:8000/v1");
/// assert!("gpt-4o".parse::<ModelSpec>().is_err());
/// # Ok::<(), mledojo_agents::llm::LlmError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelSpec {
    provider: &'static Provider,
    model: String,
    url: Option<String>,
}

impl ModelSpec {
    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        self.provider.name
    }

    /// The model's name at the provider.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The server, if it is named.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    pub(crate) fn about_provider(&self) -> &'static Provider {
        self.provider
    }
}

impl FromStr for ModelSpec {
    type Err = LlmError;

    fn from_str(text: &str) -> Result<Self, LlmError> {
        let wrong = |message: String| LlmError::Model { name: text.to_owned(), message };
        let (name, url) = match ["@http://", "@https://"].iter().find_map(|start| text.find(start)) {
            Some(at) => (&text[..at], Some(text[at + 1..].trim_end_matches('/').to_owned())),
            None => (text, None),
        };
        let known = || PROVIDERS.iter().map(|provider| provider.name).collect::<Vec<_>>().join(", ");
        let Some((provider, model)) = name.split_once('/') else {
            return Err(wrong(format!("expected `provider/model`, with a provider of {}", known())));
        };
        let Some(provider) = PROVIDERS.iter().find(|known| known.name == provider) else {
            return Err(wrong(format!("unknown provider `{provider}`; the providers are {}", known())));
        };
        if model.is_empty() || model.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(wrong("the model's name is empty or has blanks".to_owned()));
        }
        Ok(Self { provider, model: model.to_owned(), url })
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider.name, self.model)?;
        match &self.url {
            Some(url) => write!(f, "@{url}"),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for ModelSpec {
    type Error = LlmError;

    fn try_from(text: String) -> Result<Self, LlmError> {
        text.parse()
    }
}

impl From<ModelSpec> for String {
    fn from(spec: ModelSpec) -> Self {
        spec.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_slashes_and_colons_are_names() {
        for text in
            ["openrouter/anthropic/claude-sonnet-4", "ollama/qwen3:8b", "vllm/Qwen/Qwen3@https://gpu.lan:8000/v1"]
        {
            let spec: ModelSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), text);
        }
        assert_eq!("vllm/Qwen/Qwen3".parse::<ModelSpec>().unwrap().model(), "Qwen/Qwen3");
    }

    #[test]
    fn what_is_no_model_is_explained() {
        for (text, expected) in [
            ("gpt-4o", "expected `provider/model`"),
            ("openia/gpt-4o", "unknown provider `openia`; the providers are openai, "),
            ("openai/", "empty"),
            ("openai/gpt 4o", "blanks"),
        ] {
            let error = text.parse::<ModelSpec>().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
