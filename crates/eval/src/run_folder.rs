//! A run on disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::episode_id::EpisodeId;
use crate::error::RunError;
use crate::experiment::Experiment;
use crate::outcome::{Ended, EpisodeOutcome};

const EXPERIMENT_FILE: &str = "experiment.toml";
const LOCK_FILE: &str = "lock";
const EPISODES: &str = "episodes";
const OUTCOME_FILE: &str = "outcome.json";
const EPISODE: &str = "episode";
const TRANSCRIPT: &str = "transcript.jsonl";
const EARLIER: &str = "earlier";

/// A run's folder: the only state of an experiment.
///
/// ```text
/// RUN/
///   experiment.toml              what is played, as resolved
///   lock                         held while a process plays
///   episodes/<player>/<competition>/seed-<k>/
///     episode/                   the episode, as the environment writes it
///     transcript.jsonl           if the agent asks a model
///     outcome.json               once it is finished
///     earlier/1/                 what could not go on, moved aside: `episode/`, `transcript.jsonl`
/// ```
#[derive(Debug, Clone)]
pub struct RunFolder {
    directory: PathBuf,
    experiment: Experiment,
}

impl RunFolder {
    /// Opens the run in a folder.
    ///
    /// # Errors
    /// No run there, or an `experiment.toml` that this program did not write.
    pub fn open(directory: &Path) -> Result<Self, RunError> {
        let file = directory.join(EXPERIMENT_FILE);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(RunError::NoRun(directory.to_owned()));
            }
            read => read.map_err(|error| RunError::io("read", &file, error))?,
        };
        let experiment = Experiment::parse(&text, &file)?;
        Ok(Self { directory: directory.to_owned(), experiment })
    }

    /// Writes down what is to be played from now on, in a new or an old run's folder, which must be [locked](Self::lock).
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(directory: &Path, experiment: Experiment) -> Result<Self, RunError> {
        fs::create_dir_all(directory).map_err(|error| RunError::io("create", directory, error))?;
        write_whole(&directory.join(EXPERIMENT_FILE), experiment.to_toml().as_bytes())?;
        Ok(Self { directory: directory.to_owned(), experiment })
    }

    /// Keeps other processes from playing into a folder, which is made if need be, for as long as the lock lives.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written.
    pub fn lock(directory: &Path) -> Result<RunLock, RunError> {
        // A runner that was killed leaves its lock for a moment with what it was just starting.
        const PATIENCE: Duration = Duration::from_secs(2);
        fs::create_dir_all(directory).map_err(|error| RunError::io("create", directory, error))?;
        let path = directory.join(LOCK_FILE);
        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = open.map_err(|error| RunError::io("open", &path, error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    let told = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                    let holder = told.then(|| holder.trim().to_owned());
                    return Err(RunError::Locked { folder: directory.to_owned(), holder });
                }
                Err(TryLockError::Error(error)) => return Err(RunError::io("lock", &path, error)),
            }
        }
        let holder =
            format!("process {}, since {}\n", std::process::id(), jiff::Timestamp::now().strftime("%F %T UTC"));
        file.set_len(0)
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(|error| RunError::io("write", &path, error))?;
        Ok(RunLock { folder: directory.to_owned(), file })
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What is played.
    #[must_use]
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// All episodes that were begun or finished, sorted.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn episodes(&self) -> Result<Vec<EpisodeId>, RunError> {
        let root = self.directory.join(EPISODES);
        let mut found = Vec::new();
        for player in folders(&root)? {
            for competition in folders(&player)? {
                for seed in folders(&competition)? {
                    found.extend(seed.strip_prefix(&root).ok().and_then(EpisodeId::from_path));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// What the finished episodes came to, by their ids.
    ///
    /// # Errors
    /// An outcome that cannot be read.
    pub fn outcomes(&self) -> Result<Vec<EpisodeOutcome>, RunError> {
        self.episodes()?.iter().filter_map(|id| self.outcome(id).transpose()).collect()
    }

    /// What an episode came to; `None` while it is not finished.
    ///
    /// # Errors
    /// An outcome that cannot be read.
    pub fn outcome(&self, id: &EpisodeId) -> Result<Option<EpisodeOutcome>, RunError> {
        let file = self.episode_dir(id).join(OUTCOME_FILE);
        match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| RunError::file(&file, error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RunError::io("read", &file, error)),
        }
    }

    /// The folder of an episode and of what goes with it.
    #[must_use]
    pub fn episode_dir(&self, id: &EpisodeId) -> PathBuf {
        self.directory.join(EPISODES).join(id.path())
    }

    /// The episode itself, as [`Episode`](mledojo_env::Episode) opens it.
    #[must_use]
    pub fn log_dir(&self, id: &EpisodeId) -> PathBuf {
        self.episode_dir(id).join(EPISODE)
    }

    /// The transcript of an agent that asks a model.
    #[must_use]
    pub fn transcript_file(&self, id: &EpisodeId) -> PathBuf {
        self.episode_dir(id).join(TRANSCRIPT)
    }

    /// What all calls of models of the run have cost, in US dollars, those of unfinished episodes and of what was moved
    /// aside included. Calls of unknown cost count nothing.
    ///
    /// # Errors
    /// A transcript that cannot be read.
    pub fn spent_usd(&self) -> Result<f64, RunError> {
        let mut spent = 0.0;
        for id in self.episodes()? {
            let folder = self.episode_dir(&id);
            for place in folders(&folder.join(EARLIER))?.into_iter().chain([folder]) {
                spent += costs(&place.join(TRANSCRIPT))?;
            }
        }
        Ok(spent)
    }

    /// How often an episode was begun, counting one that begins now.
    pub(crate) fn attempts(&self, id: &EpisodeId) -> Result<u32, RunError> {
        Ok(1 + folders(&self.episode_dir(id).join(EARLIER))?.len() as u32)
    }

    /// Makes an episode finished, whose folder is there.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn finish(&self, outcome: &EpisodeOutcome) -> Result<(), RunError> {
        let file = self.episode_dir(&outcome.id()).join(OUTCOME_FILE);
        let text = serde_json::to_vec_pretty(outcome).map_err(|error| RunError::file(&file, error))?;
        write_whole(&file, &text)
    }

    /// Moves aside the finished episodes that ended by a fault of their agent, so that they begin anew; tells how many.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn set_aside_agent_errors(&self) -> Result<usize, RunError> {
        let failed = |outcome: &EpisodeOutcome| outcome.ended == Ended::AgentError;
        let failed: Vec<EpisodeId> =
            self.outcomes()?.iter().filter(|outcome| failed(outcome)).map(EpisodeOutcome::id).collect();
        failed.iter().try_for_each(|id| self.set_aside(id))?;
        Ok(failed.len())
    }

    /// Moves aside what is there of an episode, so that it can begin anew.
    pub(crate) fn set_aside(&self, id: &EpisodeId) -> Result<(), RunError> {
        let folder = self.episode_dir(id);
        let target = folder.join(EARLIER).join(self.attempts(id)?.to_string());
        fs::create_dir_all(&target).map_err(|error| RunError::io("create", &target, error))?;
        let mut names = vec![OUTCOME_FILE.into(), EPISODE.into()];
        let entries = fs::read_dir(&folder).map_err(|error| RunError::io("list", &folder, error))?;
        names.extend(entries.flatten().map(|entry| entry.file_name()).filter(|name| name != EARLIER));
        // The outcome first, without which the episode is one to be played, and then the episode.
        for name in names {
            match fs::rename(folder.join(&name), target.join(&name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(RunError::io("move aside", &folder.join(&name), error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Holds a run's folder; dropping it frees the folder.
#[derive(Debug)]
pub struct RunLock {
    folder: PathBuf,
    file: File,
}

impl RunLock {
    /// The folder that it holds.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for RunLock {
    /// Closing alone would leave the lock with a process that is being started just now.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The folders in a folder; none if there is no such folder.
fn folders(path: &Path) -> Result<Vec<PathBuf>, RunError> {
    let failed = |error| RunError::io("list", path, error);
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// The sum of the costs in a transcript; nothing if there is none. A last line without its end is no call.
fn costs(transcript: &Path) -> Result<f64, RunError> {
    #[derive(Deserialize)]
    struct Line {
        cost_usd: Option<f64>,
    }
    let text = match fs::read(transcript) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0.0),
        text => text.map_err(|error| RunError::io("read", transcript, error))?,
    };
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.enumerate().try_fold(0.0, |sum, (index, line)| {
        let line: Line = serde_json::from_slice(line)
            .map_err(|error| RunError::file(transcript, format!("line {}: {error}", index + 1)))?;
        Ok(sum + line.cost_usd.unwrap_or(0.0))
    })
}

/// Writes a file that is there whole or not at all, whatever happens meanwhile.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let temporary = file.with_extension("new");
    let failed = |error| RunError::io("write", file, error);
    let mut open = File::create(&temporary).map_err(failed)?;
    open.write_all(bytes).and_then(|()| open.sync_all()).map_err(failed)?;
    fs::rename(&temporary, file).map_err(failed)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|open| open.sync_all()).map_err(|error| RunError::io("sync", folder, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_counts_attempts_that_were_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path(), Experiment::default()).unwrap();
        let id = EpisodeId { player: "mle".to_owned(), competition: "iris".to_owned(), seed: 0 };
        fs::create_dir_all(run.log_dir(&id)).unwrap();
        let transcript = run.transcript_file(&id);
        fs::write(&transcript, "{\"cost_usd\":0.25,\"x\":1}\n{\"cost_usd\":null}\n{\"cost").unwrap();
        assert_eq!((run.spent_usd().unwrap(), run.attempts(&id).unwrap()), (0.25, 1));
        run.set_aside(&id).unwrap();
        assert!(!transcript.exists() && !run.log_dir(&id).exists());
        assert_eq!((run.spent_usd().unwrap(), run.attempts(&id).unwrap()), (0.25, 2));
        fs::write(&transcript, "{}\nnot json\n").unwrap();
        let error = run.spent_usd().unwrap_err().to_string();
        assert!(error.contains("transcript.jsonl`: line 2"), "{error}");
    }

    #[test]
    fn a_folder_is_held_by_one_lock_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = RunFolder::lock(folder.path()).unwrap();
        let error = RunFolder::lock(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("another process (process {}", std::process::id())), "{error}");
        drop(held);
        RunFolder::lock(folder.path()).unwrap();
        assert!(matches!(RunFolder::open(folder.path()), Err(RunError::NoRun(_))));
    }
}
