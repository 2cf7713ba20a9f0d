//! Who beat whom.

use crate::statistics::scores::{OverSeeds, Scores, TaskScores};

/// The battles between models: one for each pair of models and each task that both played.
#[derive(Debug, Clone, PartialEq)]
pub struct Battles {
    models: usize,
    battles: Vec<Battle>,
}

/// One battle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Battle {
    pub(crate) task: usize,
    pub(crate) first: usize,
    pub(crate) second: usize,
    /// 1 where the first won, 0 where the second did, ½ for a tie; a share where several runs met.
    pub(crate) won: f64,
}

impl Battles {
    /// The battles that these scores decide.
    ///
    /// A model without a valid score loses to one with it and ties with another without. Under [`OverSeeds::Mean`] every
    /// run of the one meets every run of the other, and the battle is the share won; under [`OverSeeds::Best`] the best
    /// runs meet.
    #[must_use]
    pub fn of(scores: &Scores, over: OverSeeds) -> Self {
        let mut battles = Vec::new();
        for (index, task) in scores.tasks.iter().enumerate() {
            for first in 0..scores.models {
                for second in first + 1..scores.models {
                    if let Some(won) = meet(task, first, second, over) {
                        battles.push(Battle { task: index, first, second, won });
                    }
                }
            }
        }
        Self { models: scores.models, battles }
    }

    /// Number of models.
    #[must_use]
    pub fn models(&self) -> usize {
        self.models
    }

    /// Number of battles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.battles.len()
    }

    /// Whether nobody met anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.battles.is_empty()
    }

    /// The share of their battles that each model (row) won against each other one (column), ties counted half; `None`
    /// where the two never met.
    #[must_use]
    pub fn win_shares(&self) -> Vec<Vec<Option<f64>>> {
        let points = self.points(0..self.len());
        let share = |one: usize, other: usize| {
            let met = points[one][other] + points[other][one];
            (met > 0.0).then(|| points[one][other] / met)
        };
        (0..self.models).map(|one| (0..self.models).map(|other| share(one, other)).collect()).collect()
    }

    /// Points of each model against each other one, over some of the battles.
    pub(crate) fn points(&self, chosen: impl IntoIterator<Item = usize>) -> Vec<Vec<f64>> {
        let mut points = vec![vec![0.0; self.models]; self.models];
        for index in chosen {
            let Battle { first, second, won, .. } = self.battles[index];
            points[first][second] += won;
            points[second][first] += 1.0 - won;
        }
        points
    }

    /// The battles of each task, by their indices.
    pub(crate) fn by_task(&self) -> Vec<Vec<usize>> {
        let mut tasks: Vec<(usize, Vec<usize>)> = Vec::new();
        for (index, battle) in self.battles.iter().enumerate() {
            match tasks.last_mut() {
                Some((task, battles)) if *task == battle.task => battles.push(index),
                _ => tasks.push((battle.task, vec![index])),
            }
        }
        tasks.into_iter().map(|(_, battles)| battles).collect()
    }
}

/// The points of the first of two models; `None` where one of them didn't play.
fn meet(task: &TaskScores, first: usize, second: usize, over: OverSeeds) -> Option<f64> {
    let (one, other) = (&task.cells[first], &task.cells[second]);
    if one.is_empty() || other.is_empty() {
        return None;
    }
    let points = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) if task.direction.is_better(one, other) => 1.0,
        (Some(one), Some(other)) if task.direction.is_better(other, one) => 0.0,
        (Some(_), None) => 1.0,
        (None, Some(_)) => 0.0,
        _ => 0.5,
    };
    Some(match over {
        OverSeeds::Best => {
            let best = task.merged(OverSeeds::Best);
            points(best[first], best[second])
        }
        OverSeeds::Mean => {
            let all = one.iter().flat_map(|&one| other.iter().map(move |&other| points(one, other)));
            all.sum::<f64>() / (one.len() * other.len()) as f64
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mledojo_metrics::Direction;

    #[test]
    fn scores_decide_and_failures_lose() {
        let cells = vec![vec![Some(0.2)], vec![Some(0.3)], vec![None], vec![], vec![None]];
        let task = |direction| TaskScores { direction, baseline: None, cells: cells.clone() };
        let scores = Scores { models: 5, tasks: vec![task(Direction::Minimize), task(Direction::Maximize)] };
        let battles = Battles::of(&scores, OverSeeds::Mean);
        assert_eq!(battles.len(), 2 * 6);
        let shares = battles.win_shares();
        assert_eq!(shares[0][1], Some(0.5));
        assert_eq!((shares[0][2], shares[2][0]), (Some(1.0), Some(0.0)));
        assert_eq!(shares[2][4], Some(0.5));
        assert_eq!((shares[0][3], shares[1][1]), (None, None));
        assert_eq!(battles.by_task().len(), 2);
    }

    #[test]
    fn every_run_meets_every_run() {
        let cells = vec![vec![Some(1.0), Some(3.0)], vec![Some(2.0), None, Some(3.0)]];
        let scores =
            Scores { models: 2, tasks: vec![TaskScores { direction: Direction::Maximize, baseline: None, cells }] };
        // 1 beats nothing but the failure; 3 beats 2 and the failure and ties with 3.
        assert_eq!(Battles::of(&scores, OverSeeds::Mean).win_shares()[0][1], Some((1.0 + 2.5) / 6.0));
        assert_eq!(Battles::of(&scores, OverSeeds::Best).win_shares()[0][1], Some(0.5));
    }
}
