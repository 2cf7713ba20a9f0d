//! What the code's root file system is made of: a list of steps, computed before the jail exists.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::raw::{NODEV, NOEXEC, NOSUID, RDONLY};
use crate::error::SandboxError;

/// Where the old root is while the new one is built, so that its folders can be bound.
pub(super) const OLD_ROOT: &CStr = c"/.old";
/// The empty file that covers masked files; it has lost its name when the code starts.
pub(super) const EMPTY: &CStr = c"/.empty";
/// The empty folder that an overlay needs below what it shows. It stays: above one that is gone, an overlay has files
/// but lists none.
pub(super) const NOTHING: &CStr = c"/.nothing";

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
        same: Option<Same>,
    },
    /// Covers a folder with a view of itself, read-only, whose files are other inodes: no lock is shared with whoever else
    /// sees the folder. Where the kernel can't, the folder stays as it is.
    OwnInodes {
        target: CString,
        options: CString,
    },
    Tmpfs {
        target: CString,
        options: CString,
        attributes: u64,
    },
    /// A device node of the jail's own; where that can't be made, the host's is shown.
    Device {
        path: CString,
        source: CString,
        number: u64,
    },
    Proc,
    /// Adds attributes to a mount that was writable while it was filled.
    Seal {
        path: CString,
        attributes: u64,
    },
}

/// Which file it must be that is shown: a jail that stands already may see other mounts than the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Same {
    pub(super) device: u64,
    pub(super) number: u64,
}

/// A [`Step`] that borrows, so that it can be read without allocating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepView<'a> {
    Dir(&'a CStr),
    Link { target: &'a CStr, path: &'a CStr },
    File { path: &'a CStr, bytes: &'a [u8] },
    Bind { source: &'a CStr, target: &'a CStr, attributes: u64, same: Option<Same> },
    OwnInodes { target: &'a CStr, options: &'a CStr },
    Tmpfs { target: &'a CStr, options: &'a CStr, attributes: u64 },
    Device { path: &'a CStr, source: &'a CStr, number: u64 },
    Proc,
    Seal { path: &'a CStr, attributes: u64 },
}

impl Step {
    pub(super) fn view(&self) -> StepView<'_> {
        match self {
            Self::Dir(path) => StepView::Dir(path),
            Self::Link { target, path } => StepView::Link { target, path },
            Self::File { path, bytes } => StepView::File { path, bytes },
            Self::Bind { source, target, attributes, same } => {
                StepView::Bind { source, target, attributes: *attributes, same: *same }
            }
            Self::OwnInodes { target, options } => StepView::OwnInodes { target, options },
            Self::Tmpfs { target, options, attributes } => StepView::Tmpfs { target, options, attributes: *attributes },
            Self::Device { path, source, number } => StepView::Device { path, source, number: *number },
            Self::Proc => StepView::Proc,
            Self::Seal { path, attributes } => StepView::Seal { path, attributes: *attributes },
        }
    }

    /// The path that the step makes, for messages.
    pub(super) fn path(&self) -> &OsStr {
        OsStr::from_bytes(match self {
            Self::Dir(path)
            | Self::Link { path, .. }
            | Self::File { path, .. }
            | Self::Device { path, .. }
            | Self::Seal { path, .. } => path.to_bytes(),
            Self::Bind { target, .. } | Self::OwnInodes { target, .. } | Self::Tmpfs { target, .. } => {
                target.to_bytes()
            }
            Self::Proc => b"/proc",
        })
    }
}

/// How everything is shown that isn't the code's own.
pub(super) const READ_ONLY: u64 = RDONLY | NOSUID | NODEV;
/// How device nodes are shown: each can be written nevertheless.
pub(super) const DEVICE: u64 = RDONLY | NOSUID | NOEXEC;
/// How private file systems are mounted.
pub(super) const PRIVATE: u64 = NOSUID | NODEV;

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
        self.bind_same(host, target, attributes, false)
    }

    /// Shows an existing folder of a job's, and makes sure that it is the one that the supervisor sees.
    pub(super) fn bind_exactly(
        &mut self,
        host: &Path,
        target: impl AsRef<Path>,
        attributes: u64,
    ) -> Result<(), SandboxError> {
        self.bind_same(host, target, attributes, true)
    }

    /// A device of the host at the same path, in a folder that exists.
    pub(super) fn device(&mut self, path: &Path) -> Result<(), SandboxError> {
        let failed = |source| SandboxError::Io { action: "read", path: path.into(), source };
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.file_type().is_char_device() {
            return self.bind(path, path, DEVICE);
        }
        let mut source = OsStr::from_bytes(OLD_ROOT.to_bytes()).to_os_string();
        source.push(path);
        self.steps.push(Step::Device { path: c(path)?, source: c(&source)?, number: metadata.rdev() });
        self.views.push(View { host: path.to_path_buf(), shown: path.to_path_buf() });
        Ok(())
    }

    /// Gives what was bound there inodes of the jail's own. Not where something of the host is mounted below, which would
    /// be covered too, nor where the kernel would read the path as an option.
    pub(super) fn own_inodes(&mut self, host: &Path, target: &Path) -> Result<(), SandboxError> {
        if has_mounts_below(host) || target.as_os_str().as_bytes().iter().any(|byte| b":,\\".contains(byte)) {
            return Ok(());
        }
        self.steps.push(Step::Dir(NOTHING.into()));
        let options = c(format!("lowerdir={}:{}", target.display(), NOTHING.to_string_lossy()))?;
        self.steps.push(Step::OwnInodes { target: c(target)?, options });
        Ok(())
    }

    fn bind_same(
        &mut self,
        host: &Path,
        target: impl AsRef<Path>,
        attributes: u64,
        exactly: bool,
    ) -> Result<(), SandboxError> {
        let target = target.as_ref();
        let failed = |source| SandboxError::Io { action: "resolve", path: host.into(), source };
        let resolved = fs::canonicalize(host).map_err(failed)?;
        let metadata = fs::metadata(&resolved).map_err(failed)?;
        if metadata.is_dir() {
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
        let same = exactly.then(|| Same { device: metadata.dev(), number: metadata.ino() });
        self.steps.push(Step::Bind { source: c(&source)?, target: c(target)?, attributes, same });
        self.views.push(View { host: resolved, shown: target.to_path_buf() });
        Ok(())
    }
}

/// Whether something is mounted below a folder of the host, which an overlay would not show.
fn has_mounts_below(folder: &Path) -> bool {
    // With room from the start, it is read in few calls.
    let mut mounts = String::with_capacity(32 << 10);
    let _ = fs::File::open("/proc/self/mountinfo").and_then(|mut file| file.read_to_string(&mut mounts));
    let below = |line: &str| {
        // A space is written as an octal escape.
        let point = line.split(' ').nth(4).map(|point| PathBuf::from(point.replace("\\040", " ")));
        point.is_some_and(|point| point != folder && point.starts_with(folder))
    };
    mounts.lines().any(below)
}

/// The path as the kernel takes it.
pub(super) fn c(path: impl AsRef<OsStr>) -> Result<CString, SandboxError> {
    CString::new(path.as_ref().as_bytes()).map_err(|_| {
        SandboxError::InvalidJob(format!("`{}` holds a NUL byte", path.as_ref().to_string_lossy().escape_debug()))
    })
}
