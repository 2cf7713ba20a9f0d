//! Feedback providers by name.

use std::fmt;
use std::str::FromStr;

use crate::llm::{LlmError, ModelSpec};

/// Who comments on steps, beside the environment. Written `llm:MODEL` or `human`.
///
/// ```
/// use mledojo_agents::feedback::FeedbackSpec;
///
/// let spec: FeedbackSpec = "llm:openai/gpt-4o-mini".parse()?;
/// assert_eq!((spec.name(), spec.to_string().as_str()), ("llm", "llm:openai/gpt-4o-mini"));
/// # Ok::<(), mledojo_agents::llm::LlmError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedbackSpec {
    /// A language model.
    Llm(ModelSpec),
    /// A person.
    Human,
}

impl FeedbackSpec {
    /// The name that it goes by in observations.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Llm(_) => "llm",
            Self::Human => "human",
        }
    }
}

impl FromStr for FeedbackSpec {
    type Err = LlmError;

    fn from_str(text: &str) -> Result<Self, LlmError> {
        match text.split_once(':') {
            None if text == "human" => Ok(Self::Human),
            Some(("llm", model)) => Ok(Self::Llm(model.parse()?)),
            _ => Err(LlmError::Setting {
                what: format!("feedback `{text}`"),
                message: "expected `human` or `llm:provider/model`; `base` is always there".to_owned(),
            }),
        }
    }
}

impl fmt::Display for FeedbackSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Llm(model) => write!(f, "llm:{model}"),
            Self::Human => f.write_str("human"),
        }
    }
}
