//! `runtime.json`: what an installation left behind. It is written last, so what it describes was complete.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::io_error;
use crate::error::SandboxError;

/// Raised when older records no longer say enough.
const FORMAT: u32 = 1;
pub(super) const FILE_NAME: &str = "runtime.json";

/// A finished installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) format: u32,
    /// SHA-256 of the lock it was made from.
    pub(super) lock: String,
    /// `3.11.7`
    pub(super) python_version: String,
    /// The environment's interpreter, and what it resolved to.
    pub(super) executable: PathBuf,
    pub(super) base_executable: PathBuf,
    /// The folder of the standard library's modules.
    pub(super) standard_library: PathBuf,
    pub(super) site_packages: PathBuf,
    /// What a sandbox must show.
    pub(super) read_only: Vec<PathBuf>,
    /// By normalised name.
    pub(super) packages: BTreeMap<String, InstalledPackage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstalledPackage {
    pub(super) version: String,
    /// What must exist right below `site_packages` for it to work: its metadata and import folders.
    pub(super) entries: Vec<String>,
}

impl Record {
    pub(super) const FORMAT: u32 = FORMAT;

    /// Reads the record in `dir`; `None` if there is none, or none that this version understands.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, SandboxError> {
        let path = dir.join(FILE_NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        Ok(serde_json::from_slice(&text).ok().filter(|record: &Self| record.format == FORMAT))
    }

    /// Puts the record into `dir` at one moment, after everything it describes has reached the disk.
    pub(super) fn write(&self, dir: &Path) -> Result<(), SandboxError> {
        let (path, draft) = (dir.join(FILE_NAME), dir.join(format!("{FILE_NAME}.draft")));
        let folder = File::open(dir).map_err(io_error("open", dir))?;
        #[cfg(not(target_os = "linux"))]
        rustix::fs::sync();
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&folder).map_err(|error| io_error("write out", dir)(error.into()))?;
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| io_error("write", &path)(error.into()))?;
        text.push(b'\n');
        let mut file = File::create(&draft).map_err(io_error("create", &draft))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(io_error("write", &draft))?;
        fs::rename(&draft, &path).map_err(io_error("replace", &path))?;
        folder.sync_all().map_err(io_error("write out", dir))
    }

    /// Takes the record away, which marks what lies in `dir` as incomplete.
    pub(super) fn remove(dir: &Path) -> Result<(), SandboxError> {
        let path = dir.join(FILE_NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error("remove", &path)(error)),
            _ => {
                let folder = File::open(dir).map_err(io_error("open", dir))?;
                folder.sync_all().map_err(io_error("write out", dir))
            }
        }
    }
}
