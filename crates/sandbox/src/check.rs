//! What a job must satisfy, whatever runs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::SandboxError;
use crate::job::{Input, Job};
use crate::network::Network;

pub(crate) fn existing_dir(path: &Path, what: &str) -> Result<PathBuf, SandboxError> {
    let found = fs::canonicalize(path).and_then(|resolved| {
        if resolved.is_dir() { Ok(resolved) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
    });
    found.map_err(|error| SandboxError::InvalidJob(format!("{what} `{}`: {error}", path.display())))
}

/// `path` with its links resolved as far as it exists.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for ancestor in path.ancestors() {
        if let (Ok(resolved), Ok(rest)) = (fs::canonicalize(ancestor), path.strip_prefix(ancestor)) {
            return resolved.join(rest);
        }
    }
    path
}

pub(crate) fn check_hidden(shown: &Path, hidden: &[PathBuf]) -> Result<(), SandboxError> {
    match hidden.iter().find(|hidden| hidden.starts_with(shown) || shown.starts_with(hidden)) {
        Some(hidden) => Err(SandboxError::InvalidJob(format!(
            "the code would see `{}`, which overlaps `{}` that must stay hidden; keep them in separate folders",
            shown.display(),
            hidden.display()
        ))),
        None => Ok(()),
    }
}

/// Refuses what only a jail can hold code to.
pub(crate) fn check_no_grants(job: &Job, sandbox: &str) -> Result<(), SandboxError> {
    if job.network != Network::None {
        return Err(SandboxError::InvalidJob(format!(
            "the `{sandbox}` sandbox cannot hold code to a list of hosts: leave the list out, or use the `namespace` sandbox"
        )));
    }
    if !job.limits.gpus.is_empty() {
        return Err(SandboxError::InvalidJob(format!(
            "the `{sandbox}` sandbox cannot hold code to some GPUs: leave them out, or use the `namespace` sandbox"
        )));
    }
    Ok(())
}

/// Names and folders of a job's inputs, links resolved: names that differ, and nothing that must stay hidden.
pub(crate) fn checked_inputs<'a>(job: &'a Job, hidden: &[PathBuf]) -> Result<Vec<(&'a str, PathBuf)>, SandboxError> {
    let mut names = BTreeSet::new();
    let one = |input: &'a Input| {
        check_name(&input.name, "input")?;
        if !names.insert(&input.name) {
            return Err(SandboxError::InvalidJob(format!("two inputs have the name `{}`", input.name)));
        }
        let host = existing_dir(&input.host, "the input folder")?;
        check_hidden(&host, hidden)?;
        Ok((input.name.as_str(), host))
    };
    job.inputs.iter().map(one).collect()
}

pub(crate) fn check_name(name: &str, what: &str) -> Result<(), SandboxError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > 255 || name == "." || name == ".." || !name.bytes().all(good) {
        return Err(SandboxError::InvalidJob(format!(
            "{what} name `{}`: expected 1 to 255 letters, digits, `.`, `_` or `-`",
            name.escape_debug()
        )));
    }
    Ok(())
}
