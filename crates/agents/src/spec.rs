//! Agents by name.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::agent::{Agent, AgentError};
use crate::baseline::Baseline;
use crate::desk::Desk;
use crate::human::Human;
use crate::llm::ChatModel;
use crate::mle::Mle;
use crate::options::AgentOptions;
use crate::process::Process;
use crate::replay::Replay;
use crate::scaffold::{ModelAgent, Scaffold};
use crate::script::Script;
use crate::tools::Tools;
use crate::tree::{Aide, SearchPolicy};

/// Which agent plays, as it is written on a command line.
///
/// ```
/// use mledojo_agents::AgentSpec;
///
/// let spec: AgentSpec = "script:moves.jsonl".parse()?;
/// assert_eq!(spec, AgentSpec::Script("moves.jsonl".into()));
/// assert_eq!(spec.to_string(), "script:moves.jsonl");
/// assert!("aide:mcts".parse::<AgentSpec>()?.asks_model());
/// assert!("oracle".parse::<AgentSpec>().is_err());
/// # Ok::<(), mledojo_agents::AgentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentSpec {
    /// `baseline`: the built-in agent without a language model.
    Baseline,
    /// `mle`: a chat, one action in JSON a reply.
    Mle,
    /// `tools`: a chat, actions as tool calls.
    Tools,
    /// `aide`, `aide:mcts`, `aide:evolution`: a search over whole solutions.
    Aide(SearchPolicy),
    /// `script:FILE`: plays the calls of a JSONL file.
    Script(PathBuf),
    /// `script:-`: plays calls from standard input, one a line, as they come.
    Stdin,
    /// `replay:EPISODE`: plays the calls of an episode again.
    Replay(PathBuf),
    /// `human`: a person at the terminal.
    Human,
    /// `process:COMMAND`: another program, by JSON lines.
    Process(String),
}

impl AgentSpec {
    /// The names, each with what it is.
    pub const NAMES: [(&'static str, &'static str); 10] = [
        ("baseline", "plain machine learning, no language model"),
        ("mle", "a chat with a model, one action in JSON a reply"),
        ("tools", "a chat with a model, actions as tool calls"),
        ("aide", "a tree search over whole solutions: drafts, then the best is improved"),
        ("aide:mcts", "the same, by Monte Carlo tree search"),
        ("aide:evolution", "the same, by generations with crossover"),
        ("script:FILE", "the calls of a file, one a line; `-` is standard input"),
        ("replay:EPISODE", "the calls of an episode again"),
        ("human", "a person at the terminal"),
        ("process:COMMAND", "another program, by JSON lines"),
    ];

    /// Whether it asks a language model.
    #[must_use]
    pub fn asks_model(&self) -> bool {
        matches!(self, Self::Mle | Self::Tools | Self::Aide(_))
    }

    /// Whether it reads this process's standard input, so that only one can play at a time.
    #[must_use]
    pub fn reads_stdin(&self) -> bool {
        matches!(self, Self::Stdin | Self::Human)
    }

    /// The same with paths that lead there from any folder.
    ///
    /// # Errors
    /// A current folder that there is not any more.
    pub fn absolute(&self) -> std::io::Result<Self> {
        Ok(match self {
            Self::Script(file) => Self::Script(std::path::absolute(file)?),
            Self::Replay(directory) => Self::Replay(std::path::absolute(directory)?),
            other => other.clone(),
        })
    }

    /// Makes an agent that asks no model, with the usual options. `seed` decides whatever it leaves to chance.
    ///
    /// # Errors
    /// As [`build_with`](Self::build_with).
    pub fn build(&self, seed: u64) -> Result<Box<dyn Agent>, AgentError> {
        self.build_with(seed, &AgentOptions::default(), None)
    }

    /// Makes the agent. `model` is what it asks, if it [does](Self::asks_model); the name in the options is for those who
    /// make the model.
    ///
    /// # Errors
    /// No model, options out of range, a prompt that is no template, or a file that cannot be opened.
    pub fn build_with(
        &self,
        seed: u64,
        options: &AgentOptions,
        model: Option<Arc<dyn ChatModel>>,
    ) -> Result<Box<dyn Agent>, AgentError> {
        options.check()?;
        let desk = |temperature: f64| {
            let model = model.clone().ok_or_else(|| AgentError::NoModel(self.to_string()))?;
            Ok::<_, AgentError>(Desk::new(model, options, temperature, seed))
        };
        fn seated<S: Scaffold + 'static>(scaffold: S, desk: Desk) -> Box<dyn Agent> {
            Box::new(ModelAgent::new(scaffold, desk))
        }
        Ok(match self {
            Self::Baseline => Box::new(Baseline::new(seed)),
            Self::Mle => seated(Mle::new(options)?, desk(Mle::TEMPERATURE)?),
            Self::Tools => seated(Tools::new(options)?, desk(Tools::TEMPERATURE)?),
            Self::Aide(search) => {
                seated(Aide::new(*search, options, seed, self.to_string())?, desk(Aide::TEMPERATURE)?)
            }
            Self::Script(file) => Box::new(Script::open(file, self.to_string())?),
            Self::Stdin => Box::new(Script::stdin(self.to_string())),
            Self::Replay(directory) => Box::new(Replay::open(directory, self.to_string())?),
            Self::Human => Box::new(Human::terminal()),
            Self::Process(command) => Box::new(Process::new(command, options, seed, self.to_string())),
        })
    }
}

impl FromStr for AgentSpec {
    type Err = AgentError;

    fn from_str(text: &str) -> Result<Self, AgentError> {
        let unknown = || AgentError::Unknown(text.to_owned());
        Ok(match text.split_once(':') {
            None => match text {
                "baseline" => Self::Baseline,
                "mle" => Self::Mle,
                "tools" => Self::Tools,
                "aide" => Self::Aide(SearchPolicy::Greedy),
                "human" => Self::Human,
                _ => return Err(unknown()),
            },
            Some(("aide", policy)) => {
                Self::Aide(SearchPolicy::ALL.into_iter().find(|one| one.name() == policy).ok_or_else(unknown)?)
            }
            Some((_, "")) => return Err(unknown()),
            Some(("script", "-")) => Self::Stdin,
            Some(("script", file)) => Self::Script(file.into()),
            Some(("replay", directory)) => Self::Replay(directory.into()),
            Some(("process", command)) => Self::Process(command.to_owned()),
            Some(_) => return Err(unknown()),
        })
    }
}

impl std::fmt::Display for AgentSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Baseline => f.write_str("baseline"),
            Self::Mle => f.write_str("mle"),
            Self::Tools => f.write_str("tools"),
            Self::Aide(SearchPolicy::Greedy) => f.write_str("aide"),
            Self::Aide(policy) => write!(f, "aide:{}", policy.name()),
            Self::Script(file) => write!(f, "script:{}", file.display()),
            Self::Stdin => f.write_str("script:-"),
            Self::Replay(directory) => write!(f, "replay:{}", directory.display()),
            Self::Human => f.write_str("human"),
            Self::Process(command) => write!(f, "process:{command}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_and_written() {
        for (name, _) in AgentSpec::NAMES {
            assert_eq!(name.parse::<AgentSpec>().unwrap().to_string(), name);
        }
        for name in ["", "aide:random", "script:", "process:", "baseline:x", "oracle"] {
            let error = name.parse::<AgentSpec>().unwrap_err().to_string();
            assert!(error.contains("expected `baseline`, `mle`"), "{name}: {error}");
        }
        assert_eq!("aide:greedy".parse::<AgentSpec>().unwrap().to_string(), "aide");
    }

    #[test]
    fn an_agent_that_asks_a_model_needs_one() {
        let error = AgentSpec::Mle.build(0).err().unwrap().to_string();
        assert_eq!(error, "agent `mle` asks a model; name one, such as `--model openai/gpt-4o-mini`");
    }
}
