//! A place on a leaderboard, as numbers.

use serde::{Deserialize, Serialize};

use crate::medal::Medal;

/// A place on one board.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placing {
    /// 1 + the number of teams that are strictly better: 1 to `teams` + 1.
    pub position: usize,
    /// Teams on the board.
    pub teams: usize,
    /// (N − p + 1) / N for position p of N teams: 1 at the top, 0 below everyone.
    pub human_rank: f64,
}

impl Placing {
    /// HumanRank as MLE-Dojo's code computes it; its paper's 1 − p/N differs by 1/N.
    pub(crate) fn new(position: usize, teams: usize) -> Self {
        let human_rank = (teams + 1 - position) as f64 / teams as f64;
        Self { position, teams, human_rank }
    }
}

/// Where a score stands in a competition.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Mean of the boards' HumanRanks, 0 to 1.
    pub human_rank: f64,
    /// The place on the public board, if there is one.
    pub public: Option<Placing>,
    /// The place on the private board, if there is one.
    pub private: Option<Placing>,
    /// The medal that this score would have earned.
    pub medal: Option<Medal>,
}

impl Standing {
    /// The place that decides: on the private board, else on the public one.
    #[must_use]
    pub fn decisive(&self) -> Option<Placing> {
        self.private.or(self.public)
    }
}
