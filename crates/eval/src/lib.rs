//! Experiments: agents × models × competitions × seeds, played into one run folder, and what comes of them.
//!
//! Start with [`Experiment`], which says what is to be played, and [`RunFolder`], which holds all that was. An
//! [`EpisodeOutcome`] is what one episode came to; reports and exports read nothing but run folders.
//!
//! *Invariant:* this crate knows nothing of HTTP or command lines. Scores come from the environment's records; nothing
//! here grades.

pub mod checks;
mod digest;
mod episode_id;
mod error;
mod experiment;
mod outcome;
pub mod report;
mod run_folder;
pub mod statistics;

pub use episode_id::{EpisodeId, Player};
pub use error::RunError;
pub use experiment::{CodeLimits, EpisodeLimits, Experiment, JudgingRules};
pub use outcome::{Ended, EpisodeOutcome, Usage};
pub use run_folder::{RunFolder, RunLock};
