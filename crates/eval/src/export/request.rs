//! What every export needs, and what it comes to.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use mledojo_catalog::Catalog;
use serde::Serialize;

use super::card::Card;
use super::chat::ChatMessage;
use super::dataset::{Dataset, Format, RowFacts};
use super::error::ExportError;
use super::schema::{Field, Kind, field};
use super::select::{EpisodeSelection, Selected, Split};
use super::source::Source;
use super::text::{Fingerprint, fingerprint, normalised};
use super::trajectory::Trajectory;

/// Which episodes become a data set, and where.
pub struct ExportRequest<'a> {
    /// Folders of episodes, of runs, or of either.
    pub sources: &'a [PathBuf],
    /// The new folder.
    pub out: &'a Path,
    /// Its files.
    pub format: Format,
    /// Which episodes.
    pub selection: &'a EpisodeSelection,
    /// Where the card finds titles and licences.
    pub catalog: &'a Catalog,
    /// Is told how many of how many episodes are done.
    pub progress: &'a mut dyn FnMut(u64, u64),
}

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportSummary {
    /// The episodes that were taken.
    pub episodes: u64,
    /// Rows by split.
    pub rows: BTreeMap<&'static str, u64>,
    /// Why episodes or rows were left out, and how many.
    pub left_out: BTreeMap<&'static str, u64>,
    /// The files, the card last.
    pub files: Vec<PathBuf>,
}

/// A data set in the making.
pub(crate) struct Job<'a> {
    pub(crate) selected: Selected,
    pub(crate) dataset: Dataset,
    selection: &'a EpisodeSelection,
    catalog: &'a Catalog,
    progress: &'a mut dyn FnMut(u64, u64),
    judgings: std::collections::BTreeSet<String>,
}

impl<'a> Job<'a> {
    pub(crate) fn begin(request: ExportRequest<'a>, fields: Vec<Field>) -> Result<Self, ExportError> {
        let selected = request.selection.select(Source::find(request.sources)?)?;
        let dataset = Dataset::create(request.out, request.format, fields)?;
        let ExportRequest { selection, catalog, progress, .. } = request;
        Ok(Self { selected, dataset, selection, catalog, progress, judgings: Default::default() })
    }

    /// Reads one of the episodes.
    pub(crate) fn read(&mut self, place: usize) -> Result<Trajectory, ExportError> {
        let trajectory = Trajectory::read(&self.selected.sources[place].0)?;
        self.judgings.insert(judging_of(&trajectory));
        Ok(trajectory)
    }

    pub(crate) fn tell(&mut self, done: usize) {
        (self.progress)(done as u64, self.selected.sources.len() as u64);
    }

    pub(crate) fn leave_out(&mut self, reason: &'static str) {
        *self.selected.left_out.entry(reason).or_default() += 1;
    }

    pub(crate) fn add<R: Serialize>(&mut self, row: &R, trajectory: &Trajectory) -> Result<(), ExportError> {
        let agent = match &trajectory.model {
            Some(model) => format!("{} with {model}", trajectory.agent),
            None => trajectory.agent.clone(),
        };
        let split = self.selected.splits.of(&trajectory.competition);
        self.dataset.add(row, RowFacts { split, competition: &trajectory.competition, agent })
    }

    /// Writes the card. `options` are the settings that only this kind of data set has.
    pub(crate) fn finish(self, kind: &'static str, options: &impl Serialize) -> Result<ExportSummary, ExportError> {
        let Self { selected, dataset, selection, catalog, judgings, .. } = self;
        let rows = |split: &Split| dataset.counts.get(split).map_or(0, |counts| counts.values().sum());
        let rows = Split::ALL.iter().map(|split| (split.name(), rows(split))).collect();
        let options = serde_json::to_value(options).unwrap_or_default();
        let episodes = selected.sources.len() as u64;
        let left_out = selected.left_out;
        let card = |dataset: &Dataset| {
            Card {
                kind,
                dataset,
                selection,
                options: &options,
                episodes,
                left_out: &left_out,
                judgings: &judgings,
                catalog,
            }
            .to_string()
        };
        let files = dataset.finish(card)?;
        Ok(ExportSummary { episodes, rows, left_out, files })
    }
}

fn judging_of(trajectory: &Trajectory) -> String {
    let judging = trajectory.judging;
    let protocol = serde_json::to_value(judging.protocol).unwrap_or_default();
    let protocol = protocol.as_str().unwrap_or_default();
    match judging.public_fraction {
        1.0.. => format!("`{protocol}`, all rows shown"),
        shown => format!("`{protocol}`, the score on {:.0} % of the rows shown, the others held out", 100.0 * shown),
    }
}

/// Which rows have been seen.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashSet<Fingerprint>);

impl Seen {
    /// Whether messages are new; `normal`: the same but for times and blanks are the same.
    pub(crate) fn is_new<'m>(&mut self, messages: impl Iterator<Item = &'m ChatMessage>, normal: bool) -> bool {
        let texts = messages.flat_map(|message| {
            let text = message.text();
            [message.role.name().to_owned(), if normal { normalised(&text) } else { text }]
        });
        self.0.insert(fingerprint(texts))
    }
}

/// The columns that every row begins with.
pub(crate) fn identity_fields() -> Vec<Field> {
    vec![
        field("id", Kind::Text),
        field("episode", Kind::Text),
        field("competition", Kind::Text),
        field("agent", Kind::Text),
        field("model", Kind::Text),
        field("seed", Kind::Whole),
    ]
}
