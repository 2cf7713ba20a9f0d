//! What may be chosen about a report, and why there is none.

use std::path::PathBuf;

use mledojo_catalog::CatalogError;
use mledojo_env::EnvError;

use crate::checks::CheckError;
use crate::error::RunError;
use crate::statistics::{Bootstrap, EloSettings, OverSeeds};

/// What may be chosen about a report.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// What several seeds count as.
    pub over_seeds: OverSeeds,
    /// Of the intervals of means.
    pub bootstrap: Bootstrap,
    /// Of the ratings.
    pub elo: EloSettings,
    /// A folder of known outputs, for the checks.
    pub known: Option<PathBuf>,
    /// Leaves out the honest-run checks, which read every submission.
    pub without_checks: bool,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The run folder can't be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// An episode can't be read.
    #[error(transparent)]
    Episode(#[from] EnvError),
    /// A competition is not in the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The checks can't be made.
    #[error(transparent)]
    Checks(#[from] CheckError),
    /// A folder that holds neither a run nor an episode.
    #[error(
        "`{}` holds no run (`experiment.toml`), is no episode (`episode.json`), and holds no episodes; expected the \
         folder of an experiment or of an episode", .0.display()
    )]
    Nothing(PathBuf),
    /// A run of which nothing is finished.
    #[error("none of the {begun} episodes in `{}` is finished yet", folder.display())]
    NothingFinished {
        /// The run's folder.
        folder: PathBuf,
        /// Episodes that were begun.
        begun: usize,
    },
    /// A template of ours is broken.
    #[error("cannot draw the page: {0}")]
    Template(#[from] minijinja::Error),
}
