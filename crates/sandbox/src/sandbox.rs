//! The contract that every way of running code fulfils.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::error::SandboxError;
use crate::job::Job;
use crate::report::Report;

/// Runs jobs, each isolated from the host and from each other.
///
/// An implementation may keep interpreters ready between runs; nothing of one job may be seen by another, save
/// what the job's working folder keeps. `run` blocks until the last process of the job is gone.
pub trait Sandbox: Send + Sync {
    /// The name by which a user chooses this sandbox: `namespace`.
    fn name(&self) -> &'static str;

    /// What this sandbox does not keep code from. Whoever chooses it must show this to the user; `None`: it isolates.
    fn warning(&self) -> Option<&'static str> {
        None
    }

    /// The image that code runs in, by its digest; `None`: it runs in a Python of the host.
    fn image(&self) -> Option<&str> {
        None
    }

    /// The Python that this sandbox brings; `None`: it runs the host's.
    fn own_python(&self) -> Option<&OwnPython> {
        None
    }

    /// Where code finds its folders.
    fn paths(&self) -> CodePaths {
        CodePaths::Kaggle
    }

    /// What to write down of this sandbox, so that a result says in what it came about.
    fn record(&self) -> SandboxRecord {
        SandboxRecord {
            name: self.name().to_owned(),
            isolated: self.warning().is_none(),
            image: self.image().map(str::to_owned),
        }
    }

    /// Runs one job to its end.
    ///
    /// # Errors
    /// Only what is wrong with the request or the host (a missing folder, no file descriptors left). Whatever the
    /// code does is an [`Outcome`](crate::Outcome) of the report.
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<Report, SandboxError>;
}

/// Where code finds its folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePaths {
    /// At Kaggle's own paths: [`WORK_DIR`](crate::WORK_DIR) and below [`INPUT_DIR`](crate::INPUT_DIR).
    Kaggle,
    /// Where they lie on the host; the working folder is the current one.
    Host,
}

/// A Python that is not the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPython {
    /// Where code finds it.
    pub executable: PathBuf,
    /// `python` and its packages, by normalised name (`scikit-learn`), to their versions.
    pub versions: BTreeMap<String, String>,
}

/// In what a piece of code ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxRecord {
    /// The sandbox's name.
    pub name: String,
    /// Whether code was kept from the host, and so from the answers.
    pub isolated: bool,
    /// The container's image, by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Default for SandboxRecord {
    /// The `namespace` sandbox.
    fn default() -> Self {
        Self { name: "namespace".to_owned(), isolated: true, image: None }
    }
}

/// Ends a run from another thread. Clones share the request.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end. It stays asked for.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
