//! What a competition is, which ones there are, and where a score would stand on their leaderboards.
//!
//! Start with [`Catalog`]: it finds a [`Competition`] by its slug, bundled or in a user's folder. A
//! [`Leaderboard`] turns a score into a [`Standing`]: positions, HumanRank and the medal it would have earned.
//!
//! *Invariant:* this crate knows nothing of how data is made or how code is run.

mod board;
mod catalog;
mod check;
mod competition;
mod error;
mod exact;
mod leaderboard;
mod medal;
mod pack;
mod quantiles;
mod set;
pub mod spec;
mod standing;
mod summary;

pub use board::{Board, BoardKind, BoardSource};
pub use catalog::Catalog;
pub use competition::Competition;
pub use error::CatalogError;
pub use exact::{ExactBoards, ImportedBoard};
pub use leaderboard::Leaderboard;
pub use medal::{Medal, MedalRanks};
pub use set::CompetitionSet;
pub use spec::Spec;
pub use standing::{Placing, Standing};
pub use summary::Summary;
