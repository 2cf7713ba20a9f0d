//! How far an agent climbed the scores that it was shown.

use mledojo_env::Grade;
use serde::{Deserialize, Serialize};

/// What choosing by shown scores came to, where rows were held out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Climbing {
    /// HumanRank of the submission that counts, on the rows whose score was shown.
    pub shown: f64,
    /// The same submission's on the rows that were held out.
    pub held_out: f64,
    /// (shown − held out) of the submission that counts, less the mean of that difference over all graded submissions of
    /// the episode: what was gained by choosing on the shown score alone. About 0 for an honest choice among few.
    pub index: f64,
    /// The best held-out HumanRank among all submissions, less that of the one that counts.
    pub regret: f64,
    /// Graded submissions.
    pub submissions: usize,
}

impl Climbing {
    /// The figures of an episode from the grades of its submissions, in order, shown and held out; `chosen` is the one
    /// that counts. `None` where nothing was held out.
    pub(crate) fn of(grades: &[(Grade, Option<Grade>)], chosen: usize) -> Option<Self> {
        let pairs: Vec<(f64, f64)> = grades
            .iter()
            .map(|(shown, held_out)| Some((shown.standing.human_rank, held_out.as_ref()?.standing.human_rank)))
            .collect::<Option<_>>()?;
        let (shown, held_out) = *pairs.get(chosen)?;
        let gap = pairs.iter().map(|(shown, held_out)| shown - held_out).sum::<f64>() / pairs.len() as f64;
        let best = pairs.iter().map(|(_, held_out)| *held_out).fold(held_out, f64::max);
        let index = (shown - held_out) - gap;
        Some(Self { shown, held_out, index, regret: best - held_out, submissions: pairs.len() })
    }

    /// Whether it is more than chance among a few submissions makes.
    pub(crate) fn is_much(&self) -> bool {
        self.submissions >= 4 && self.index > 0.05 && self.shown > self.held_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mledojo_catalog::Standing;

    fn grade(human_rank: f64) -> Grade {
        let standing = Standing { human_rank, public: None, private: None, medal: None };
        Grade { raw_score: human_rank, standing, note: None }
    }

    #[test]
    fn the_index_is_what_the_choice_gained() {
        let pairs = |pairs: &[(f64, f64)]| -> Vec<(Grade, Option<Grade>)> {
            pairs.iter().map(|&(shown, held_out)| (grade(shown), Some(grade(held_out)))).collect()
        };
        let climbing = Climbing::of(&pairs(&[(0.5, 0.5), (0.5, 0.6), (0.9, 0.5), (0.6, 0.6)]), 2).unwrap();
        assert!((climbing.index - 0.325).abs() < 1e-12 && (climbing.regret - 0.1).abs() < 1e-12);
        assert!(climbing.is_much());
        // A board that is harder everywhere is no climbing.
        let even = Climbing::of(&pairs(&[(0.5, 0.3), (0.6, 0.4), (0.7, 0.5), (0.8, 0.6)]), 3).unwrap();
        assert!(even.index.abs() < 1e-12 && !even.is_much());
        assert_eq!(Climbing::of(&[(grade(0.5), None)], 0), None);
    }
}
