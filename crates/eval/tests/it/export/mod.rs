//! Data sets from episodes that the real environment has played.
//!
//! `tests/episodes` holds three, recorded once. In `iris-model` the held-out grade was changed to one that is seen nowhere
//! else, and its transcript was written by hand around the real steps, with a key and a path of the host planted in it.
//! `MLEDOJO_UPDATE_GOLDEN=1` writes `tests/golden` anew.

mod errors;
mod golden;
mod mle_dojo;
mod scaffolds;
mod selection;

use std::path::{Path, PathBuf};

use mledojo_catalog::Catalog;
use mledojo_eval::export::{
    EpisodeSelection, ExportError, ExportRequest, ExportSummary, Format, PreferenceOptions, RlOptions, SftOptions,
    export_preference, export_rl, export_sft,
};
use serde_json::Value;
use tempfile::TempDir;

fn episode(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/episodes").join(name)
}

/// A data set in the making.
struct Making {
    folder: TempDir,
    sources: Vec<PathBuf>,
    format: Format,
    selection: EpisodeSelection,
}

impl Making {
    /// Of all recorded episodes; wine is for validation.
    fn new() -> Self {
        Self::of(&[episode("")])
    }

    fn of(sources: &[PathBuf]) -> Self {
        let validation_competitions = vec!["wine".to_owned()];
        Self {
            folder: tempfile::tempdir().unwrap(),
            sources: sources.to_vec(),
            format: Format::Jsonl,
            selection: EpisodeSelection { validation_competitions, ..EpisodeSelection::default() },
        }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn make(&self, export: impl FnOnce(ExportRequest<'_>) -> Result<ExportSummary, ExportError>) -> ExportSummary {
        self.try_make(export).unwrap()
    }

    fn try_make(
        &self,
        export: impl FnOnce(ExportRequest<'_>) -> Result<ExportSummary, ExportError>,
    ) -> Result<ExportSummary, ExportError> {
        export(ExportRequest {
            sources: &self.sources,
            out: &self.out(),
            format: self.format,
            selection: &self.selection,
            catalog: &Catalog::bundled(),
            progress: &mut |_, _| {},
        })
    }

    fn sft(&self, options: &SftOptions) -> ExportSummary {
        self.make(|request| export_sft(request, options))
    }

    fn rl(&self) -> ExportSummary {
        self.make(|request| export_rl(request, &RlOptions { gamma: 0.5 }))
    }

    fn preference(&self, options: &PreferenceOptions) -> ExportSummary {
        self.make(|request| export_preference(request, options))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.out().join(name)).unwrap()
    }

    fn rows(&self, split: &str) -> Vec<Value> {
        let text = self.read(&format!("data/{split}.jsonl"));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
