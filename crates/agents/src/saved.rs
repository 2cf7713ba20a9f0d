//! `agent.json`: how an agent plays an episode, for whoever goes on with it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::AgentError;
use crate::limits::PlayLimits;
use crate::options::AgentOptions;

/// An agent's options and limits, kept beside its transcript. Its name and seed are in the episode's header.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedAgent {
    /// Its options.
    pub options: AgentOptions,
    /// What its calls of models may take.
    pub limits: PlayLimits,
}

impl SavedAgent {
    const FILE: &str = "agent.json";

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), AgentError> {
        let file = folder.join(Self::FILE);
        let json = serde_json::to_vec_pretty(self).map_err(|error| AgentError::io("write", &file, error.into()))?;
        crate::tree::write_whole(&file, &json)
    }

    /// Reads the file; `None` if there is none: the episode's beginning was cut off, or its agent has no options.
    ///
    /// # Errors
    /// A file that cannot be read, or holds something else.
    pub fn read(folder: &Path) -> Result<Option<Self>, AgentError> {
        let file = folder.join(Self::FILE);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AgentError::io("read", &file, error)),
        };
        let wrong = |error: serde_json::Error| AgentError::Record {
            path: file,
            line: error.line(),
            problem: error.to_string(),
        };
        serde_json::from_slice(&text).map(Some).map_err(wrong)
    }
}
