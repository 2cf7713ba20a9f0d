//! Where episodes are: single ones, runs, and folders of either.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::error::ExportError;
use super::scrub::public_name;
use crate::outcome::EpisodeOutcome;
use crate::run_folder::RunFolder;
use mledojo_env::{Episode, EpisodeSummary};

/// An episode and what lies beside it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// A name without host paths: in a run its place below `episodes/`, else the folder's name.
    pub(crate) id: String,
    /// The environment's own folder of the episode.
    pub(crate) directory: PathBuf,
    /// What the agent's model was asked and answered.
    pub(crate) transcript: Option<PathBuf>,
    /// How a run says that it ended.
    pub(crate) outcome: Option<PathBuf>,
}

/// The episode in a few figures, by the grades that its agent saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) competition: String,
    pub(crate) agent: String,
    /// HumanRank of the best submission.
    pub(crate) human_rank: Option<f64>,
    /// HumanRank of the decisive grade: on the rows that are held out, if some are.
    pub(crate) held_out: Option<f64>,
    /// It ended, by itself or by a limit.
    pub(crate) ended: bool,
}

const EXPERIMENT: &str = "experiment.toml";
/// Where a run keeps what could not go on.
const EARLIER: &str = "earlier";
const HEADER: &str = "episode.json";
const TRANSCRIPT: &str = "transcript.jsonl";
const OUTCOME: &str = "outcome.json";

impl Source {
    /// All episodes that `paths` lead to, in an order that depends on names alone; each once.
    pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Self>, ExportError> {
        let mut found = Vec::new();
        for path in paths {
            let before = found.len();
            if path.join(EXPERIMENT).is_file() {
                let run = RunFolder::open(path)?;
                for id in run.episodes()? {
                    found.extend(Self::at(&run.episode_dir(&id), id.to_string()));
                }
            } else if path.is_dir() {
                visit(path, path, 0, &mut found)?;
            } else {
                return Err(ExportError::NoEpisode { path: path.clone(), reason: "there is no such folder".into() });
            }
            if found.len() == before {
                return Err(ExportError::NoEpisode { path: path.clone(), reason: "there is no episode in it".into() });
            }
        }
        let mut places = HashSet::new();
        found.retain(|source| places.insert(source.directory.canonicalize().unwrap_or(source.directory.clone())));
        found.sort_by(|a, b| (&a.id, &a.directory).cmp(&(&b.id, &b.directory)));
        let mut taken: HashSet<String> = HashSet::new();
        for source in &mut found {
            let first = source.id.clone();
            let mut number = 2;
            while !taken.insert(source.id.clone()) {
                source.id = format!("{first}-{number}");
                number += 1;
            }
        }
        Ok(found)
    }

    /// Its episode.
    pub(crate) fn open(&self) -> Result<Episode, ExportError> {
        Ok(Episode::open(&self.directory)?)
    }

    /// The episode in a folder, if there is one: itself, or in `episode/` as runs have it.
    fn at(folder: &Path, id: String) -> Option<Self> {
        let wrapped = folder.join("episode");
        let directory = [wrapped, folder.to_owned()].into_iter().find(|folder| folder.join(HEADER).is_file())?;
        let beside = |name: &str| [folder.join(name), directory.join(name)].into_iter().find(|file| file.is_file());
        Some(Self { id, transcript: beside(TRANSCRIPT), outcome: beside(OUTCOME), directory })
    }

    /// What a run says of it; nothing for an episode that no run has finished.
    pub(crate) fn outcome(&self) -> Result<Option<EpisodeOutcome>, ExportError> {
        let Some(file) = &self.outcome else { return Ok(None) };
        let text = std::fs::read(file).map_err(|error| ExportError::io("read", file, error))?;
        serde_json::from_slice(&text).map_err(|error| ExportError::line(file, error.line(), error.to_string()))
    }

    /// Reads its log once for the figures.
    pub(crate) fn facts(&self) -> Result<Facts, ExportError> {
        let summary = EpisodeSummary::read(&self.open()?)?;
        Ok(Facts {
            ended: summary.terminated || summary.truncated || self.outcome()?.is_some(),
            human_rank: summary.best.map(|grade| grade.standing.human_rank),
            held_out: summary.result.map(|grade| grade.standing.human_rank),
            agent: public_name(&summary.agent),
            competition: summary.competition,
        })
    }
}

/// Collects the episodes in a folder.
fn visit(root: &Path, folder: &Path, depth: usize, found: &mut Vec<Source>) -> Result<(), ExportError> {
    const DEEPEST: usize = 5;
    if let Some(source) = Source::at(folder, id_of(root, folder)) {
        found.push(source);
        return Ok(());
    }
    if depth == DEEPEST {
        return Ok(());
    }
    let failed = |error| ExportError::io("read", folder, error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() && entry.file_name() != EARLIER {
            visit(root, &entry.path(), depth + 1, found)?;
        }
    }
    Ok(())
}

fn id_of(root: &Path, folder: &Path) -> String {
    let below = folder.strip_prefix(root).unwrap_or(folder);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    if !parts.is_empty() {
        return parts.join("/");
    }
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let named = if absolute.ends_with("episode") { absolute.parent().unwrap_or(&absolute) } else { &absolute };
    named.file_name().map_or_else(|| "episode".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn episodes_are_found_once_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let episode = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(HEADER), "{}").unwrap();
            path
        };
        let plain = episode("plain");
        episode("run/mle/wine/seed-1/episode");
        episode("run/mle/iris/seed-0/episode");
        episode("run/mle/iris/seed-3/earlier/1/episode");
        fs::write(folder.path().join("run/mle/iris/seed-0").join(TRANSCRIPT), "").unwrap();
        episode("other/plain");
        let paths = ["run", "plain", "plain", "other"].map(|name| folder.path().join(name));
        let found = Source::find(&paths).unwrap();
        let ids: Vec<_> = found.iter().map(|source| source.id.as_str()).collect();
        assert_eq!(ids, ["mle/iris/seed-0", "mle/wine/seed-1", "plain", "plain-2"]);
        assert!(found[0].transcript.is_some() && found[1].transcript.is_none());
        assert_eq!(found[3].directory, plain);

        let none = Source::find(&[folder.path().join("nowhere")]).unwrap_err().to_string();
        assert!(none.contains("nowhere") && none.contains("expected an episode's folder"), "{none}");
        fs::create_dir(folder.path().join("empty")).unwrap();
        assert!(Source::find(&[folder.path().join("empty")]).is_err());
    }
}
