//! Experiments: agents × models × competitions × seeds, played into one run folder, and what comes of them.
//!
//! Start with [`Experiment`], which says what is to be played, and [`RunFolder`], which holds all that was. An
//! [`EpisodeOutcome`] is what one episode came to; reports and exports read nothing but run folders.
//! [`export`] makes data sets for training of episodes.
//!
//! *Invariant:* this crate knows nothing of HTTP or command lines. Scores come from the environment's records; nothing
//! here grades.

pub mod checks;
mod digest;
mod episode_id;
mod error;
mod event;
mod experiment;
pub mod export;
mod host_crew;
mod outcome;
mod purse;
pub mod report;
mod run_folder;
mod runner;
pub mod statistics;
mod tally;

pub use episode_id::{EpisodeId, Player};
pub use error::RunError;
pub use event::RunEvent;
pub use experiment::{CodeLimits, EpisodeLimits, Experiment, JudgingRules, NetworkRules};
pub use host_crew::HostCrew;
pub use outcome::{Ended, EpisodeOutcome};
pub use purse::Purse;
pub use run_folder::{RunFolder, RunLock};
pub use runner::{Crew, Failure, Role, RunSummary, Runner};
pub use tally::Tally;
