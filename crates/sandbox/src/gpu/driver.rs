//! The host's NVIDIA driver.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use super::grant::Grant;
use super::id::GpuId;
use super::nvml::{Nvml, Process};
use crate::error::SandboxError;

/// The host's NVIDIA driver: its management library, loaded when first needed, and its device nodes.
#[derive(Debug, Clone)]
pub struct GpuDriver(Arc<Driver>);

#[derive(Debug)]
struct Driver {
    library: OsString,
    devices: PathBuf,
    nvml: OnceLock<Result<Nvml, String>>,
}

/// A GPU of this host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gpu {
    /// As `nvidia-smi` numbers them.
    pub index: u32,
    /// `GPU-…`.
    pub uuid: String,
    /// The product's name.
    pub name: String,
    /// Bytes.
    pub memory: u64,
    /// The number of its device node.
    #[serde(skip)]
    pub(super) minor: u32,
    /// Whether it is split into instances (MIG).
    #[serde(skip)]
    is_mig: bool,
}

/// By this variable the management library is another file.
const LIBRARY_VARIABLE: &str = "MLEDOJO_NVML_LIBRARY";
const LIBRARY: &str = "libnvidia-ml.so.1";

impl GpuDriver {
    /// The driver of this host: `libnvidia-ml.so.1`, or the file that `MLEDOJO_NVML_LIBRARY` names, and `/dev`.
    #[must_use]
    pub fn of_host() -> Self {
        Self::at(std::env::var_os(LIBRARY_VARIABLE).unwrap_or_else(|| LIBRARY.into()), "/dev")
    }

    /// A driver with this management library, and with its device nodes in this folder.
    #[must_use]
    pub fn at(library: impl Into<OsString>, devices: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Driver { library: library.into(), devices: devices.into(), nvml: OnceLock::new() }))
    }

    /// The GPUs there are.
    ///
    /// # Errors
    /// Why there is no telling: usually, that the host has no NVIDIA driver.
    pub fn gpus(&self) -> Result<Vec<Gpu>, String> {
        let nvml = self.nvml()?;
        let gpu = |index| {
            nvml.device(index).map(|device| Gpu {
                index,
                uuid: device.uuid,
                name: device.name,
                memory: device.memory,
                minor: device.minor,
                is_mig: device.is_mig,
            })
        };
        (0..nvml.count()?).map(gpu).collect()
    }

    /// Finds the GPUs for a job, which has asked for some.
    pub(crate) fn grant(&self, ids: &[GpuId]) -> Result<Grant, SandboxError> {
        let gpus =
            self.gpus().map_err(|reason| SandboxError::InvalidJob(format!("the job asks for GPUs: {reason}")))?;
        let mut granted: Vec<Gpu> = Vec::new();
        for id in ids {
            let named = |gpu: &&Gpu| match id {
                GpuId::Index(index) => gpu.index == *index,
                GpuId::Uuid(uuid) => gpu.uuid == *uuid,
            };
            let Some(gpu) = gpus.iter().find(named) else {
                let known: Vec<String> = gpus.iter().map(|gpu| format!("{} ({})", gpu.index, gpu.uuid)).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(SandboxError::InvalidJob(format!("there is no GPU `{id}`; this host has: {known}")));
            };
            if gpu.is_mig {
                return Err(SandboxError::InvalidJob(format!(
                    "GPU `{id}` is split into instances (MIG), which can't be given to jobs; ask for another, or switch MIG off"
                )));
            }
            if granted.contains(gpu) {
                return Err(SandboxError::InvalidJob(format!("the job asks for GPU `{id}` twice")));
            }
            granted.push(gpu.clone());
        }
        Ok(Grant::new(self.clone(), granted))
    }

    /// Where the device nodes are.
    pub(super) fn devices(&self) -> &Path {
        &self.0.devices
    }

    pub(super) fn processes(&self, gpu: &Gpu) -> Result<Vec<Process>, String> {
        self.nvml()?.processes(gpu.index)
    }

    fn nvml(&self) -> Result<&Nvml, String> {
        self.0.nvml.get_or_init(|| Nvml::load(&self.0.library)).as_ref().map_err(Clone::clone)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// GPUs with these device nodes.
    pub(in crate::gpu) fn gpus(minors: &[u32]) -> Vec<Gpu> {
        let gpu = |minor: &u32| Gpu {
            index: *minor,
            uuid: format!("GPU-{minor}"),
            name: "test".into(),
            memory: 1 << 30,
            minor: *minor,
            is_mig: false,
        };
        minors.iter().map(gpu).collect()
    }

    #[test]
    fn a_host_without_the_driver_says_so() {
        let driver = GpuDriver::at("/nowhere/libnvidia-ml.so.1", "/dev");
        assert!(driver.gpus().unwrap_err().contains("/nowhere/libnvidia-ml.so.1"));
        let error = driver.grant(&[GpuId::Index(0)]).unwrap_err().to_string();
        assert!(error.starts_with("the job asks for GPUs: "), "{error}");
    }
}
