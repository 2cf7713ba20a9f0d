//! Host paths at which code written for another sandbox, or for none, expects its folders.

use std::path::{Component, Path, PathBuf};

use crate::error::SandboxError;
use crate::job::{INPUT_DIR, Job, WORK_DIR};

/// One path of the host, and the folder that it leads to in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPath {
    pub(crate) path: PathBuf,
    pub(crate) leads_to: PathBuf,
    /// The host's folder, links resolved.
    pub(crate) host: PathBuf,
    pub(crate) writable: bool,
}

/// The paths that [`Job::host_paths`] asks for: each folder's own, as it was given and with its links resolved. None holds
/// another, and none needs `..`.
///
/// `work` and `inputs` are the job's folders with their links resolved.
pub(crate) fn host_paths(job: &Job, work: &Path, inputs: &[(&str, PathBuf)]) -> Result<Vec<HostPath>, SandboxError> {
    if !job.host_paths {
        return Ok(Vec::new());
    }
    let working = (job.work_dir.as_path(), work, PathBuf::from(WORK_DIR), true);
    let read = job.inputs.iter().zip(inputs);
    let read = read
        .map(|(input, (name, host))| (input.host.as_path(), host.as_path(), Path::new(INPUT_DIR).join(name), false));
    let mut paths: Vec<HostPath> = Vec::new();
    for (given, host, leads_to, writable) in std::iter::once(working).chain(read) {
        let given = std::path::absolute(given).unwrap_or_else(|_| host.to_path_buf());
        for path in [given.as_path(), host] {
            let up = path.components().any(|part| matches!(part, Component::ParentDir));
            if up || path == leads_to || paths.iter().any(|known| known.path == path && known.host == host) {
                continue;
            }
            if let Some(known) =
                paths.iter().find(|known| known.path.starts_with(path) || path.starts_with(&known.path))
            {
                return Err(SandboxError::InvalidJob(format!(
                    "`{}` and `{}` are one in the other, and code cannot be shown both at their own paths; keep the working \
                     folder and the inputs apart",
                    known.path.display(),
                    path.display()
                )));
            }
            paths.push(HostPath {
                path: path.to_path_buf(),
                leads_to: leads_to.clone(),
                host: host.to_path_buf(),
                writable,
            });
        }
    }
    Ok(paths)
}
