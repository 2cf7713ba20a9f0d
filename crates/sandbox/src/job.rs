//! What is to be run, and within which limits.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gpu::GpuId;
use crate::network::Network;

/// Where the code finds its writable working folder, which is also its current directory.
pub const WORK_DIR: &str = "/kaggle/working";
/// Below this path the code finds its read-only inputs.
pub const INPUT_DIR: &str = "/kaggle/input";
/// Where the script itself lies, read-only; Python puts this folder first on `sys.path`.
pub const SOURCE_DIR: &str = "/kaggle/src";

/// One Python script to run: `python SOURCE_DIR/script_name args…` in `WORK_DIR`.
#[derive(Debug, Clone)]
pub struct Job {
    /// The script's source, any bytes.
    pub script: Vec<u8>,
    /// Its file name, as tracebacks show it: `[A-Za-z0-9._-]+`.
    pub script_name: String,
    /// Arguments after the script's name.
    pub args: Vec<String>,
    /// Host folder that appears, writable, as [`WORK_DIR`]; what the code leaves there stays.
    pub work_dir: PathBuf,
    /// Read-only host folders.
    pub inputs: Vec<Input>,
    /// Shows the working folder and the inputs at their own absolute paths of the host as well, for code that was written
    /// with these. Of the folders above them only the names show.
    pub host_paths: bool,
    /// Paths below the runtime's `site-packages` that the code must find empty; missing ones are passed over.
    pub masked: Vec<String>,
    /// Host paths of which the code must see nothing: a job that would show one, or part of one, is refused.
    pub hidden: Vec<PathBuf>,
    /// Variables added to the clean environment.
    pub env: Vec<(String, String)>,
    /// What of the network the code can reach.
    pub network: Network,
    /// What the run may use.
    pub limits: Limits,
}

/// A host folder that the code sees read-only.
#[derive(Debug, Clone)]
pub struct Input {
    /// The host's folder.
    pub host: PathBuf,
    /// The name below [`INPUT_DIR`]: `[A-Za-z0-9._-]+`.
    pub name: String,
}

/// What one run may use. Sizes are in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Wall-clock time, by a monotonic clock outside the sandbox.
    #[serde(rename = "wall_seconds", with = "seconds")]
    pub wall: Duration,
    /// CPU time of any one process (`RLIMIT_CPU`); `None`: no limit but `wall`.
    #[serde(rename = "cpu_seconds", with = "optional_seconds")]
    pub cpu: Option<Duration>,
    /// Memory of all processes together, private tmpfs included; `None`: no limit.
    pub memory: Option<u64>,
    /// Processes and threads alive at once.
    pub processes: u32,
    /// Bytes written to stdout and stderr together, past which the run is killed.
    pub output: u64,
    /// How much of each stream is kept.
    pub capture: Capture,
    /// Size of any one file written (`RLIMIT_FSIZE`).
    pub file_size: u64,
    /// Bytes that the working folder takes on the disk, counted while the code runs and when it has ended; `None`: no
    /// limit.
    pub work_size: Option<u64>,
    /// Files, folders and links in the working folder; `None`: no limit. Folders lie at most 256 deep in each other where
    /// there is one.
    pub work_files: Option<u64>,
    /// Size of the private `/tmp`, and of `/dev/shm`; each holds at most a file for each 4 KiB.
    pub tmp_size: u64,
    /// The GPUs that the code finds; all others are hidden.
    pub gpus: Vec<GpuId>,
    /// Memory on all these GPUs together; `None`: no limit.
    pub gpu_memory: Option<u64>,
    /// CPU cores: the run is told to use so many threads. `None`: as many as the host has.
    pub cpus: Option<u32>,
}

impl Default for Limits {
    /// Ten minutes, 8 GiB, 512 processes, 64 MiB of output, files of 4 GiB, a working folder of 16 GiB and 200,000 files,
    /// 1 GiB of `/tmp`, no GPU.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(600),
            cpu: None,
            memory: Some(8 << 30),
            processes: 512,
            output: 64 << 20,
            capture: Capture::default(),
            file_size: 4 << 30,
            work_size: Some(16 << 30),
            work_files: Some(200_000),
            tmp_size: 1 << 30,
            gpus: Vec::new(),
            gpu_memory: None,
            cpus: None,
        }
    }
}

/// How many bytes of a stream are kept: the first `head` and the last `tail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capture {
    /// Bytes kept of the beginning.
    pub head: usize,
    /// Bytes kept of the end.
    pub tail: usize,
}

impl Default for Capture {
    /// 32 KiB of each end.
    fn default() -> Self {
        Self { head: 32 << 10, tail: 32 << 10 }
    }
}

/// Durations as seconds, so that a log can be read without this program.
pub(crate) mod seconds {
    use super::{Deserialize, Duration};
    use serde::{Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The same, where there may be none.
mod optional_seconds {
    use super::{Deserialize, Duration, Serialize};
    use serde::{Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        duration.as_ref().map(Duration::as_secs_f64).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        seconds.map(Duration::try_from_secs_f64).transpose().map_err(D::Error::custom)
    }
}
