//! Finding the Python from which the private environment is made.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::MinorVersion;
use super::probe::{self, Facts};
use crate::error::SandboxError;

/// In the order of preference; a version is preferred by how long its wheels have been around.
const NAMES: [&str; 6] = ["python3.13", "python3.12", "python3.11", "python3.14", "python3", "python"];

/// A Python that can make the environment.
#[derive(Debug)]
pub(super) struct BasePython {
    pub(super) executable: PathBuf,
    pub(super) version: String,
}

/// Takes the Python that the caller names, or else the first fit one on the search path.
///
/// `needs_venv`: it must be able to make an environment with pip by itself.
pub(super) fn find(given: Option<&Path>, search_path: &OsStr, needs_venv: bool) -> Result<BasePython, SandboxError> {
    if let Some(path) = given {
        return examine(path, needs_venv).map_err(|unfit| SandboxError::Runtime {
            reason: format!("`{}` can't make the runtime: {}", path.display(), unfit.reason),
            hint: unfit.hint,
        });
    }
    let mut rejected: Vec<(PathBuf, Unfit)> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in NAMES {
        for folder in std::env::split_paths(search_path) {
            let path = folder.join(name);
            let Ok(resolved) = std::fs::canonicalize(&path) else { continue };
            if !seen.insert(resolved) {
                continue;
            }
            match examine(&path, needs_venv) {
                Ok(base) => return Ok(base),
                Err(unfit) => rejected.push((path, unfit)),
            }
        }
    }
    Err(none_fits(&rejected))
}

/// Why an interpreter can't be the base.
#[derive(Debug)]
struct Unfit {
    reason: String,
    hint: String,
}

fn examine(path: &Path, needs_venv: bool) -> Result<BasePython, Unfit> {
    let facts = probe::question(path).map_err(|reason| Unfit { reason, hint: INSTALL_PYTHON.to_owned() })?;
    match judge(&facts, needs_venv) {
        Some(unfit) => Err(unfit),
        None => Ok(BasePython { executable: path.to_path_buf(), version: facts.version }),
    }
}

const INSTALL_PYTHON: &str =
    "install CPython 3.11 to 3.14 (Debian, Ubuntu: `apt install python3 python3-venv`), or name one";

fn judge(facts: &Facts, needs_venv: bool) -> Option<Unfit> {
    let install = |reason: String| Some(Unfit { reason, hint: INSTALL_PYTHON.to_owned() });
    let minor = facts.minor()?;
    if minor < MinorVersion::OLDEST {
        return install(format!("Python {} is too old: needs ≥ {}", facts.version, MinorVersion::OLDEST));
    }
    if minor > MinorVersion::NEWEST_LOCKED {
        return install(format!(
            "Python {} is newer than {}, the last one for which the pinned packages have wheels",
            facts.version,
            MinorVersion::NEWEST_LOCKED
        ));
    }
    if facts.implementation != "CPython" || facts.free_threaded || facts.bits != 64 {
        let kind = if facts.free_threaded { "free-threaded CPython" } else { &facts.implementation };
        return install(format!(
            "it is {kind} of {} bits; the pinned packages have wheels for 64-bit CPython",
            facts.bits
        ));
    }
    if needs_venv && !facts.has_venv {
        return Some(Unfit {
            reason: format!("Python {} lacks its `venv` or `ensurepip` module", facts.version),
            hint: format!("Debian, Ubuntu: `apt install python{minor}-venv`; or install `uv`, which needs neither"),
        });
    }
    None
}

fn none_fits(rejected: &[(PathBuf, Unfit)]) -> SandboxError {
    let mut reason = "no Python that can make the runtime is on PATH".to_owned();
    for (path, unfit) in rejected {
        let _ = write!(reason, "\n  {}: {}", path.display(), unfit.reason);
    }
    // What lacks only its venv module is closest to being of use.
    let nearest = rejected.iter().map(|(_, unfit)| &unfit.hint).find(|hint| *hint != INSTALL_PYTHON);
    SandboxError::Runtime { reason, hint: nearest.map_or(INSTALL_PYTHON, String::as_str).to_owned() }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A stand-in that answers the probe's question with `answer`.
    fn interpreter(folder: &Path, name: &str, answer: &str) {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\ncat <<'EOF'\n{answer}\nEOF\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn answer(version: &str, has_venv: bool) -> String {
        format!(r#"{{"version": "{version}", "implementation": "CPython", "bits": 64, "has_venv": {has_venv}}}"#)
    }

    #[test]
    fn the_first_fit_one_by_preference_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        interpreter(folder.path(), "python3", &answer("3.14.0", true));
        interpreter(folder.path(), "python3.12", &answer("3.12.1", true));
        interpreter(folder.path(), "python3.13", "pyenv: python3.13: command not found");
        let base = find(None, folder.path().as_os_str(), true).unwrap();
        assert_eq!((base.executable, base.version.as_str()), (folder.path().join("python3.12"), "3.12.1"));
    }

    #[test]
    fn the_error_lists_what_was_found_and_why_it_does_not_do() {
        let folder = tempfile::tempdir().unwrap();
        interpreter(folder.path(), "python", &answer("2.7.18", false));
        interpreter(folder.path(), "python3.11", &answer("3.11.2", false));
        interpreter(folder.path(), "python3", &answer("3.15.0", true));
        let error = find(None, folder.path().as_os_str(), true).unwrap_err().to_string();
        for expected in [
            "2.7.18 is too old: needs ≥ 3.11",
            "3.11.2 lacks its `venv`",
            "3.15.0 is newer than 3.14",
            "apt install python3.11-venv",
        ] {
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(find(None, folder.path().as_os_str(), false).unwrap().version, "3.11.2", "uv needs no venv module");
    }

    #[test]
    fn an_empty_path_and_a_named_non_python_are_explained() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(None, folder.path().as_os_str(), true).unwrap_err().to_string();
        assert!(error.contains("no Python") && error.contains("apt install python3"), "{error}");
        let error = find(Some(Path::new("/bin/false")), OsStr::new(""), true).unwrap_err().to_string();
        assert!(error.contains("`/bin/false` can't make the runtime"), "{error}");
    }
}
