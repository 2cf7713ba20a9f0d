//! What a competition is: spec, brief, leaderboard; positions, HumanRank and medals.
//!
//! Start with [`Catalog`]: it finds a [`Competition`] by its slug, among the bundled ones and in a user's folder.
//! [`Leaderboard::standing`] is the one place where a score becomes positions, HumanRank and a medal.
//!
//! *Invariant:* this crate knows nothing of how data is made or how code is run.

mod catalog;
mod competition;
mod error;
mod leaderboard;
mod medal;
pub mod spec;
mod standing;

pub use catalog::Catalog;
pub use competition::Competition;
pub use error::CatalogError;
pub use leaderboard::{Board, BoardKind, Leaderboard};
pub use medal::{Medal, MedalRanks};
pub use spec::Spec;
pub use standing::{Placing, Standing};
