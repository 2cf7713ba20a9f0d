//! The Python that agent code runs in.
//!
//! [`ManagedRuntime`] makes and keeps a private virtual environment with pinned packages; [`Runtime`] is one that is
//! ready to use, from there or from a user's own interpreter; [`SyntaxChecker`] asks it whether a source is Python.

mod base_python;
mod command;
mod compile;
mod distributions;
mod failure;
mod install;
mod lock;
mod managed;
mod probe;
mod progress;
mod record;
mod syntax;
mod syntax_helper;
mod visible;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use install::{InstallOptions, InstallTool};
pub use managed::{ManagedRuntime, RuntimeState, RuntimeStatus};
pub use progress::{InstallEvent, InstallStep};
pub use syntax::{Syntax, SyntaxChecker, SyntaxProblem};

use crate::error::SandboxError;
use crate::interpreter::Interpreter;

/// A Python that is ready to run code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    interpreter: Interpreter,
    python_version: String,
    packages: BTreeMap<String, String>,
}

impl Runtime {
    /// A user's own interpreter: one of the system's, of a virtual environment, or of conda.
    ///
    /// It is started once, to ask what it needs. Code that runs in it sees these folders of the host, read-only: the
    /// environment, the installation that it is based on, every link that leads there, and the folders of the shared
    /// libraries it loads. Packages below the user's home (`pip install --user`) and folders that a `.pth` file
    /// names elsewhere (editable installs) are not among them.
    ///
    /// # Errors
    /// [`SandboxError::Runtime`] if `path` is no Python that starts, is older than 3.11, or would lay open a folder
    /// such as `/`, `/etc` or a home.
    pub fn from_interpreter(path: impl AsRef<Path>) -> Result<Self, SandboxError> {
        let facts = probe::ask(path.as_ref())?;
        let interpreter = visible::interpreter(&facts)?;
        Ok(Self { interpreter, python_version: facts.version, packages: facts.packages })
    }

    /// What a sandbox needs to start it.
    #[must_use]
    pub fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// Its version: `3.11.7`.
    #[must_use]
    pub fn python_version(&self) -> &str {
        &self.python_version
    }

    /// The packages it has: normalised name (`scikit-learn`) → version.
    #[must_use]
    pub fn packages(&self) -> &BTreeMap<String, String> {
        &self.packages
    }
}

/// A Python's version, as far as the lock's support depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct MinorVersion(u32, u32);

impl MinorVersion {
    const OLDEST: Self = Self(3, 11);
    /// The newest for which every locked package has wheels.
    const NEWEST_LOCKED: Self = Self(3, 14);

    fn parse(version: &str) -> Option<Self> {
        let mut parts = version.split('.');
        Some(Self(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

impl std::fmt::Display for MinorVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Turns an I/O error on `path` into a [`SandboxError`].
fn io_error(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    let path = path.to_path_buf();
    move |source| SandboxError::Io { action, path, source }
}
