//! Why an agent cannot be made or cannot go on.

use std::path::{Path, PathBuf};

use crate::limits::Limit;
use crate::llm::LlmError;

/// Why an agent cannot be made or cannot go on. [`is_infrastructure`](Self::is_infrastructure) tells what says nothing of
/// the agent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// No agent has this name.
    #[error(
        "unknown agent `{0}`; expected `baseline`, `mle`, `tools`, `aide`, `aide:mcts`, `aide:evolution`, `human`, \
         `script:FILE`, `script:-` for standard input, `replay:EPISODE`, or `process:COMMAND`"
    )]
    Unknown(String),
    /// An agent that asks a model has none.
    #[error("agent `{0}` asks a model; name one, such as `--model openai/gpt-4o-mini`")]
    NoModel(String),
    /// An option that an agent can't be made with.
    #[error("option `{name}`: {problem}")]
    Option {
        /// The option.
        name: &'static str,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// A prompt that is no template, or misses what it is rendered with.
    #[error("prompt `{name}`: {problem}")]
    Prompt {
        /// The prompt, or its file.
        name: String,
        /// What is wrong.
        problem: String,
    },
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
    /// A file of the agent's cannot be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line of a transcript or journal is not what this program wrote.
    #[error("`{}`, line {line}: {problem}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The episode that is to be replayed cannot be read.
    #[error("the episode to replay: {0}")]
    Episode(#[from] mledojo_env::EnvError),
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
    /// On resume, the transcript holds another conversation than the agent's.
    #[error(
        "the episode can't go on: call {index} of its transcript (step {step}, {purpose}) is not what the agent would ask \
         now; go on with the prompts, options and version that it was begun with"
    )]
    OtherConversation {
        /// The call of the model, from 0.
        index: usize,
        /// Steps taken before it.
        step: u64,
        /// What it was for.
        purpose: String,
    },
    /// The model gave no reply.
    #[error(transparent)]
    Model(#[from] LlmError),
    /// The model can't answer the conversation.
    #[error("the model can't answer ({kind}): {message}")]
    Refused {
        /// A stable word: [`LlmError::kind`].
        kind: String,
        /// The reason.
        message: String,
    },
    /// The model's replies held no call, even after repairs.
    #[error("the model gave no usable action after {attempts} attempts: {problem}")]
    NoCall {
        /// Replies in a row.
        attempts: u32,
        /// What was wrong with the last one.
        problem: String,
    },
    /// A limit that the agent itself keeps: the episode ends, its score counts.
    #[error("the agent reached its limit of {0}")]
    Limit(Limit),
    /// A limit on cost with a model whose price is unknown.
    #[error(
        "a limit on cost is set, but nothing tells what the calls of the model cost; add its price to the price table"
    )]
    UnknownCost,
    /// The other program that plays failed.
    #[error("the agent process `{command}`: {problem}")]
    Process {
        /// Its command line.
        command: String,
        /// What happened.
        problem: String,
    },
    /// Playing was cancelled while the agent thought.
    #[error("cancelled")]
    Cancelled,
}

impl AgentError {
    /// Whether it says nothing of the agent: the network, the provider, the disk, or the user's settings failed.
    #[must_use]
    pub fn is_infrastructure(&self) -> bool {
        match self {
            Self::Model(error) => error.is_infrastructure(),
            Self::Io { .. } | Self::UnknownCost | Self::Cancelled => true,
            _ => false,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}
