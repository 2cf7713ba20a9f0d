//! What no statistic may depend on, and the bounds of each.

use mledojo_eval::statistics::{
    AupRule, Battles, Bootstrap, EloSettings, OverSeeds, Scores, TaskScores, elo, profile, ratings,
};
use mledojo_metrics::Direction;
use proptest::prelude::*;

/// Scores of some models on some tasks, with failures and several seeds.
fn scores() -> impl Strategy<Value = Scores> {
    (2..6usize, 1..6usize, 1..3usize).prop_flat_map(|(models, tasks, seeds)| {
        let run = prop_oneof![1 => Just(None), 5 => (1..2000u32).prop_map(|n| Some(f64::from(n) / 100.0))];
        let cell = prop::collection::vec(run, seeds);
        let cells = prop::collection::vec(cell, models);
        let task = (any::<bool>(), cells).prop_map(|(up, cells)| {
            let direction = if up { Direction::Maximize } else { Direction::Minimize };
            TaskScores { direction, baseline: None, cells }
        });
        prop::collection::vec(task, tasks).prop_map(move |tasks| Scores { models, tasks })
    })
}

/// The same scores with models and tasks in reverse order.
fn reversed(scores: &Scores) -> Scores {
    let mut turned = scores.clone();
    turned.tasks.reverse();
    for task in &mut turned.tasks {
        task.cells.reverse();
    }
    turned
}

/// The ratings of all battles, none drawn again.
fn plain_ratings(scores: &Scores) -> Vec<f64> {
    let battles = Battles::of(scores, OverSeeds::Mean);
    let shares = battles.win_shares();
    let tasks = scores.tasks.len() as f64;
    let points: Vec<Vec<f64>> =
        shares.iter().map(|row| row.iter().map(|share| share.unwrap_or(0.0) * tasks).collect()).collect();
    ratings(&points, &vec![true; scores.models], 1.0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ratings_have_a_mean_of_1000_and_follow_their_models(scores in scores()) {
        let fitted = plain_ratings(&scores);
        prop_assert!((fitted.iter().sum::<f64>() / fitted.len() as f64 - 1000.0).abs() < 1e-6);
        let mut turned = plain_ratings(&reversed(&scores));
        turned.reverse();
        for (one, other) in fitted.iter().zip(&turned) {
            prop_assert!((one - other).abs() < 1e-4, "{one} {other}");
        }
    }

    #[test]
    fn drawn_ratings_repeat_and_lie_in_order(scores in scores()) {
        let settings = EloSettings {
            resamples: 20, interval: Bootstrap { resamples: 20, ..Bootstrap::default() }, ..EloSettings::default()
        };
        let battles = Battles::of(&scores, OverSeeds::Mean);
        let first = elo(&battles, &settings);
        prop_assert_eq!(&first, &elo(&battles, &settings));
        for rating in first.into_iter().flatten() {
            prop_assert!(rating.interval.low <= rating.interval.high);
        }
    }

    #[test]
    fn areas_lie_within_the_profile_and_follow_their_models(scores in scores(), best in any::<bool>()) {
        let over = if best { OverSeeds::Best } else { OverSeeds::Mean };
        for rule in [AupRule::MleDojo, AupRule::Mlgym] {
            let one = profile(&scores, over, rule);
            let other = profile(&reversed(&scores), over, rule);
            prop_assert!((one.tau_max - other.tau_max).abs() < 1e-12);
            for (aup, turned) in one.aup.iter().zip(other.aup.iter().rev()) {
                prop_assert_eq!(aup.is_some(), turned.is_some());
                let (Some(aup), Some(turned)) = (aup, turned) else { continue };
                prop_assert!((aup - turned).abs() < 1e-9);
                prop_assert!(*aup >= -1e-12 && *aup <= one.tau_max + 1e-9, "{aup} of {}", one.tau_max);
            }
            if rule == AupRule::MleDojo {
                prop_assert!(one.tau_max <= 2.0 + 1e-12);
            }
            for model in 0..scores.models {
                let at_end = one.rho(model, one.tau_max);
                prop_assert!(at_end == 1.0 || one.tasks == 0, "{at_end}");
            }
        }
    }

    #[test]
    fn a_unit_of_the_scores_is_of_no_account(scores in scores(), unit in 0.01..100.0f64) {
        let mut scaled = scores.clone();
        for task in &mut scaled.tasks {
            for score in task.cells.iter_mut().flatten().flatten() {
                *score *= unit;
            }
        }
        let (one, other) = (profile(&scores, OverSeeds::Best, AupRule::MleDojo), profile(&scaled, OverSeeds::Best, AupRule::MleDojo));
        for (aup, scaled) in one.aup.iter().flatten().zip(other.aup.iter().flatten()) {
            prop_assert!((aup - scaled).abs() < 1e-6);
        }
    }

    #[test]
    fn who_wins_loses_for_the_other(scores in scores()) {
        let shares = Battles::of(&scores, OverSeeds::Mean).win_shares();
        for (one, row) in shares.iter().enumerate() {
            for (other, share) in row.iter().enumerate() {
                if let Some(share) = share {
                    prop_assert!((share + shares[other][one].unwrap() - 1.0).abs() < 1e-9);
                }
            }
        }
    }
}
