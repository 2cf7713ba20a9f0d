//! Agents by name.

use std::path::PathBuf;
use std::str::FromStr;

use crate::agent::{Agent, AgentError};
use crate::baseline::Baseline;
use crate::script::Script;

/// Which agent plays. Written `baseline`, `script:FILE` or `script:-`.
///
/// ```
/// use mledojo_agents::AgentSpec;
///
/// let spec: AgentSpec = "script:moves.jsonl".parse()?;
/// assert_eq!(spec, AgentSpec::Script("moves.jsonl".into()));
/// assert_eq!(spec.to_string(), "script:moves.jsonl");
/// assert!("oracle".parse::<AgentSpec>().is_err());
/// # Ok::<(), mledojo_agents::AgentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentSpec {
    /// The built-in agent: no language model, plain machine learning.
    Baseline,
    /// Plays the calls of a JSONL file.
    Script(PathBuf),
    /// Plays calls from standard input, one a line, as they come.
    Stdin,
}

impl AgentSpec {
    /// Makes the agent. `seed` decides whatever it leaves to chance.
    ///
    /// # Errors
    /// A script that cannot be opened.
    pub fn build(&self, seed: u64) -> Result<Box<dyn Agent>, AgentError> {
        Ok(match self {
            Self::Baseline => Box::new(Baseline::new(seed)),
            Self::Script(file) => Box::new(Script::open(file, self.to_string())?),
            Self::Stdin => Box::new(Script::stdin(self.to_string())),
        })
    }
}

impl FromStr for AgentSpec {
    type Err = AgentError;

    fn from_str(text: &str) -> Result<Self, AgentError> {
        match text.split_once(':') {
            None if text == "baseline" => Ok(Self::Baseline),
            Some(("script", "-")) => Ok(Self::Stdin),
            Some(("script", file)) if !file.is_empty() => Ok(Self::Script(file.into())),
            _ => Err(AgentError::Unknown(text.to_owned())),
        }
    }
}

impl std::fmt::Display for AgentSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Baseline => f.write_str("baseline"),
            Self::Script(file) => write!(f, "script:{}", file.display()),
            Self::Stdin => f.write_str("script:-"),
        }
    }
}
