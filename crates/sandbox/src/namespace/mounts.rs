//! What the code's root file system is made of: a list of steps, computed before the jail exists.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::raw::{NODEV, NOSUID, RDONLY};
use crate::error::SandboxError;

/// Where the old root is while the new one is built, so that its folders can be bound.
pub(super) const OLD_ROOT: &CStr = c"/.old";
/// The empty file that covers masked files; it has lost its name when the code starts.
pub(super) const EMPTY: &CStr = c"/.empty";

/// One step of building the root. Paths are those inside the jail, absolute.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A folder, unless it exists.
    Dir(CString),
    Link {
        target: CString,
        path: CString,
    },
    File {
        path: CString,
        bytes: Vec<u8>,
    },
    /// Shows a path of the host, with the mounts below it.
    Bind {
        source: CString,
        target: CString,
        attributes: u64,
    },
    Tmpfs {
        target: CString,
        options: CString,
    },
    Proc,
    /// Adds attributes to a mount that was writable while it was filled.
    Seal {
        path: CString,
        attributes: u64,
    },
}

impl Step {
    /// The path that the step makes, for messages.
    pub(super) fn path(&self) -> &OsStr {
        OsStr::from_bytes(match self {
            Self::Dir(path) | Self::Link { path, .. } | Self::File { path, .. } | Self::Seal { path, .. } => {
                path.to_bytes()
            }
            Self::Bind { target, .. } | Self::Tmpfs { target, .. } => target.to_bytes(),
            Self::Proc => b"/proc",
        })
    }
}

/// How everything is shown that isn't the code's own.
pub(super) const READ_ONLY: u64 = RDONLY | NOSUID | NODEV;

/// A path of the host, resolved, and where the code sees it.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) host: PathBuf,
    pub(super) shown: PathBuf,
}

/// Collects the steps of a root, and what they show.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) steps: Vec<Step>,
    pub(super) views: Vec<View>,
    made: BTreeSet<PathBuf>,
}

impl Builder {
    /// Goes on after these steps.
    pub(super) fn after(steps: Vec<Step>) -> Self {
        Self { steps, ..Self::default() }
    }

    /// The folder and those above it.
    pub(super) fn dir(&mut self, path: impl AsRef<Path>) {
        let mut above: Vec<&Path> = path.as_ref().ancestors().collect();
        above.reverse();
        for path in above.into_iter().skip(1) {
            if self.made.insert(path.to_path_buf())
                && let Ok(name) = c(path)
            {
                self.steps.push(Step::Dir(name));
            }
        }
    }

    pub(super) fn link(&mut self, target: &Path, path: &Path) -> Result<(), SandboxError> {
        if let Some(parent) = path.parent() {
            self.dir(parent);
        }
        self.steps.push(Step::Link { target: c(target)?, path: c(path)? });
        Ok(())
    }

    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SandboxError> {
        self.steps.push(Step::File { path: c(path)?, bytes: bytes.to_vec() });
        Ok(())
    }

    /// Shows an existing host path at `target`.
    pub(super) fn bind(&mut self, host: &Path, target: impl AsRef<Path>, attributes: u64) -> Result<(), SandboxError> {
        let target = target.as_ref();
        let resolved = fs::canonicalize(host).map_err(|source| SandboxError::Io {
            action: "resolve",
            path: host.into(),
            source,
        })?;
        if resolved.is_dir() {
            self.dir(target);
        } else {
            if let Some(parent) = target.parent() {
                self.dir(parent);
            }
            self.steps.push(Step::File { path: c(target)?, bytes: Vec::new() });
        }
        // The old root's own absolute links would lead into the new root, so only resolved paths are used below it.
        let mut source = OsStr::from_bytes(OLD_ROOT.to_bytes()).to_os_string();
        source.push(&resolved);
        self.steps.push(Step::Bind { source: c(&source)?, target: c(target)?, attributes });
        self.views.push(View { host: resolved, shown: target.to_path_buf() });
        Ok(())
    }
}

/// The path as the kernel takes it.
pub(super) fn c(path: impl AsRef<OsStr>) -> Result<CString, SandboxError> {
    CString::new(path.as_ref().as_bytes()).map_err(|_| {
        SandboxError::InvalidJob(format!("`{}` holds a NUL byte", path.as_ref().to_string_lossy().escape_debug()))
    })
}
