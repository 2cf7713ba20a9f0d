//! `episode.json`: what an episode is, fixed when it begins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mledojo_sandbox::SandboxRecord;
use serde::{Deserialize, Serialize};

use crate::config::EnvConfig;
use crate::error::EnvError;
use crate::judging::Judging;

/// The header of an episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpisodeHeader {
    /// Version of this layout.
    pub format: u32,
    /// Version of the program that began the episode.
    pub version: String,
    /// When it began, RFC 3339, UTC.
    pub created_at: String,
    /// The competition's slug.
    pub competition: String,
    /// The prepared data's folder.
    pub data: PathBuf,
    /// The agent, as its user named it.
    pub agent: String,
    /// Seed of the agent, and of what agent code can take a seed from.
    pub seed: u64,
    /// How its submissions are judged; an episode goes on by the same.
    #[serde(default)]
    pub judging: Judging,
    /// The settings.
    pub config: EnvConfig,
    /// In what the agent's code runs; an episode goes on in the same.
    #[serde(default)]
    pub sandbox: SandboxRecord,
    /// The Python interpreter that runs the agent's code.
    pub interpreter: PathBuf,
    /// Versions of Python and of its packages.
    pub runtime: BTreeMap<String, String>,
}

impl EpisodeHeader {
    /// The layout that this program writes.
    pub const FORMAT: u32 = 1;
    pub(crate) const FILE: &str = "episode.json";
    pub(crate) const UNFINISHED_FILE: &str = "episode.json.new";

    pub(crate) fn write(&self, directory: &Path) -> Result<(), EnvError> {
        let file = directory.join(Self::FILE);
        let failed = |error| EnvError::io("write", &file, error);
        let json = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let temporary = directory.join(Self::UNFINISHED_FILE);
        super::log::write_synced(&temporary, &json)?;
        std::fs::rename(&temporary, &file).map_err(failed)?;
        super::log::sync_directory(directory)
    }

    pub(crate) fn read(directory: &Path) -> Result<Self, EnvError> {
        let file = directory.join(Self::FILE);
        let text = std::fs::read(&file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => EnvError::Episode {
                directory: directory.to_owned(),
                reason: "there is no `episode.json`, so this is no episode".to_owned(),
            },
            _ => EnvError::io("read", &file, error),
        })?;
        let header: Self = serde_json::from_slice(&text).map_err(|error| EnvError::Log {
            file: file.clone(),
            line: error.line(),
            reason: error.to_string(),
        })?;
        if header.format != Self::FORMAT {
            let reason = format!("written in format {}, this program reads {}", header.format, Self::FORMAT);
            return Err(EnvError::Log { file, line: 1, reason });
        }
        Ok(header)
    }
}
