//! The agent's working folder, as the environment handles it between runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::time::Timespec;

use crate::error::EnvError;
use crate::submission::SUBMISSION_FILE;
use crate::{checkpoint, removal};

/// The folder `work` of an episode. It persists from step to step, but no run finds an earlier submission in it.
///
/// A run is bracketed: [`begin`](Self::begin), then [`keep_submission`](Self::keep_submission) or
/// [`put_back`](Self::put_back) or [`undo`](Self::undo), then [`commit`](Self::commit) once its step is on disk, or
/// [`roll_back`](Self::roll_back) if it came to no step.
#[derive(Debug)]
pub(crate) struct Workspace {
    work: PathBuf,
    /// What is needed to undo the run in progress lies in `before-<step>`, so that a crash leaves no doubt whether that
    /// step is on disk.
    before: PathBuf,
    /// When that run began, by the clock that stamps files.
    began: Timespec,
    trash: PathBuf,
}

/// In `before-<step>`: the submission from before the run, moved.
const HIDDEN: &str = "submission.csv";
/// In `before-<step>`: the whole folder from before the run, copied, if it is small enough.
const CHECKPOINT: &str = "work";

impl Workspace {
    /// The workspace of the episode in `episode`, made if need be; `steps` are on disk. A run that a crash cut off
    /// before its step was on disk is rolled back.
    pub(crate) fn open(episode: &Path, steps: u64) -> Result<Self, EnvError> {
        let mut workspace = Self {
            work: episode.join("work"),
            before: before(episode, steps),
            began: removal::file_clock(),
            trash: episode.join("trash"),
        };
        workspace.empty_trash();
        workspace.commit();
        workspace.before = before(episode, steps + 1);
        workspace.roll_back()?;
        workspace.make_work()?;
        Ok(workspace)
    }

    /// Before a run: remembers the folder as it is, and takes an earlier submission out of the way.
    pub(crate) fn begin(&mut self, step: u64) -> Result<(), EnvError> {
        self.start(step)?;
        let half = self.before.with_extension("new");
        self.remove(&half)?;
        fs::create_dir(&half).map_err(|error| EnvError::io("create", &half, error))?;
        let copy = half.join(CHECKPOINT);
        if !checkpoint::copy(&self.work, &copy).map_err(|error| EnvError::io("copy", &self.work, error))? {
            self.remove(&copy)?;
        }
        rename_if_there(&half, &self.before)?;
        rename_if_there(&self.submission(), &self.before.join(HIDDEN))?;
        self.began = removal::file_clock();
        Ok(())
    }

    /// After a run that counts: its submission stays, or else the earlier one comes back.
    pub(crate) fn keep_submission(&self) -> Result<(), EnvError> {
        self.unlock();
        if exists(&self.submission()) { Ok(()) } else { self.put_back() }
    }

    /// After a run that doesn't count: the earlier submission comes back, whatever the run wrote.
    pub(crate) fn put_back(&self) -> Result<(), EnvError> {
        self.unlock();
        self.remove(&self.submission())?;
        rename_if_there(&self.before.join(HIDDEN), &self.submission())
    }

    /// After a run that wrote more than it may: the folder is as it was before. In one that was too large for a
    /// checkpoint, the files that the run made or changed are gone.
    pub(crate) fn undo(&self) -> Result<(), EnvError> {
        let checkpoint = self.before.join(CHECKPOINT);
        self.unlock();
        if exists(&checkpoint) {
            self.remove(&self.work)?;
            rename_if_there(&checkpoint, &self.work)?;
        } else {
            fs::create_dir_all(&self.trash).map_err(|error| EnvError::io("create", &self.trash, error))?;
            removal::remove_newer(&self.work, self.began, &self.trash)
                .map_err(|error| EnvError::io("clean", &self.work, error))?;
            self.empty_trash();
        }
        self.put_back()
    }

    /// The run's step is on disk: there is no way back. What cannot be removed now is never looked at again.
    pub(crate) fn commit(&self) {
        // Works if it is empty, and then saves a way through the trash.
        let _ = fs::remove_dir(self.before.join(CHECKPOINT));
        let _ = self.remove(&self.before);
    }

    /// The run came to no step: the folder is as it was before. A folder too large for a checkpoint keeps what the run
    /// wrote, but for the submission.
    pub(crate) fn roll_back(&self) -> Result<(), EnvError> {
        let checkpoint = self.before.join(CHECKPOINT);
        if exists(&checkpoint) {
            self.remove(&self.work)?;
            rename_if_there(&checkpoint, &self.work)?;
        } else if exists(&self.before.join(HIDDEN)) {
            self.put_back()?;
        }
        self.remove(&self.before)
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.work
    }

    /// Empties the folder, as the doing of `step`: to be committed or rolled back as a run is.
    pub(crate) fn clear(&mut self, step: u64) -> Result<(), EnvError> {
        self.start(step)?;
        fs::create_dir(&self.before).map_err(|error| EnvError::io("create", &self.before, error))?;
        rename_if_there(&self.work, &self.before.join(CHECKPOINT))?;
        self.make_work()
    }

    fn start(&mut self, step: u64) -> Result<(), EnvError> {
        self.unlock();
        self.before = before(self.work.parent().unwrap_or(Path::new("")), step);
        self.remove(&self.before)
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
        // Mostly there is nothing, or next to nothing.
        if fs::remove_dir(path).is_err() && exists(path) {
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
        if exists(&self.trash) {
            let _ = removal::remove_tree(&self.trash);
        }
    }
}

/// Where what is needed to undo a step's run lies.
fn before(episode: &Path, step: u64) -> PathBuf {
    episode.join(format!("before-{step:04}"))
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
        let mut workspace = Workspace::open(episode.path(), 0).unwrap();
        fs::write(workspace.submission(), "first").unwrap();

        workspace.begin(1).unwrap();
        assert_eq!(written(&workspace), None);
        workspace.keep_submission().unwrap();
        workspace.commit();
        assert_eq!(written(&workspace).as_deref(), Some("first"));

        workspace.begin(2).unwrap();
        fs::write(workspace.submission(), "second").unwrap();
        workspace.put_back().unwrap();
        workspace.commit();
        assert_eq!(written(&workspace).as_deref(), Some("first"));

        workspace.begin(3).unwrap();
        fs::write(workspace.submission(), "third").unwrap();
        workspace.keep_submission().unwrap();
        workspace.commit();
        assert_eq!(written(&workspace).as_deref(), Some("third"));
        assert_eq!(fs::read_dir(episode.path()).unwrap().count(), 1);
    }

    /// A folder with a graded submission, and a run of step 5 that wrote a model and a submission of its own.
    fn cut_off(episode: &Path, extent: u64) -> Workspace {
        let mut workspace = Workspace::open(episode, 4).unwrap();
        fs::write(workspace.submission(), "graded").unwrap();
        fs::File::create(workspace.path().join("data")).unwrap().set_len(extent).unwrap();
        workspace.begin(5).unwrap();
        fs::write(workspace.submission(), "new").unwrap();
        fs::write(workspace.path().join("model"), "new").unwrap();
        workspace.keep_submission().unwrap();
        workspace
    }

    #[test]
    fn a_crash_before_the_step_is_on_disk_undoes_the_run() {
        let episode = tempfile::tempdir().unwrap();
        cut_off(episode.path(), 10);
        let again = Workspace::open(episode.path(), 4).unwrap();
        assert_eq!(written(&again).as_deref(), Some("graded"));
        assert!(!again.path().join("model").exists() && again.path().join("data").exists());
    }

    #[test]
    fn a_crash_after_the_step_is_on_disk_undoes_nothing() {
        let episode = tempfile::tempdir().unwrap();
        cut_off(episode.path(), 10);
        let again = Workspace::open(episode.path(), 5).unwrap();
        assert_eq!(written(&again).as_deref(), Some("new"));
        assert!(again.path().join("model").exists());
        assert_eq!(fs::read_dir(episode.path()).unwrap().count(), 1);
    }

    #[test]
    fn of_a_large_folder_only_the_submission_is_put_back() {
        let episode = tempfile::tempdir().unwrap();
        cut_off(episode.path(), 1 << 40);
        let again = Workspace::open(episode.path(), 4).unwrap();
        assert_eq!(written(&again).as_deref(), Some("graded"));
        assert!(again.path().join("model").exists());
    }

    #[test]
    fn a_run_that_wrote_too_much_is_undone_and_its_step_stays() {
        for extent in [10, 1 << 40] {
            let episode = tempfile::tempdir().unwrap();
            let mut workspace = Workspace::open(episode.path(), 4).unwrap();
            fs::write(workspace.submission(), "graded").unwrap();
            fs::File::create(workspace.path().join("data")).unwrap().set_len(extent).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(30));
            workspace.begin(5).unwrap();
            fs::write(workspace.submission(), "new").unwrap();
            fs::create_dir(workspace.path().join("models")).unwrap();
            fs::write(workspace.path().join("models/large"), "new").unwrap();
            workspace.undo().unwrap();
            let left = |workspace: &Workspace| {
                let mut names: Vec<_> =
                    fs::read_dir(workspace.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
                names.sort();
                (names, written(workspace))
            };
            let as_before = (vec!["data".into(), SUBMISSION_FILE.into()], Some("graded".to_owned()));
            assert_eq!(left(&workspace), as_before, "{extent}");
            // Whether its step is on disk or not.
            for steps in [4, 5] {
                assert_eq!(left(&Workspace::open(episode.path(), steps).unwrap()), as_before, "{extent}");
            }
        }
    }

    #[test]
    fn odd_files_are_cleared() {
        let episode = tempfile::tempdir().unwrap();
        let mut workspace = Workspace::open(episode.path(), 0).unwrap();
        let locked = workspace.path().join("locked/deep");
        fs::create_dir_all(&locked).unwrap();
        fs::write(locked.join("file"), "x").unwrap();
        std::os::unix::fs::symlink("/nowhere", workspace.submission()).unwrap();
        fs::set_permissions(locked.parent().unwrap(), Permissions::from_mode(0o000)).unwrap();
        workspace.clear(1).unwrap();
        workspace.commit();
        assert_eq!(fs::read_dir(workspace.path()).unwrap().count(), 0);
        assert!(!exists(&workspace.trash));
    }
}
