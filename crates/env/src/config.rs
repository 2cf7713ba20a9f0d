//! The settings of an environment.

use mledojo_sandbox::{Limits, Network};
use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::reward::RewardMode;

/// How episodes are played. Written into each episode's header, and taken from there on resume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvConfig {
    /// When an episode is truncated.
    pub budget: Budget,
    /// What one run of code may use; its wall time is cut to what the budget leaves.
    pub limits: Limits,
    /// What of the network agents' code can reach.
    pub network: Network,
    /// What a step earns.
    pub reward: RewardMode,
    /// Longest code of one action, in bytes.
    pub max_code_bytes: usize,
    /// Largest submission, in bytes.
    pub max_submission_bytes: u64,
    /// Most bytes of stdout, and of stderr, that an observation shows; the episode's artifacts keep what was captured.
    pub shown_output_bytes: usize,
}

impl Default for EnvConfig {
    /// No network, 1 MiB of code, 512 MiB of submission, 16 KiB of each stream shown.
    fn default() -> Self {
        Self {
            budget: Budget::default(),
            limits: Limits::default(),
            network: Network::None,
            reward: RewardMode::default(),
            max_code_bytes: 1 << 20,
            max_submission_bytes: 512 << 20,
            shown_output_bytes: 16 << 10,
        }
    }
}
