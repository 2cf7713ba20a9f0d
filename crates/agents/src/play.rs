//! An agent and an environment, joined.

use mledojo_env::{Action, Call, EnvError, Environment, Episode, Observation, StepResult};

use crate::agent::{Agent, AgentError};
use crate::limits::{Limit, PlayLimits};

/// What happens while an agent plays, for those who watch.
#[derive(Debug)]
pub enum PlayEvent<'a> {
    /// The agent has chosen; the step begins.
    Chosen {
        /// What it saw.
        observation: &'a Observation,
        /// What it chose.
        call: &'a Call,
    },
    /// The step is done, and on disk.
    Stepped {
        /// What was called.
        call: &'a Call,
        /// What came of it.
        result: &'a StepResult,
    },
}

/// How playing ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaySummary {
    /// The last observation: steps taken, current and best grade.
    pub observation: Observation,
    /// The agent declared itself done.
    pub terminated: bool,
    /// The budget, or one of the limits, is used up.
    pub truncated: bool,
    /// The limit that ended playing, if one did. The episode's log doesn't tell of it.
    pub limit: Option<Limit>,
    /// Playing was cancelled; the episode can be resumed.
    pub cancelled: bool,
}

/// Why playing ended before the episode did.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The environment's host failed.
    #[error(transparent)]
    Environment(#[from] EnvError),
    /// The agent failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// Lets the agent play until the episode ends, or until the environment's
/// [`canceller`](Environment::canceller) asks for an end.
///
/// `observation` is what [`reset`](Environment::reset) or [`resume`](Environment::resume) returned. An agent with
/// nothing more to do is taken to call `finish`.
///
/// # Errors
/// A fault of the host or of the agent. All steps taken so far are on disk.
pub fn play(
    environment: &mut Environment,
    agent: &mut dyn Agent,
    observation: Observation,
    observer: &mut dyn FnMut(PlayEvent<'_>),
) -> Result<PlaySummary, PlayError> {
    play_within(environment, agent, observation, &PlayLimits::default(), observer)
}

/// As [`play`], within limits on what the agent's calls of models take.
///
/// # Errors
/// As [`play`].
pub fn play_within(
    environment: &mut Environment,
    agent: &mut dyn Agent,
    mut observation: Observation,
    limits: &PlayLimits,
    observer: &mut dyn FnMut(PlayEvent<'_>),
) -> Result<PlaySummary, PlayError> {
    let cancel = environment.canceller();
    agent.cancel_by(cancel.clone());
    loop {
        if let Some((terminated, truncated)) = environment.ended() {
            agent.ended(&observation)?;
            return Ok(PlaySummary { observation, terminated, truncated, limit: None, cancelled: false });
        }
        let cancelled = |observation| PlaySummary {
            observation,
            terminated: false,
            truncated: false,
            limit: None,
            cancelled: true,
        };
        if cancel.is_cancelled() {
            return Ok(cancelled(observation));
        }
        let elapsed = environment.elapsed().unwrap_or_default().as_secs_f64();
        let mut limit = limits.reached(&agent.usage(), elapsed).map_err(|()| AgentError::UnknownCost)?;
        let mut call = None;
        if limit.is_none() {
            match agent.act(&observation) {
                Ok(chosen) => call = Some(chosen.unwrap_or_else(|| Call::from(Action::Finish))),
                Err(AgentError::Limit(reached)) => limit = Some(reached),
                Err(AgentError::Cancelled) => return Ok(cancelled(observation)),
                Err(_) if cancel.is_cancelled() => return Ok(cancelled(observation)),
                Err(error) => return Err(error.into()),
            }
        }
        let Some(call) = call else {
            agent.ended(&observation)?;
            return Ok(PlaySummary { observation, terminated: false, truncated: true, limit, cancelled: false });
        };
        observer(PlayEvent::Chosen { observation: &observation, call: &call });
        let result = match environment.step(call.clone()) {
            Ok(result) => result,
            Err(EnvError::Cancelled) => return Ok(cancelled(observation)),
            Err(error) => return Err(error.into()),
        };
        observer(PlayEvent::Stepped { call: &call, result: &result });
        observation = result.observation;
    }
}

/// Brings an agent's memory to where an episode stands, before [`play`] goes on with it.
///
/// `first` is what the agent saw before its first step: [`Environment::first_observation`].
///
/// # Errors
/// An unreadable episode, or one that this agent would have played otherwise.
pub fn restore(agent: &mut dyn Agent, first: Observation, episode: &Episode) -> Result<(), PlayError> {
    let mut seen = first;
    for record in episode.steps()? {
        let record = record?;
        agent.restore(&seen, &episode.call(&record)?)?;
        seen = record.observation;
    }
    Ok(())
}
