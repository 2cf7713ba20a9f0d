//! Performance profiles and the area under them.

use mledojo_metrics::Direction;
use serde::{Deserialize, Serialize};

use crate::statistics::scores::{OverSeeds, Scores, TaskScores};

/// Whose definition of the area under the profile (AUP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AupRule {
    /// MLE-Dojo's: a model without a valid score has twice the worst valid ratio of the task; ratios end at 100; the
    /// area is exact, up to the least τ at which every model has reached 1.
    MleDojo,
    /// MLGym's: a score below 0, or below the task's baseline, is infeasible and has 1.05 times the worst feasible
    /// ratio; a left Riemann sum over 500 places up to a τ that is rounded up to a tenth.
    Mlgym,
}

/// The performance profiles of all models.
///
/// ρ(τ) of a model is the share of tasks on which log₁₀ of its ratio to the best model's score is at most τ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Whose definition.
    pub rule: AupRule,
    /// Where the profiles end.
    pub tau_max: f64,
    /// Tasks that count; one on which no model has a valid score says nothing and is left out.
    pub tasks: usize,
    /// log₁₀ of the ratios of each model, ascending, one for each task.
    pub log_ratios: Vec<Vec<f64>>,
    /// The area under each model's profile from 0 to `tau_max`; `None` for a model that didn't play all those tasks.
    pub aup: Vec<Option<f64>>,
}

impl Profile {
    /// ρ of a model at τ.
    #[must_use]
    pub fn rho(&self, model: usize, tau: f64) -> f64 {
        let ratios = &self.log_ratios[model];
        ratios.partition_point(|&ratio| ratio <= tau) as f64 / ratios.len().max(1) as f64
    }
}

const MLE_DOJO_PENALTY: f64 = 2.0;
const MLGYM_PENALTY: f64 = 1.05;
/// The largest ratio that MLE-Dojo tells apart.
const CLIP: f64 = 100.0;
const MLGYM_PLACES: usize = 500;

/// The profiles of models on tasks.
///
/// The ratio is score / best where smaller is better and best / score where larger is. Ratios need a common sign: of two
/// negative scores the fraction is turned over, and where one is 0 or the signs differ, the worse score has the largest
/// ratio there is (MLE-Dojo), or is infeasible (MLGym).
#[must_use]
pub fn profile(scores: &Scores, over: OverSeeds, rule: AupRule) -> Profile {
    let mut log_ratios = vec![Vec::new(); scores.models];
    let (mut tasks, mut worst) = (0, 1.0_f64);
    for task in &scores.tasks {
        let Some(Ratios { ratios, largest }) = ratios(task, over, rule) else { continue };
        tasks += 1;
        worst = worst.max(largest);
        for (model, ratio) in ratios.iter().enumerate().filter(|(model, _)| !task.cells[*model].is_empty()) {
            log_ratios[model].push(ratio.log10());
        }
    }
    for ratios in &mut log_ratios {
        ratios.sort_by(f64::total_cmp);
    }
    let tau_max = match rule {
        AupRule::MleDojo => worst.log10(),
        // What was to be a whole tenth must not become the next one.
        AupRule::Mlgym => (worst.log10() * 10.0 - 1e-9).ceil().max(0.0) / 10.0,
    };
    let mut profile = Profile { rule, tau_max, tasks, log_ratios, aup: Vec::new() };
    profile.aup = (0..scores.models).map(|model| profile.area(model)).collect();
    profile
}

impl Profile {
    fn area(&self, model: usize) -> Option<f64> {
        let ratios = &self.log_ratios[model];
        if self.tasks == 0 || ratios.len() < self.tasks {
            return None;
        }
        Some(match self.rule {
            AupRule::MleDojo => ratios.iter().map(|ratio| self.tau_max - ratio).sum::<f64>() / self.tasks as f64,
            AupRule::Mlgym => {
                let step = self.tau_max / (MLGYM_PLACES - 1) as f64;
                (0..MLGYM_PLACES - 1).map(|place| self.rho(model, place as f64 * step) * step).sum()
            }
        })
    }
}

/// The ratio of each model on a task, penalties included, and the largest one that the profiles must hold.
struct Ratios {
    ratios: Vec<f64>,
    largest: f64,
}

/// `None` where no model has a valid score.
fn ratios(task: &TaskScores, over: OverSeeds, rule: AupRule) -> Option<Ratios> {
    let feasible = |score: &f64| {
        let worse = task.baseline.is_some_and(|baseline| task.direction.is_better(baseline, *score));
        score.is_finite() && (rule == AupRule::MleDojo || (*score >= 0.0 && !worse))
    };
    let scores: Vec<Option<f64>> = task.merged(over).into_iter().map(|score| score.filter(feasible)).collect();
    let better = |best: f64, new: f64| if task.direction.is_better(new, best) { new } else { best };
    let best = scores.iter().copied().flatten().reduce(better)?;
    let ratios: Vec<Option<f64>> = scores
        .into_iter()
        .map(|score| {
            let ratio = ratio(score?, best, task.direction);
            match rule {
                AupRule::MleDojo => Some(ratio.unwrap_or(CLIP).min(CLIP)),
                AupRule::Mlgym => ratio,
            }
        })
        .collect();
    let worst = ratios.iter().copied().flatten().fold(1.0, f64::max);
    let penalty = match rule {
        AupRule::MleDojo => (worst * MLE_DOJO_PENALTY).min(CLIP),
        AupRule::Mlgym => worst * MLGYM_PENALTY,
    };
    let played = task.cells.iter().map(|cell| !cell.is_empty());
    let largest = match rule {
        // The penalty is only there if somebody earned it.
        AupRule::MleDojo if ratios.iter().zip(played).all(|(ratio, played)| ratio.is_some() || !played) => worst,
        AupRule::MleDojo => penalty,
        AupRule::Mlgym => penalty.ceil(),
    };
    Some(Ratios { ratios: ratios.into_iter().map(|ratio| ratio.unwrap_or(penalty)).collect(), largest })
}

/// At least 1; `None` where a ratio makes no sense.
fn ratio(score: f64, best: f64, direction: Direction) -> Option<f64> {
    if score == best {
        return Some(1.0);
    }
    let larger_is_worse = (direction == Direction::Minimize) == (score > 0.0);
    let ratio = if larger_is_worse { score / best } else { best / score };
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(direction: Direction, scores: &[Option<f64>]) -> TaskScores {
        TaskScores { direction, baseline: None, cells: scores.iter().map(|&score| vec![score]).collect() }
    }

    fn scores(tasks: Vec<TaskScores>) -> Scores {
        Scores { models: tasks[0].cells.len(), tasks }
    }

    #[test]
    fn mle_dojo_counts_ratios_to_the_best() {
        let scores = scores(vec![
            task(Direction::Minimize, &[Some(0.1), Some(1.0), None]),
            task(Direction::Maximize, &[Some(0.5), Some(0.05), Some(0.5)]),
        ]);
        let profile = profile(&scores, OverSeeds::Mean, AupRule::MleDojo);
        let failed = 20f64.log10();
        assert_eq!(profile.tau_max, failed);
        assert_eq!(profile.aup[0], Some(failed));
        assert!((profile.aup[1].unwrap() - (failed - 1.0)).abs() < 1e-12);
        assert!((profile.aup[2].unwrap() - failed / 2.0).abs() < 1e-12);
        assert_eq!((profile.rho(1, 0.99), profile.rho(1, 1.0), profile.rho(2, 0.0)), (0.0, 1.0, 0.5));
    }

    #[test]
    fn mle_dojo_clips_at_a_hundred_and_leaves_out_what_nobody_solved() {
        let scores = scores(vec![
            task(Direction::Minimize, &[Some(0.001), Some(7.0), None]),
            task(Direction::Maximize, &[None, None, None]),
        ]);
        let profile = profile(&scores, OverSeeds::Mean, AupRule::MleDojo);
        assert_eq!((profile.tau_max, profile.tasks), (2.0, 1));
        assert_eq!(profile.aup, [Some(2.0), Some(0.0), Some(0.0)]);
    }

    #[test]
    fn ratios_of_negative_scores_are_turned_over() {
        assert_eq!(ratio(-2.0, -1.0, Direction::Maximize), Some(2.0));
        assert_eq!(ratio(-5.0, -10.0, Direction::Minimize), Some(2.0));
        assert_eq!(ratio(-1.0, 0.5, Direction::Maximize), None);
        assert_eq!(ratio(0.0, 0.5, Direction::Maximize), None);
        assert_eq!(ratio(0.5, 0.0, Direction::Minimize), None);
        assert_eq!(ratio(0.0, 0.0, Direction::Minimize), Some(1.0));
    }

    #[test]
    fn mlgym_drops_what_is_below_the_baseline() {
        let mut worse = task(Direction::Minimize, &[Some(1.0), Some(1.8), Some(5.0), Some(-1.0)]);
        worse.baseline = Some(2.0);
        let profile = profile(&scores(vec![worse]), OverSeeds::Mean, AupRule::Mlgym);
        let log = |ratio: f64| [ratio.log10()];
        assert_eq!(profile.log_ratios, [log(1.0), log(1.8), log(1.8 * 1.05), log(1.8 * 1.05)]);
        // log10(ceil(1.89)) = 0.301, rounded up to a tenth.
        assert!((profile.tau_max - 0.4).abs() < 1e-12);
        assert!((profile.aup[0].unwrap() - 0.4).abs() < 1e-12);
        // The grid of 500 places: the first at or beyond log10(1.8) is number 319.
        let step = 0.4 / 499.0;
        let expected = 0.4 - (1.8f64.log10() / step).ceil() * step;
        assert!((profile.aup[1].unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_model_that_missed_a_task_has_no_area() {
        let mut first = task(Direction::Maximize, &[Some(1.0), Some(1.0)]);
        first.cells[1].clear();
        let profile = profile(&scores(vec![first]), OverSeeds::Mean, AupRule::MleDojo);
        assert_eq!(profile.aup, [Some(0.0), None]);
    }
}
