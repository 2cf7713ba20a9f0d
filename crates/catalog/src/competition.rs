//! One competition, read whole.

use std::path::{Path, PathBuf};

use crate::error::CatalogError;
use crate::leaderboard::Leaderboard;
use crate::spec::Spec;

/// A competition: its spec, its brief, and the scores to measure against.
#[derive(Debug, Clone, PartialEq)]
pub struct Competition {
    /// Facts, metric, submission format, preparation.
    pub spec: Spec,
    /// The task in words, Markdown; it becomes `public/description.md`.
    pub brief: String,
    /// All boards that there are; [`Leaderboard::under`] takes those that count.
    pub leaderboard: Leaderboard,
    /// The folder it was read from; `None` for a bundled one.
    pub folder: Option<PathBuf>,
}

impl Competition {
    /// Reads the three files of a competition's folder, given as texts; `folder` names it in errors.
    pub(crate) fn parse(folder: &str, spec: &str, brief: String, leaderboard: &str) -> Result<Self, CatalogError> {
        let spec = Spec::parse(spec, &format!("{folder}/{SPEC_FILE}"))?;
        let board_file = format!("{folder}/{LEADERBOARD_FILE}");
        let leaderboard =
            Leaderboard::parse_catalog(leaderboard, &spec.leaderboard, spec.metric.direction, &board_file)?;
        Ok(Self { spec, brief, leaderboard, folder: None })
    }

    /// Reads a competition's folder on disk.
    pub(crate) fn read(folder: &Path) -> Result<Self, CatalogError> {
        let name = folder.display().to_string();
        let (spec, brief) = (read_file(folder, SPEC_FILE)?, read_file(folder, BRIEF_FILE)?);
        let competition = Self::parse(&name, &spec, brief, &read_file(folder, LEADERBOARD_FILE)?)?;
        for file in competition.spec.python_metrics() {
            read_file(folder, file)?;
        }
        Ok(Self { folder: Some(folder.to_owned()), ..competition })
    }
}

/// The text of a file in a folder.
pub(crate) fn read_file(folder: &Path, name: &str) -> Result<String, CatalogError> {
    let file = folder.join(name);
    std::fs::read_to_string(&file).map_err(|source| CatalogError::Read { file: file.display().to_string(), source })
}

pub(crate) const SPEC_FILE: &str = "competition.toml";
pub(crate) const BRIEF_FILE: &str = "brief.md";
pub(crate) const LEADERBOARD_FILE: &str = "leaderboard.csv";
