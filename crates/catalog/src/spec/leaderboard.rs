//! `[leaderboard]`: who stands on it, and how its figures are given.

use serde::{Deserialize, Serialize};

/// `[leaderboard]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderboardSpec {
    /// Who stands on the board.
    pub entrants: Entrants,
    /// Figures of the public board, where `leaderboard.csv` holds rank quantiles of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<BoardFigures>,
    /// Figures of the private board, where `leaderboard.csv` holds rank quantiles of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<BoardFigures>,
}

/// What is known exactly of a board whose other scores are rank quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardFigures {
    /// Teams on the board.
    pub teams: usize,
    /// The score at the last place with gold, by [`MedalRanks`](crate::MedalRanks).
    pub gold: f64,
    /// The score at the last place with silver.
    pub silver: f64,
    /// The score at the last place with bronze.
    pub bronze: f64,
    /// The score in the middle: of an even number of teams, the better of the two.
    pub median: f64,
}

/// Who stands on a leaderboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entrants {
    /// Teams of people on Kaggle.
    People,
    /// Reference models of ours: the board says how strong a pipeline is, not how strong a person.
    ReferenceModels,
}
