//! The scores that statistics are made from.

use mledojo_metrics::Direction;
use serde::{Deserialize, Serialize};

use crate::statistics::centre;

/// What several runs of a model on a task count as, where a statistic wants one score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverSeeds {
    /// The middle one: the median of raw scores, a run without a score being worse than any; the mean of HumanRanks,
    /// a run without a score having 0.
    #[default]
    Mean,
    /// The best one, as in MLE-Dojo's paper (best of two).
    Best,
}

/// The runs of one model on one task: the raw score of each, `None` where it has no valid one.
pub type Cell = Vec<Option<f64>>;

/// The runs of all models on one task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskScores {
    /// Which way scores get better.
    pub direction: Direction,
    /// The score that counts as solved at all, by which MLGym's AUP tells feasible from infeasible.
    pub baseline: Option<f64>,
    /// A cell for each model; empty where it didn't play.
    pub cells: Vec<Cell>,
}

/// The raw scores of models on tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Number of models: of cells in each task.
    pub models: usize,
    /// The tasks.
    pub tasks: Vec<TaskScores>,
}

impl TaskScores {
    /// The one score of each model; `None` where it has no valid one.
    #[must_use]
    pub fn merged(&self, over: OverSeeds) -> Vec<Option<f64>> {
        self.cells.iter().map(|cell| self.merge(cell, over)).collect()
    }

    fn merge(&self, cell: &Cell, over: OverSeeds) -> Option<f64> {
        let valid: Vec<f64> = cell.iter().copied().flatten().filter(|score| !score.is_nan()).collect();
        match over {
            OverSeeds::Best => {
                valid.into_iter().reduce(|best, new| if self.direction.is_better(new, best) { new } else { best })
            }
            OverSeeds::Mean => {
                let worst = match self.direction {
                    Direction::Maximize => f64::NEG_INFINITY,
                    Direction::Minimize => f64::INFINITY,
                };
                let failed = cell.len() - valid.len();
                let all: Vec<f64> = valid.into_iter().chain(std::iter::repeat_n(worst, failed)).collect();
                centre::median(&all).filter(|median| median.is_finite())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_score_is_worse_than_any() {
        let task =
            |direction, cell: &[Option<f64>]| TaskScores { direction, baseline: None, cells: vec![cell.to_vec()] };
        let (up, down) = (Direction::Maximize, Direction::Minimize);
        for (direction, cell, mean, best) in [
            (up, &[Some(1.0), Some(3.0), None][..], Some(1.0), Some(3.0)),
            (down, &[Some(1.0), Some(3.0), None], Some(3.0), Some(1.0)),
            (down, &[Some(1.0), None], None, Some(1.0)),
            (down, &[Some(1.0), None, None], None, Some(1.0)),
            (up, &[Some(1.0), Some(2.0)], Some(1.5), Some(2.0)),
            (up, &[], None, None),
        ] {
            let task = task(direction, cell);
            assert_eq!(task.merged(OverSeeds::Mean), [mean], "{cell:?}");
            assert_eq!(task.merged(OverSeeds::Best), [best], "{cell:?}");
        }
    }
}
