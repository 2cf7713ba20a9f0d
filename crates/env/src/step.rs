//! What `step` and `reset` return.

use mledojo_sandbox::{DiskUse, GpuUse, NetworkLog, Outcome};
use serde::{Deserialize, Serialize};

use crate::grade::Grade;
use crate::observation::Observation;
use crate::result::Failure;

/// The result of a step, as Gymnasium has it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepResult {
    /// What the agent sees.
    pub observation: Observation,
    /// What the step earned; 0 when it failed or graded nothing.
    pub reward: f64,
    /// The agent declared itself done, or the task cannot go on.
    pub terminated: bool,
    /// The budget is used up.
    pub truncated: bool,
    /// What a trainer wants and an agent needn't see.
    pub info: StepInfo,
}

/// Facts about a step that are no part of the observation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepInfo {
    /// Why the step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Seconds of the whole step.
    pub seconds: f64,
    /// The run of code, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunInfo>,
    /// SHA-256 of the submission's bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission_sha256: Option<String>,
    /// The submission's grade on the rows that are held out, if some are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Grade>,
    /// Whether the submission has the bytes of the one before, or of the best one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeated_submission: bool,
    /// At the end of the episode: the HumanRank of its best submission, on the rows that are held out if some are; 0
    /// without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_reward: Option<f64>,
}

/// What a run of code used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// How it ended.
    pub outcome: Outcome,
    /// Seconds, wall clock.
    pub wall_seconds: f64,
    /// Seconds of CPU, all processes.
    pub cpu_seconds: f64,
    /// Seconds, of those, in the kernel.
    #[serde(default)]
    pub system_cpu_seconds: f64,
    /// Largest memory, in bytes, where the host can tell.
    pub peak_memory: Option<u64>,
    /// Bytes written to stdout.
    pub stdout_bytes: u64,
    /// Bytes written to stderr.
    pub stderr_bytes: u64,
    /// What it wrote, where the sandbox accounts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskUse>,
    /// What it did with the network, where it may use it.
    #[serde(default, skip_serializing_if = "NetworkLog::is_empty")]
    pub network: NetworkLog,
    /// What it did with its GPUs, where it has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuUse>,
    /// Whether it ran in a warm interpreter.
    pub warm: bool,
}
