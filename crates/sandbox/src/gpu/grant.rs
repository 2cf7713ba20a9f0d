//! The GPUs that one run is given.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::driver::{Gpu, GpuDriver};
use crate::error::SandboxError;

/// GPUs of one run.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    driver: GpuDriver,
    gpus: Vec<Gpu>,
}

/// Where the driver tells of itself, in every `/proc`.
pub(crate) const DRIVER_FOLDER: &str = "/proc/driver/nvidia";
/// Nodes that every use of CUDA needs, and one that profilers do.
const COMMON: [(&str, bool); 3] = [("nvidiactl", true), ("nvidia-uvm", true), ("nvidia-uvm-tools", false)];

impl Grant {
    pub(super) fn new(driver: GpuDriver, gpus: Vec<Gpu>) -> Self {
        Self { driver, gpus }
    }

    pub(crate) fn driver(&self) -> &GpuDriver {
        &self.driver
    }

    pub(crate) fn gpus(&self) -> &[Gpu] {
        &self.gpus
    }

    /// The host's device nodes that the jail shows; `by_others`: to another user than the supervisor's.
    pub(crate) fn nodes(&self, by_others: bool) -> Result<Vec<PathBuf>, SandboxError> {
        let own = self.gpus.iter().map(|gpu| (format!("nvidia{}", gpu.minor), true));
        let mut nodes = Vec::new();
        for (name, needed) in own.chain(COMMON.map(|(name, needed)| (name.to_owned(), needed))) {
            let path = self.driver.devices().join(name);
            match fs::metadata(&path) {
                Ok(metadata) if by_others && metadata.mode() & 0o006 != 0o006 => {
                    return Err(SandboxError::InvalidJob(format!(
                        "the GPU's device node `{}` can't be opened by other users, and as root code runs as another \
                         user: set the driver's `NVreg_DeviceFileMode` to 0666",
                        path.display()
                    )));
                }
                Ok(_) => nodes.push(path),
                Err(_) if !needed => {}
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                    return Err(SandboxError::InvalidJob(format!(
                        "the GPU's device node `{}` is missing; `nvidia-modprobe -u -c 0` makes it",
                        path.display()
                    )));
                }
                Err(source) => return Err(SandboxError::Io { action: "read", path, source }),
            }
        }
        Ok(nodes)
    }

    /// The folders of the driver's own in `/proc` that tell of other GPUs.
    pub(crate) fn foreign_folders(&self) -> Vec<PathBuf> {
        foreign_folders(&Path::new(DRIVER_FOLDER).join("gpus"), &self.gpus)
    }

    /// The variables by which CUDA and its tools find the GPUs, in the order in which they were asked for.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let uuids = self.uuids().join(",");
        vec![("CUDA_VISIBLE_DEVICES", uuids.clone()), ("NVIDIA_VISIBLE_DEVICES", uuids)]
    }

    pub(crate) fn uuids(&self) -> Vec<String> {
        self.gpus.iter().map(|gpu| gpu.uuid.clone()).collect()
    }
}

/// Folders in here whose file `information` names another device node, or none.
fn foreign_folders(folder: &Path, gpus: &[Gpu]) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_foreign = |folder: &PathBuf| {
        let text = fs::read_to_string(folder.join("information")).unwrap_or_default();
        let minor = text.lines().find_map(|line| line.strip_prefix("Device Minor:")?.trim().parse::<u32>().ok());
        !gpus.iter().any(|gpu| Some(gpu.minor) == minor)
    };
    entries.flatten().map(|entry| entry.path()).filter(is_foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_gpus_are_told_by_their_device_number() {
        let folder = tempfile::TempDir::new().unwrap();
        for (bus, text) in [
            ("0000:01:00.0", "Model: \t\t NVIDIA A100\nDevice Minor: \t 0\n"),
            ("0000:02:00.0", "Model: \t\t NVIDIA A100\nDevice Minor: \t 1\n"),
            ("0000:03:00.0", ""),
        ] {
            fs::create_dir(folder.path().join(bus)).unwrap();
            fs::write(folder.path().join(bus).join("information"), text).unwrap();
        }
        let gpus = super::super::driver::tests::gpus(&[1]);
        let mut foreign = foreign_folders(folder.path(), &gpus);
        foreign.sort();
        assert_eq!(foreign, ["0000:01:00.0", "0000:03:00.0"].map(|bus| folder.path().join(bus)));
    }
}
