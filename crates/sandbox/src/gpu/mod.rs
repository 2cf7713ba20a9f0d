//! NVIDIA GPUs: which there are, which a run is given, and how much of their memory it uses.
//!
//! [`GpuDriver`] is the host's driver. A run's [`Grant`] says which device nodes its jail shows, and its [`Watch`] sums up
//! the memory of its processes, as the driver tells it through NVML.

#[cfg(target_os = "linux")]
mod driver;
#[cfg(target_os = "linux")]
mod grant;
mod id;
#[cfg(target_os = "linux")]
mod nvml;
#[cfg(target_os = "linux")]
mod watch;

#[cfg(target_os = "linux")]
pub use self::driver::{Gpu, GpuDriver};
#[cfg(target_os = "linux")]
pub(crate) use self::grant::{DRIVER_FOLDER, Grant};
pub use self::id::{GpuId, GpuIdError};
#[cfg(target_os = "linux")]
pub(crate) use self::watch::Watch;

use serde::{Deserialize, Serialize};

/// What a run did with the GPUs that it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuUse {
    /// The devices' UUIDs.
    pub devices: Vec<String>,
    /// Largest memory of all its processes on all these devices together, in bytes; looked at every 50 ms. `None`: not
    /// known.
    pub peak_memory: Option<u64>,
    /// Why that figure is missing or too low, and so the limit on GPU memory did not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
