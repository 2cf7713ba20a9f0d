//! Where the episodes of a report come from.

use std::path::{Path, PathBuf};

use mledojo_agents::llm::Usage;
use mledojo_env::{Episode, EpisodeSummary};

use crate::outcome::{Ended, EpisodeOutcome};
use crate::report::options::ReportError;
use crate::run_folder::RunFolder;

/// A finished episode and where it lies.
pub(crate) struct Finished {
    /// Its id, below the run.
    pub(crate) id: String,
    /// The episode's own folder.
    pub(crate) directory: PathBuf,
    /// The same, below the folder that the report is of.
    pub(crate) path: String,
    /// The transcript of an agent that asks a model.
    pub(crate) transcript: PathBuf,
    pub(crate) outcome: EpisodeOutcome,
}

/// The finished episodes of a folder, and the ids of those that are not finished.
pub(crate) struct Source {
    pub(crate) finished: Vec<Finished>,
    pub(crate) unfinished: Vec<String>,
}

impl Source {
    /// Reads the run in a folder, the episode that it is, or the episodes in it.
    pub(crate) fn read(folder: &Path) -> Result<Self, ReportError> {
        if folder.join("experiment.toml").exists() {
            return Self::run(folder);
        }
        let mut found = Vec::new();
        if Episode::open(folder).is_ok() {
            found.push(folder.to_owned());
        } else if let Ok(entries) = std::fs::read_dir(folder) {
            let folders = entries.flatten().map(|entry| entry.path());
            found.extend(folders.filter(|path| path.join("episode.json").exists()));
            found.sort();
        }
        if found.is_empty() {
            return Err(ReportError::Nothing(folder.to_owned()));
        }
        let mut source = Self { finished: Vec::new(), unfinished: Vec::new() };
        for directory in found {
            source.alone(folder, directory)?;
        }
        Ok(source)
    }

    fn run(folder: &Path) -> Result<Self, ReportError> {
        let run = RunFolder::open(folder)?;
        let mut source = Self { finished: Vec::new(), unfinished: Vec::new() };
        for id in run.episodes()? {
            let Some(outcome) = run.outcome(&id)? else {
                source.unfinished.push(id.to_string());
                continue;
            };
            let directory = run.log_dir(&id);
            source.finished.push(Finished {
                path: below(folder, &directory),
                directory,
                transcript: run.transcript_file(&id),
                id: id.to_string(),
                outcome,
            });
        }
        Ok(source)
    }

    /// Takes in an episode that no run holds: its log says what came of it.
    fn alone(&mut self, root: &Path, directory: PathBuf) -> Result<(), ReportError> {
        let episode = Episode::open(&directory)?;
        let summary = EpisodeSummary::read(&episode)?;
        let name = directory.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let id = format!("{}/{}/{name}", summary.agent, summary.competition);
        let ended = match (summary.terminated, summary.truncated) {
            (true, _) => Ended::Finished,
            (false, true) if episode.header.config.budget.steps == Some(summary.steps) => Ended::Steps,
            (false, true) => Ended::Time,
            (false, false) => {
                self.unfinished.push(id);
                return Ok(());
            }
        };
        let is_held_out = summary.result != summary.best;
        let outcome = EpisodeOutcome {
            agent: summary.agent,
            model: None,
            competition: summary.competition,
            seed: episode.header.seed,
            judging: episode.header.judging,
            config_digest: String::new(),
            ended,
            last: summary.best.clone(),
            best: summary.best,
            held_out: summary.result.filter(|_| is_held_out),
            steps: summary.steps,
            usage: Usage::default(),
            cost_usd: None,
            seconds: summary.seconds,
            working_seconds: summary.seconds,
            attempts: 1,
            error: None,
        };
        let (path, transcript) = (below(root, &directory), directory.join("transcript.jsonl"));
        self.finished.push(Finished { id, path, directory, transcript, outcome });
        Ok(())
    }
}

/// A path below a folder; the folder itself is `.`.
fn below(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root).map(|path| path.display().to_string()) {
        Ok(path) if path.is_empty() => ".".to_owned(),
        Ok(path) => path,
        Err(_) => path.display().to_string(),
    }
}
