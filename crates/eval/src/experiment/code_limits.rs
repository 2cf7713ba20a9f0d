//! What one run of code may use, in the units and by the names of `mledojo.toml`'s `[limits]`.

use std::time::Duration;

use mledojo_sandbox::{GpuId, Limits};
use serde::{Deserialize, Serialize};

use super::times;
use crate::error::RunError;

/// Limits on one run of an agent's code. Sizes are in MiB; what is `None` is as [`Limits::default`] has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeLimits {
    /// Longest time.
    #[serde(with = "times::optional", skip_serializing_if = "Option::is_none")]
    pub run_time: Option<Duration>,
    /// Most CPU time of one process.
    #[serde(with = "times::optional", skip_serializing_if = "Option::is_none")]
    pub cpu_time: Option<Duration>,
    /// Most memory of all processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Most processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// Most processes and threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Most room that the working folder takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<u64>,
    /// Most files and folders in the working folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Largest size of one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// Size of `/tmp`, and of `/dev/shm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmp: Option<u64>,
    /// Most output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_size: Option<u64>,
    /// The GPUs that the code gets, by index or UUID.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GpuId>,
    /// Most memory on these GPUs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory: Option<u64>,
}

impl CodeLimits {
    /// As the sandbox takes them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        let bytes = |mebibytes: Option<u64>| mebibytes.map(|mebibytes| mebibytes.saturating_mul(1 << 20));
        Limits {
            wall: self.run_time.unwrap_or(usual.wall),
            cpu: self.cpu_time.or(usual.cpu),
            memory: bytes(self.memory).or(usual.memory),
            processes: self.processes.unwrap_or(usual.processes),
            output: bytes(self.output_size).unwrap_or(usual.output),
            file_size: bytes(self.file_size).unwrap_or(usual.file_size),
            work_size: bytes(self.disk).or(usual.work_size),
            work_files: self.files.or(usual.work_files),
            tmp_size: bytes(self.tmp).unwrap_or(usual.tmp_size),
            gpus: self.gpus.clone(),
            gpu_memory: bytes(self.gpu_memory),
            cpus: self.cpus.or(usual.cpus),
            ..usual
        }
    }

    pub(super) fn check(&self) -> Result<(), RunError> {
        // Python alone takes some memory.
        let least = [
            ("memory", self.memory, 64),
            ("cpus", self.cpus.map(u64::from), 1),
            ("processes", self.processes.map(u64::from), 1),
            ("disk", self.disk, 1),
            ("files", self.files, 1),
            ("file_size", self.file_size, 1),
            ("tmp", self.tmp, 1),
            ("output_size", self.output_size, 1),
            ("gpu_memory", self.gpu_memory, 1),
        ];
        for (name, value, least) in least {
            if let Some(value) = value.filter(|value| *value < least) {
                return Err(RunError::Invalid(format!("`code.{name}` is {value}: expected at least {least}")));
            }
        }
        Ok(())
    }
}
