//! Which Python runs the code, and what of the host it needs to see.

use std::path::PathBuf;

/// A Python interpreter and the host folders without which it doesn't work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The absolute path by which Python is started; in a virtual environment the link in its `bin`, unresolved,
    /// as Python finds the environment by it.
    pub executable: PathBuf,
    /// Absolute host folders that must appear, read-only, at these very paths. Where a path leads through a symbolic
    /// link, the folder it leads to appears under both names.
    pub read_only: Vec<PathBuf>,
    /// The folder that holds the installed packages; `None` where the interpreter has none.
    pub site_packages: Option<PathBuf>,
}
