//! One competition, read whole.

use std::path::PathBuf;

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
    /// The frozen boards.
    pub leaderboard: Leaderboard,
    /// The folder it was read from; `None` for a bundled one.
    pub folder: Option<PathBuf>,
}

impl Competition {
    /// Reads the three files of a competition's folder, given as texts; `folder` names it in errors.
    pub(crate) fn parse(folder: &str, spec: &str, brief: String, leaderboard: &str) -> Result<Self, CatalogError> {
        let spec = Spec::parse(spec, &format!("{folder}/{SPEC_FILE}"))?;
        let board_file = format!("{folder}/{LEADERBOARD_FILE}");
        let leaderboard = Leaderboard::parse_catalog(leaderboard, spec.metric.direction, &board_file)?;
        Ok(Self { spec, brief, leaderboard, folder: None })
    }
}

pub(crate) const SPEC_FILE: &str = "competition.toml";
pub(crate) const BRIEF_FILE: &str = "brief.md";
pub(crate) const LEADERBOARD_FILE: &str = "leaderboard.csv";
