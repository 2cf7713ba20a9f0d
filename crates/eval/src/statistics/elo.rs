//! Elo ratings from battles, by the model of Bradley and Terry.

use serde::Serialize;

use crate::statistics::battles::Battles;
use crate::statistics::bootstrap::{Bootstrap, Draws, Interval};
use crate::statistics::centre::median;
use crate::statistics::matrix;

/// How ratings are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EloSettings {
    /// Resamples of battles whose median a rating is; MLE-Dojo draws 100.
    pub resamples: usize,
    /// Seed of all draws.
    pub seed: u64,
    /// Weight of the pull to the mean: λ in the function below.
    pub ridge: f64,
    /// Resamples of tasks that an interval is made from, and the share of them that it covers.
    pub interval: Bootstrap,
}

impl Default for EloSettings {
    /// 100 resamples, λ = 1 (scikit-learn's `C=1`), intervals of 200 resamples.
    fn default() -> Self {
        Self { resamples: 100, seed: 0, ridge: 1.0, interval: Bootstrap { resamples: 200, ..Bootstrap::default() } }
    }
}

/// A model's rating.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rating {
    /// Median over resamples of the battles, as MLE-Dojo reports it.
    pub elo: f64,
    /// From resamples of whole tasks: the battles of one task are no independent ones.
    pub interval: Interval,
}

/// The ratings of all models; `None` for one that never fought.
pub type Elo = Vec<Option<Rating>>;

/// Elo points of a factor of ten in the odds.
const SCALE: f64 = 400.0;
/// The mean of all ratings.
const MEAN: f64 = 1000.0;

/// Rates the models of these battles.
///
/// With rating r a model beats one with rating s with probability 1 / (1 + 10^(s − r)), and Elo = 400 r + 1000. The
/// ratings minimise
///
/// ```text
/// λ/2 Σ rᵢ² − Σ over ordered pairs (i, j)  wᵢⱼ ln P(i beats j)
/// ```
///
/// where wᵢⱼ is two for each battle that i won against j and one for each tie: the logistic regression of MLE-Dojo's
/// paper (base 10, both orders of each pair, weighted by counts), which is scikit-learn's
/// `LogisticRegression(fit_intercept=False, C=1/λ)`. λ > 0 keeps the rating of a model that won everything finite, and
/// next to battles by the hundred it changes little. The mean is 1000 in any case.
#[must_use]
pub fn elo(battles: &Battles, settings: &EloSettings) -> Elo {
    let fought = fought(battles);
    let each: Vec<Vec<usize>> = (0..battles.len()).map(|battle| vec![battle]).collect();
    let refit =
        |groups: &[Vec<usize>], resamples, seed| refit(battles, groups, &fought, settings.ridge, resamples, seed);
    let by_battle = refit(&each, settings.resamples, settings.seed);
    let by_task = refit(&battles.by_task(), settings.interval.resamples, settings.interval.seed.wrapping_add(1));
    let rate = |(model, (by_battle, by_task)): (usize, (Vec<f64>, Vec<f64>))| {
        let elo = median(&by_battle).filter(|_| fought[model])?;
        Some(Rating { elo, interval: settings.interval.of(by_task)? })
    };
    by_battle.into_iter().zip(by_task).enumerate().map(rate).collect()
}

/// The ratings of each model in resamples of groups of battles.
fn refit(
    battles: &Battles,
    groups: &[Vec<usize>],
    counts: &[bool],
    ridge: f64,
    resamples: usize,
    seed: u64,
) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); counts.len()];
    let mut draws = Draws::new(seed);
    let mut drawn = vec![0; groups.len()];
    for _ in 0..resamples {
        draws.fill(&mut drawn, groups.len());
        let chosen = drawn.iter().flat_map(|&group| groups[group].iter().copied());
        let Some(fitted) = ratings(&battles.points(chosen), counts, ridge) else { continue };
        for (values, rating) in values.iter_mut().zip(fitted) {
            values.push(rating);
        }
    }
    values
}

/// Which models fought at all.
fn fought(battles: &Battles) -> Vec<bool> {
    let shares = battles.win_shares();
    shares.iter().map(|row| row.iter().any(Option::is_some)).collect()
}

/// The ratings, as Elo, that fit these points best; those of models that don't count stay at the mean.
///
/// `points[i][j]` are those of i against j, a half for each side of a tie. `None` where no ratings fit best, which takes
/// `ridge` = 0 and a model, or a group, that won or lost everything against the rest.
#[must_use]
pub fn ratings(points: &[Vec<f64>], counts: &[bool], ridge: f64) -> Option<Vec<f64>> {
    const STEPS: usize = 200;
    if ridge == 0.0 && !is_determined(points, counts) {
        return None;
    }
    let models = points.len();
    let ln10 = std::f64::consts::LN_10;
    let mut ratings = vec![0.0; models];
    let mut loss = objective(points, &ratings, ridge);
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = ratings.iter().map(|rating| ridge * rating).collect();
        // The mean is free without a ridge; this keeps it at 0 and bears on nothing else.
        let mut hessian = vec![vec![1.0 / models as f64; models]; models];
        for one in 0..models {
            hessian[one][one] += if counts[one] { ridge } else { ridge + 1.0 };
            for other in one + 1..models {
                let (won, lost) = (2.0 * points[one][other], 2.0 * points[other][one]);
                let chance = chance(ratings[one] - ratings[other]);
                let slope = ln10 * ((won + lost) * chance - won);
                gradient[one] += slope;
                gradient[other] -= slope;
                let bend = ln10 * ln10 * (won + lost) * chance * (1.0 - chance);
                hessian[one][one] += bend;
                hessian[other][other] += bend;
                hessian[one][other] -= bend;
                hessian[other][one] -= bend;
            }
        }
        let direction = matrix::solve(hessian, gradient)?;
        let mut size = 1.0;
        let (next, next_loss) = loop {
            let next: Vec<f64> = ratings.iter().zip(&direction).map(|(rating, by)| rating - size * by).collect();
            let next_loss = objective(points, &next, ridge);
            if next_loss <= loss || size < 1e-9 {
                break (next, next_loss);
            }
            size /= 2.0;
        };
        let moved = ratings.iter().zip(&next).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
        (ratings, loss) = (next, next_loss);
        if moved < 1e-10 {
            return Some(ratings.into_iter().map(|rating| SCALE * rating + MEAN).collect());
        }
    }
    None
}

/// Whether everyone reaches everyone else over a chain of models of which each has points against the next: the condition
/// under which one set of ratings fits best (Ford, 1957).
fn is_determined(points: &[Vec<f64>], counts: &[bool]) -> bool {
    let models: Vec<usize> = (0..points.len()).filter(|&model| counts[model]).collect();
    let reach_all = |has: &dyn Fn(usize, usize) -> bool| {
        let (mut reached, mut next) = (models[..1].to_vec(), 0);
        while next < reached.len() {
            let from = reached[next];
            let new = models.iter().copied().filter(|&to| has(from, to) && !reached.contains(&to));
            let new: Vec<usize> = new.collect();
            reached.extend(new);
            next += 1;
        }
        reached.len() == models.len()
    };
    models.is_empty() || (reach_all(&|a, b| points[a][b] > 0.0) && reach_all(&|a, b| points[b][a] > 0.0))
}

/// The probability of a win with a lead of so much.
fn chance(lead: f64) -> f64 {
    1.0 / (1.0 + 10f64.powf(-lead))
}

fn objective(points: &[Vec<f64>], ratings: &[f64], ridge: f64) -> f64 {
    let ln10 = std::f64::consts::LN_10;
    let mut loss = ratings.iter().map(|rating| ridge * rating * rating / 2.0).sum::<f64>();
    for (one, row) in points.iter().enumerate() {
        for (other, won) in row.iter().enumerate().filter(|(_, won)| **won > 0.0) {
            // ln(1 + e^x), for any x.
            let x = ln10 * (ratings[other] - ratings[one]);
            loss += 2.0 * won * (x.max(0.0) + (-x.abs()).exp().ln_1p());
        }
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{OverSeeds, Scores, TaskScores};
    use mledojo_metrics::Direction;

    const ALL: [bool; 2] = [true; 2];

    #[test]
    fn two_models_have_the_odds_of_their_battles() {
        // Won 10 of 11: odds of ten to one, so 400 points.
        let fitted = ratings(&[vec![0.0, 10.0], vec![1.0, 0.0]], &ALL, 0.0).unwrap();
        assert!((fitted[0] - 1200.0).abs() < 1e-6 && (fitted[1] - 800.0).abs() < 1e-6, "{fitted:?}");
    }

    #[test]
    fn who_won_everything_needs_the_ridge() {
        let points = [vec![0.0, 10.0], vec![0.0, 0.0]];
        assert_eq!(ratings(&points, &ALL, 0.0), None);
        let fitted = ratings(&points, &ALL, 1.0).unwrap();
        assert!(fitted[0] > 1200.0 && fitted[0] < 2000.0 && (fitted[0] + fitted[1] - 2000.0).abs() < 1e-6);
    }

    #[test]
    fn who_never_fought_has_no_rating() {
        let cells = vec![vec![Some(1.0)], vec![], vec![Some(2.0)]];
        let task = TaskScores { direction: Direction::Maximize, baseline: None, cells };
        let battles = Battles::of(&Scores { models: 3, tasks: vec![task] }, OverSeeds::Mean);
        let elo = elo(&battles, &EloSettings::default());
        assert!(elo[1].is_none());
        let (loser, winner) = (elo[0].unwrap(), elo[2].unwrap());
        assert!(winner.elo > loser.elo && (winner.elo + loser.elo - 2000.0).abs() < 1e-6);
        assert_eq!(winner.interval.low, winner.interval.high);
    }
}
