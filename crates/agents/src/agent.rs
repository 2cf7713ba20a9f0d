//! What an agent is.

use mledojo_env::{Call, Observation};

/// Something that plays: it sees an observation and answers with a call.
pub trait Agent: Send {
    /// Its name, as [`AgentSpec`](crate::AgentSpec) reads it.
    fn name(&self) -> &str;

    /// Chooses the next call from the latest observation; the first is that of `reset`. `None`: nothing more to do.
    ///
    /// # Errors
    /// A fault of the agent's own, such as a malformed script. What the environment dislikes in a call is no error
    /// but the next observation.
    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError>;

    /// Rebuilds the agent's memory when an episode is resumed: it saw `observation` and chose `call` then.
    ///
    /// # Errors
    /// The agent would not have chosen that call, so the episode is not one of this agent's.
    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError>;
}

/// Why an agent cannot be made or cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// No agent has this name.
    #[error("unknown agent `{0}`; expected `baseline`, `script:FILE`, or `script:-` for standard input")]
    Unknown(String),
    /// A script cannot be opened or read.
    #[error("cannot read the script `{file}`, line {line}: {source}")]
    Read {
        /// The file; `standard input` for `-`.
        file: String,
        /// The line that was to be read, from 1.
        line: usize,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line of a script is no call.
    #[error(
        "`{file}`, line {line}: {problem}; expected one call a line, \
         such as {{\"action\": \"request_info\", \"params\": {{\"info_type\": \"overview\"}}}}"
    )]
    Line {
        /// The file; `standard input` for `-`.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// On resume, the episode holds another call than the agent's.
    #[error("the episode can't go on with agent `{agent}`: after step {step} it called {found}, not {expected}")]
    Diverged {
        /// The agent.
        agent: String,
        /// Steps taken before the call.
        step: u64,
        /// The call that the agent would have made, in short.
        expected: String,
        /// The call in the episode, in short.
        found: String,
    },
}

/// A call in a few words, for messages.
pub(crate) fn brief(call: Option<&Call>) -> String {
    let Some(call) = call else { return "nothing".to_owned() };
    let detail = ["info_type", "code"].iter().find_map(|key| call.params.get(*key)?.as_str()?.lines().next());
    match detail {
        Some(detail) => format!("`{}` ({})", call.action, detail.chars().take(60).collect::<String>()),
        None => format!("`{}`", call.action),
    }
}
