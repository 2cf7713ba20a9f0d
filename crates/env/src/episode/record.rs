//! One line of `steps.jsonl`.

use serde::{Deserialize, Serialize};

use crate::action::Call;
use crate::observation::Observation;
use crate::step::StepInfo;

/// Bytes of code up to which it is in its step's line, and not only in an artifact.
pub(crate) const LONGEST_IN_LINE: usize = 32 << 10;

/// A finished step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's number, from 1.
    pub step: u64,
    /// When it ended, RFC 3339, UTC.
    pub at: String,
    /// Seconds of the episode's clock when it ended.
    pub elapsed_seconds: f64,
    /// What the agent called. Code of more than 32 KiB is left out: the artifact has it.
    pub call: Call,
    /// What it earned.
    pub reward: f64,
    /// Whether the episode ended by it.
    pub terminated: bool,
    /// Whether the budget was used up by it.
    pub truncated: bool,
    /// What the agent saw.
    pub observation: Observation,
    /// What a trainer wants to know.
    pub info: StepInfo,
    /// The files that it left.
    pub artifacts: Artifacts,
}

/// Files of a step, as paths below the episode's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifacts {
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is kept of stdout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// What is kept of stderr.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// The submission, as it was graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
}
