//! One board: the scores of all teams, or what is known of them.

use mledojo_metrics::Direction;
use serde::{Deserialize, Serialize};

use crate::medal::{Medal, MedalRanks};
use crate::quantiles::Quantiles;
use crate::standing::Placing;

/// Which of the two boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BoardKind {
    /// Scores on the part of the test set that is shown while a competition runs.
    Public,
    /// Scores on the rest, which decide.
    Private,
}

impl std::fmt::Display for BoardKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Public => "public",
            Self::Private => "private",
        })
    }
}

/// What a board's positions are computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BoardSource {
    /// Every team's score, from the catalog or a prepared folder.
    Exact,
    /// Every team's score, from a board that the user imported.
    Imported,
    /// Scores at 401 evenly spaced places, and at the medals' last places.
    Quantiles,
}

/// The scores of one board, best first. Never empty, all finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    direction: Direction,
    source: BoardSource,
    scores: Scores,
}

#[derive(Debug, Clone, PartialEq)]
enum Scores {
    /// One a team, best first.
    Exact(Vec<f64>),
    Quantiles(Quantiles),
}

impl Board {
    /// Makes a board of scores in any order; `None` when there are none, or one is not finite.
    #[must_use]
    pub fn new(mut scores: Vec<f64>, direction: Direction) -> Option<Self> {
        if scores.is_empty() || scores.iter().any(|score| !score.is_finite()) {
            return None;
        }
        scores.sort_by(f64::total_cmp);
        if direction == Direction::Maximize {
            scores.reverse();
        }
        Some(Self { direction, source: BoardSource::Exact, scores: Scores::Exact(scores) })
    }

    /// A board of which a summary is known.
    pub(crate) fn summary(quantiles: Quantiles, direction: Direction) -> Self {
        Self { direction, source: BoardSource::Quantiles, scores: Scores::Quantiles(quantiles) }
    }

    /// The same board, as one that the user imported.
    pub(crate) fn imported(self) -> Self {
        Self { source: BoardSource::Imported, ..self }
    }

    /// How many teams stand on the board.
    #[must_use]
    pub fn teams(&self) -> usize {
        match &self.scores {
            Scores::Exact(scores) => scores.len(),
            Scores::Quantiles(quantiles) => quantiles.teams(),
        }
    }

    /// What its positions are computed from.
    #[must_use]
    pub fn source(&self) -> BoardSource {
        self.source
    }

    /// The scores that are known, best first and evenly spaced over the places: of every team, or of 401.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        match &self.scores {
            Scores::Exact(scores) => scores,
            Scores::Quantiles(quantiles) => quantiles.scores(),
        }
    }

    /// The best score.
    #[must_use]
    pub fn best(&self) -> f64 {
        self.scores()[0]
    }

    /// The score in the middle: of an even number of teams, the better of the two.
    #[must_use]
    pub fn median(&self) -> f64 {
        match &self.scores {
            Scores::Exact(scores) => scores[(scores.len() - 1) / 2],
            Scores::Quantiles(quantiles) => quantiles.figures().median,
        }
    }

    /// The least score that earns a medal.
    #[must_use]
    pub fn threshold(&self, medal: Medal) -> f64 {
        match &self.scores {
            Scores::Exact(scores) => scores[MedalRanks::of(scores.len()).last(medal) - 1],
            Scores::Quantiles(quantiles) => quantiles.threshold(medal),
        }
    }

    /// Whether all scores are 0: a board that says nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.scores().iter().all(|&score| score == 0.0)
    }

    /// Whether it is the same board as another one, wherever the two come from.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.scores == other.scores
    }

    /// Where `score` would stand: position 1 + the number of teams that are strictly better.
    ///
    /// Of a board of quantiles, that number lies between two known places; it is taken from the straight line between
    /// them, and is off by less than N/400 teams. The medal that follows from the position is exact.
    ///
    /// ```
    /// use mledojo_catalog::Board;
    /// use mledojo_metrics::Direction;
    ///
    /// let board = Board::new(vec![0.9, 0.8, 0.7, 0.6], Direction::Maximize).unwrap();
    /// let placing = board.place(0.8);
    /// assert_eq!((placing.position, placing.teams, placing.human_rank), (2, 4, 0.75));
    /// assert_eq!(board.place(0.5).position, 5);
    /// assert_eq!(board.place(0.5).human_rank, 0.0);
    /// ```
    #[must_use]
    pub fn place(&self, score: f64) -> Placing {
        let better = match &self.scores {
            Scores::Exact(scores) => scores.partition_point(|&team| self.direction.is_better(team, score)),
            Scores::Quantiles(quantiles) => quantiles.better(score, self.direction),
        };
        Placing::new(better + 1, self.teams())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_submitter_in_both_directions() {
        let up = Board::new(vec![0.5, 0.9, 0.9, 0.7], Direction::Maximize).unwrap();
        assert_eq!(up.place(0.9).position, 1);
        assert_eq!(up.place(0.7).position, 3);
        let down = Board::new(vec![3.0, 1.0, 2.0], Direction::Minimize).unwrap();
        assert_eq!(down.place(2.0).position, 2);
        assert_eq!(down.place(2.5).position, 3);
        assert_eq!(down.place(9.0).position, 4);
    }

    #[test]
    fn boards_without_finite_scores_do_not_exist() {
        assert!(Board::new(vec![], Direction::Maximize).is_none());
        assert!(Board::new(vec![1.0, f64::NAN], Direction::Maximize).is_none());
    }
}
