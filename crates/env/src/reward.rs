//! What a step earns.

use mledojo_catalog::Medal;
use mledojo_metrics::Direction;
use serde::{Deserialize, Serialize};

use crate::grade::Grade;

/// How a graded submission becomes a reward. A step without a graded submission earns 0 in every mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardMode {
    /// HumanRank, 0 to 1 (MLE-Dojo's "position").
    #[default]
    HumanRank,
    /// The raw score, its sign turned where smaller is better, so that more is better in every competition. Mind that
    /// a failed step's 0 is then more than any score of a minimised metric.
    Raw,
    /// By how much HumanRank beats the best of the episode so far, at least 0: repeating a submission earns nothing,
    /// and an episode's rewards sum up to its best HumanRank.
    Improvement,
    /// 1 for gold, 2/3 for silver, 1/3 for bronze, else 0.
    Medal,
}

impl RewardMode {
    /// The reward of a grade. `best_before` is the highest HumanRank of the episode before it.
    #[must_use]
    pub fn reward(self, grade: &Grade, best_before: Option<f64>, direction: Direction) -> f64 {
        let human_rank = grade.standing.human_rank;
        match self {
            Self::HumanRank => human_rank,
            Self::Raw => match direction {
                Direction::Maximize => grade.raw_score,
                Direction::Minimize => -grade.raw_score,
            },
            Self::Improvement => (human_rank - best_before.unwrap_or(0.0)).max(0.0),
            Self::Medal => match grade.standing.medal {
                Some(Medal::Gold) => 1.0,
                Some(Medal::Silver) => 2.0 / 3.0,
                Some(Medal::Bronze) => 1.0 / 3.0,
                None => 0.0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mledojo_catalog::{Board, Leaderboard};

    fn grade(raw_score: f64, direction: Direction) -> Grade {
        let board = Board::new((1..=10).map(f64::from).collect(), direction);
        let standing = Leaderboard::new(board, None).unwrap().standing(raw_score);
        Grade { raw_score, standing, note: None }
    }

    #[test]
    fn each_mode_pays_what_it_says() {
        let good = grade(2.0, Direction::Minimize);
        let pay = |mode: RewardMode, best| mode.reward(&good, best, Direction::Minimize);
        assert_eq!(pay(RewardMode::HumanRank, None), 0.9);
        assert_eq!(pay(RewardMode::Raw, None), -2.0);
        assert_eq!(pay(RewardMode::Improvement, None), 0.9);
        assert!((pay(RewardMode::Improvement, Some(0.7)) - 0.2).abs() < 1e-12);
        assert_eq!(pay(RewardMode::Improvement, Some(0.95)), 0.0);
        assert_eq!(pay(RewardMode::Medal, None), 2.0 / 3.0);
        assert_eq!(RewardMode::Raw.reward(&grade(2.0, Direction::Maximize), None, Direction::Maximize), 2.0);
    }
}
