//! What an agent is.

use std::path::Path;

use mledojo_env::{Call, Observation};
use mledojo_sandbox::Cancel;

pub(crate) use crate::error::AgentError;
use crate::limits::ModelUse;

/// Something that plays: it sees an observation and answers with a call.
///
/// Only the first three methods must be written. An agent that asks a model, or keeps files, writes the others as well;
/// [`Desk`](crate::Desk) does most of that for it.
pub trait Agent: Send {
    /// Its name, as [`AgentSpec`](crate::AgentSpec) reads it.
    fn name(&self) -> &str;

    /// Chooses the next call from the latest observation; the first is that of `reset`. `None`: nothing more to do.
    ///
    /// # Errors
    /// A fault of the agent's own, such as a malformed script, or of the model that it asks. What the environment
    /// dislikes in a call is no error but the next observation.
    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError>;

    /// Rebuilds the agent's memory when an episode is resumed: it saw `observation` and chose `call` then.
    ///
    /// # Errors
    /// The agent would not have chosen that call, so the episode is not one of this agent's.
    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError>;

    /// Gives the agent a folder for files of its own, such as `transcript.jsonl`. Called once, before anything is played
    /// or restored, and only if there is such a folder; what is there already is of the same episode.
    ///
    /// # Errors
    /// A folder that cannot be read or written, or files that this agent did not write.
    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        let _ = folder;
        Ok(())
    }

    /// Gives the agent the handle by which playing is cancelled. What the agent waits for then ends, with
    /// [`AgentError::Cancelled`].
    fn cancel_by(&mut self, cancel: Cancel) {
        let _ = cancel;
    }

    /// Shows the agent the last observation, after which it isn't asked any more. May come again after a resume.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn ended(&mut self, observation: &Observation) -> Result<(), AgentError> {
        let _ = observation;
        Ok(())
    }

    /// What its calls of models have used in this episode, resumed parts included.
    fn usage(&self) -> ModelUse {
        ModelUse::default()
    }
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

/// Whether an episode's call is the one that was chosen; nothing chosen is `finish`. An episode shortens monstrous names
/// and leaves out monstrous parameters.
pub(crate) fn is_same(chosen: Option<&Call>, found: &Call) -> bool {
    let Some(chosen) = chosen else { return found.action == "finish" };
    let named = match found.action.strip_suffix('…') {
        Some(start) => chosen.action.starts_with(start),
        None => chosen.action == found.action,
    };
    named && (chosen.params == found.params || found.params.contains_key("left_out_bytes"))
}
