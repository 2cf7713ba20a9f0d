//! An agent that asks a model: a scaffold at a desk.

use std::path::Path;

use mledojo_env::{Call, Observation};
use mledojo_sandbox::Cancel;

use crate::agent::{Agent, brief, is_same};
use crate::desk::{Answer, Desk};
use crate::error::AgentError;
use crate::limits::{Limit, ModelUse};
use crate::llm::ChatReply;

/// What a scaffold decides by: observations, and the answers that it gets at its [`Desk`]. Nothing else, so that an
/// interrupted episode goes on as it would have; chance comes from the seed.
pub trait Scaffold: Send {
    /// Its name, as [`AgentSpec`](crate::AgentSpec) reads it.
    fn name(&self) -> &str;

    /// Chooses the next call; `None`: nothing more to do.
    ///
    /// # Errors
    /// As [`Agent::act`].
    fn decide(&mut self, desk: &mut Desk, observation: &Observation) -> Result<Option<Call>, AgentError>;

    /// A folder for files of its own, beside the transcript.
    ///
    /// # Errors
    /// As [`Agent::keep_in`].
    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        let _ = folder;
        Ok(())
    }

    /// The last observation.
    ///
    /// # Errors
    /// As [`Agent::ended`].
    fn ended(&mut self, observation: &Observation) -> Result<(), AgentError> {
        let _ = observation;
        Ok(())
    }
}

/// A scaffold at its desk, as an agent.
pub struct ModelAgent<S> {
    scaffold: S,
    desk: Desk,
}

impl<S: Scaffold> ModelAgent<S> {
    /// Joins them.
    pub fn new(scaffold: S, desk: Desk) -> Self {
        Self { scaffold, desk }
    }
}

impl<S: Scaffold> Agent for ModelAgent<S> {
    fn name(&self) -> &str {
        self.scaffold.name()
    }

    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError> {
        self.scaffold.decide(&mut self.desk, observation)
    }

    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError> {
        let chosen = self.act(observation)?;
        if is_same(chosen.as_ref(), call) {
            return Ok(());
        }
        let (expected, found) = (brief(chosen.as_ref()), brief(Some(call)));
        Err(AgentError::Diverged { agent: self.name().to_owned(), step: observation.step, expected, found })
    }

    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.desk.keep_in(folder)?;
        self.scaffold.keep_in(folder)
    }

    fn cancel_by(&mut self, cancel: Cancel) {
        self.desk.cancel_by(cancel);
    }

    fn ended(&mut self, observation: &Observation) -> Result<(), AgentError> {
        self.scaffold.ended(observation)
    }

    fn usage(&self) -> ModelUse {
        self.desk.usage()
    }
}

impl Answer {
    /// The reply. A conversation that is too long is the agent's limit.
    ///
    /// # Errors
    /// A refusal.
    pub fn reply(self) -> Result<ChatReply, AgentError> {
        match self {
            Self::Reply(reply) => Ok(*reply),
            Self::Refused { kind, .. } if kind == "context_too_long" => Err(AgentError::Limit(Limit::PromptTokens)),
            Self::Refused { kind, message } => Err(AgentError::Refused { kind, message }),
        }
    }
}
