//! `replay:EPISODE`: plays the calls of an episode again.

use std::path::Path;

use mledojo_env::{Call, Episode, Observation, Steps};

use crate::agent::{Agent, brief, is_same};
use crate::error::AgentError;

/// Plays the recorded calls in order, whatever comes of them; then it is done.
pub(crate) struct Replay {
    name: String,
    episode: Episode,
    steps: Steps,
}

impl Replay {
    pub(crate) fn open(directory: &Path, name: String) -> Result<Self, AgentError> {
        let episode = Episode::open(directory)?;
        let steps = episode.steps()?;
        Ok(Self { name, episode, steps })
    }
}

impl Agent for Replay {
    fn name(&self) -> &str {
        &self.name
    }

    fn act(&mut self, _: &Observation) -> Result<Option<Call>, AgentError> {
        self.steps.next().map(|record| Ok(self.episode.call(&record?)?)).transpose()
    }

    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError> {
        let expected = self.act(observation)?;
        if is_same(expected.as_ref(), call) {
            return Ok(());
        }
        let (expected, found) = (brief(expected.as_ref()), brief(Some(call)));
        Err(AgentError::Diverged { agent: self.name.clone(), step: observation.step, expected, found })
    }
}
