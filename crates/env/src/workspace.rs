//! The agent's working folder, as the environment handles it between runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::checkpoint;
use crate::error::EnvError;
use crate::submission::SUBMISSION_FILE;

/// The folder `work` of an episode. It persists from step to step, but no run finds an earlier submission in it.
///
/// A run is bracketed: [`begin`](Self::begin), then [`keep_submission`](Self::keep_submission) or
/// [`put_back`](Self::put_back), then [`commit`](Self::commit) once its step is on disk, or
/// [`roll_back`](Self::roll_back) if it came to no step.
#[derive(Debug)]
pub(crate) struct Workspace {
    work: PathBuf,
    /// The submission from before the run in progress.
    hidden: PathBuf,
    /// The whole folder from before the run in progress, if it is small enough to be copied.
    checkpoint: PathBuf,
    trash: PathBuf,
}

impl Workspace {
    /// The workspace of the episode in `episode`, made if need be. What a crash interrupted is rolled back.
    pub(crate) fn open(episode: &Path) -> Result<Self, EnvError> {
        let workspace = Self {
            work: episode.join("work"),
            hidden: episode.join("hidden-submission"),
            checkpoint: episode.join("checkpoint"),
            trash: episode.join("trash"),
        };
        workspace.empty_trash();
        workspace.roll_back()?;
        workspace.make_work()?;
        Ok(workspace)
    }

    /// Before a run: remembers the folder as it is, and takes an earlier submission out of the way.
    pub(crate) fn begin(&self) -> Result<(), EnvError> {
        self.unlock();
        self.remove(&self.checkpoint)?;
        let half = self.checkpoint.with_extension("new");
        self.remove(&half)?;
        let copied = checkpoint::copy(&self.work, &half).map_err(|error| EnvError::io("copy", &self.work, error))?;
        if copied {
            rename_if_there(&half, &self.checkpoint)?;
        } else {
            self.remove(&half)?;
        }
        self.remove(&self.hidden)?;
        rename_if_there(&self.submission(), &self.hidden)
    }

    /// The run's step is on disk: there is no way back.
    pub(crate) fn commit(&self) -> Result<(), EnvError> {
        self.remove(&self.checkpoint)
    }

    /// The run came to no step: the folder is as it was before. A folder too large for a checkpoint keeps what the run
    /// wrote, but for the submission.
    pub(crate) fn roll_back(&self) -> Result<(), EnvError> {
        if exists(&self.checkpoint) {
            self.remove(&self.work)?;
            rename_if_there(&self.checkpoint, &self.work)?;
            self.remove(&self.hidden)
        } else if exists(&self.hidden) {
            self.put_back()
        } else {
            Ok(())
        }
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.work
    }

    /// After a run that counts: its submission stays, or else the earlier one comes back.
    pub(crate) fn keep_submission(&self) -> Result<(), EnvError> {
        self.unlock();
        if exists(&self.submission()) { self.remove(&self.hidden) } else { self.put_back() }
    }

    /// After a run that doesn't count: the earlier submission comes back, whatever the run wrote.
    pub(crate) fn put_back(&self) -> Result<(), EnvError> {
        self.unlock();
        self.remove(&self.submission())?;
        rename_if_there(&self.hidden, &self.submission())
    }

    /// Empties the folder. Not to be rolled back.
    pub(crate) fn clear(&self) -> Result<(), EnvError> {
        self.remove(&self.hidden)?;
        self.remove(&self.work)?;
        self.make_work()
    }

    fn submission(&self) -> PathBuf {
        self.work.join(SUBMISSION_FILE)
    }

    fn make_work(&self) -> Result<(), EnvError> {
        fs::create_dir_all(&self.work).map_err(|error| EnvError::io("create", &self.work, error))
    }

    /// The agent may have taken away its owner's rights, which are ours too where we run as an ordinary user.
    fn unlock(&self) {
        if let Ok(metadata) = fs::metadata(&self.work)
            && metadata.permissions().mode() & 0o700 != 0o700
        {
            // Should this fail, the operation that needs the right says so.
            let _ = fs::set_permissions(&self.work, Permissions::from_mode(0o755));
        }
    }

    /// Moves a path to the trash, which is one rename however much lies there, then empties the trash.
    fn remove(&self, path: &Path) -> Result<(), EnvError> {
        if exists(path) {
            fs::create_dir_all(&self.trash).map_err(|error| EnvError::io("create", &self.trash, error))?;
            let name = path.file_name().unwrap_or_default();
            let free = (0..).map(|n: u64| self.trash.join(format!("{}-{n}", name.to_string_lossy())));
            let target = free.into_iter().find(|target| !exists(target)).unwrap_or_else(|| self.trash.join("last"));
            fs::rename(path, &target).map_err(|error| EnvError::io("move", path, error))?;
            self.empty_trash();
        }
        Ok(())
    }

    /// What cannot be removed now stays in the trash, out of the agent's sight, and is tried again at the next chance.
    fn empty_trash(&self) {
        if exists(&self.trash) && fs::remove_dir_all(&self.trash).is_err() {
            grant_folders(&self.trash);
            let _ = fs::remove_dir_all(&self.trash);
        }
    }
}

/// Gives us back the rights on folders that an agent locked.
fn grant_folders(folder: &Path) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            grant_folders(&entry.path());
        }
    }
}

/// Whether anything has this name, a dangling link included.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn rename_if_there(from: &Path, to: &Path) -> Result<(), EnvError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(EnvError::io("move", from, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(workspace: &Workspace) -> Option<String> {
        fs::read_to_string(workspace.submission()).ok()
    }

    #[test]
    fn a_run_never_finds_an_earlier_submission_and_never_loses_it_by_failing() {
        let episode = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(episode.path()).unwrap();
        fs::write(workspace.submission(), "first").unwrap();

        workspace.begin().unwrap();
        assert_eq!(written(&workspace), None);
        workspace.keep_submission().unwrap();
        assert_eq!(written(&workspace).as_deref(), Some("first"));

        workspace.begin().unwrap();
        fs::write(workspace.submission(), "second").unwrap();
        workspace.put_back().unwrap();
        assert_eq!(written(&workspace).as_deref(), Some("first"));

        workspace.begin().unwrap();
        fs::write(workspace.submission(), "third").unwrap();
        workspace.keep_submission().unwrap();
        assert_eq!(written(&workspace).as_deref(), Some("third"));
        workspace.commit().unwrap();
        assert!(!exists(&workspace.hidden) && !exists(&workspace.checkpoint));
    }

    #[test]
    fn a_crash_in_mid_run_loses_no_submission() {
        let episode = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(episode.path()).unwrap();
        fs::write(workspace.submission(), "graded").unwrap();
        workspace.begin().unwrap();
        fs::write(workspace.submission(), "half").unwrap();
        fs::write(workspace.path().join("model"), "half").unwrap();
        let again = Workspace::open(episode.path()).unwrap();
        assert_eq!(written(&again).as_deref(), Some("graded"));
        assert!(!again.path().join("model").exists());
    }

    #[test]
    fn odd_files_are_cleared() {
        let episode = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(episode.path()).unwrap();
        let locked = workspace.path().join("locked/deep");
        fs::create_dir_all(&locked).unwrap();
        fs::write(locked.join("file"), "x").unwrap();
        std::os::unix::fs::symlink("/nowhere", workspace.submission()).unwrap();
        fs::set_permissions(locked.parent().unwrap(), Permissions::from_mode(0o000)).unwrap();
        workspace.clear().unwrap();
        assert_eq!(fs::read_dir(workspace.path()).unwrap().count(), 0);
        assert!(!exists(&workspace.trash));
    }
}
