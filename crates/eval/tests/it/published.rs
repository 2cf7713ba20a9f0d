//! The published figures of MLE-Dojo (arXiv 2505.07782) that follow from other published figures.
//!
//! Its table of scores by task and model is given for means over the eight models alone, so AUP and Elo can't be had
//! from it again; what can be is tested here, and docs/evaluation-statistics.md says which is which.

use mledojo_catalog::{BoardKind, Catalog};
use mledojo_eval::statistics::{mean, ratings};
use mledojo_metrics::Protocol;

/// Table 2: HumanRank in percent and Elo, on MLE-Lite, Tabular, NLP and CV.
const MODELS: [(&str, [f64; 4], [f64; 4]); 8] = [
    ("gpt-4o-mini", [21.21, 15.37, 13.14, 10.17], [753.0, 839.0, 758.0, 754.0]),
    ("gpt-4o", [27.85, 18.97, 29.97, 18.76], [830.0, 861.0, 903.0, 761.0]),
    ("o3-mini", [56.48, 32.65, 37.46, 35.02], [1108.0, 1019.0, 1056.0, 1207.0]),
    ("DeepSeek-v3", [44.26, 37.85, 28.41, 26.75], [1004.0, 1015.0, 1028.0, 1067.0]),
    ("DeepSeek-r1", [58.43, 38.13, 28.48, 34.26], [1137.0, 1053.0, 1103.0, 1083.0]),
    ("Gemini-2.0-Flash", [33.50, 30.36, 28.39, 20.35], [847.0, 923.0, 860.0, 978.0]),
    ("Gemini-2.0-Pro", [48.61, 37.46, 30.93, 23.07], [1064.0, 1139.0, 1028.0, 973.0]),
    ("Gemini-2.5-Pro", [61.95, 42.64, 38.45, 42.83], [1257.0, 1150.0, 1266.0, 1177.0]),
];

/// Figure: overall HumanRank in percent, by model.
const OVERALL: [f64; 8] = [16.38, 24.64, 44.00, 36.62, 44.15, 29.32, 38.09, 50.03];

/// Table 5: the mean HumanRank of the eight models on each task.
const TASKS: [&[f64]; 4] = [
    &[
        1.0000, 0.9950, 0.7062, 0.7048, 0.6354, 0.6257, 0.5607, 0.5065, 0.4745, 0.4376, 0.4235, 0.4053, 0.3367, 0.3247,
        0.3159, 0.3006, 0.2050, 0.1543, 0.0984, 0.0362, 0.0008,
    ],
    &[0.7773, 0.5769, 0.5330, 0.3590, 0.3372, 0.2234, 0.1521, 0.1368, 0.0720, 0.0000],
    &[0.8086, 0.7412, 0.3114, 0.2833, 0.1821, 0.1350, 0.0891, 0.0704, 0.0253],
    &[0.5784, 0.4724, 0.3932, 0.2839, 0.2577, 0.2237, 0.1790, 0.1670, 0.0661, 0.0184],
];

#[test]
fn the_table_by_task_gives_the_categories_means() {
    for (category, tasks) in TASKS.iter().enumerate() {
        let of_models: Vec<f64> = MODELS.iter().map(|(_, ranks, _)| ranks[category]).collect();
        let (of_tasks, of_models) = (100.0 * mean(tasks).unwrap(), mean(&of_models).unwrap());
        assert!((of_tasks - of_models).abs() < 0.02, "category {category}: {of_tasks} and {of_models}");
    }
}

#[test]
fn the_overall_rank_is_the_mean_over_tasks_and_not_over_categories() {
    for ((model, ranks, _), overall) in MODELS.iter().zip(OVERALL) {
        let each_task = ranks.iter().zip(TASKS).flat_map(|(rank, tasks)| std::iter::repeat_n(*rank, tasks.len()));
        let over_tasks = mean(&each_task.collect::<Vec<_>>()).unwrap();
        assert!((over_tasks - overall).abs() < 0.01, "{model}: {over_tasks}");
    }
    assert!((mean(&MODELS[7].1).unwrap() - OVERALL[7]).abs() > 1.0);
}

#[test]
fn human_rank_is_that_of_the_code_and_not_of_the_paper() {
    // Table 5 has 0.9950 on a board of 50 teams, as a mean of eight models. The paper's 1 − p/N can't exceed 0.98 there.
    let competition = Catalog::bundled().get("detecting-insults-in-social-commentary").unwrap();
    let board = competition.leaderboard.under(Protocol::MleDojo);
    let best = board.board(BoardKind::Private).unwrap().best();
    let standing = board.standing(best);
    let private = standing.private.unwrap();
    assert_eq!((private.position, private.teams, standing.human_rank), (1, 50, 1.0));
    assert!(1.0 - private.position as f64 / private.teams as f64 <= 0.98);
    assert!(TASKS[0][1] > 0.98);
}

#[test]
fn our_ratings_have_the_published_scale() {
    // Battles in the shares that the published ratings predict give these ratings again: base 10, scale 400, mean 1000.
    for (category, tasks) in TASKS.iter().enumerate() {
        let elo: Vec<f64> = MODELS.iter().map(|(_, _, elo)| elo[category]).collect();
        let chance = |one: f64, other: f64| 1.0 / (1.0 + 10f64.powf((other - one) / 400.0));
        let points = |one: usize, other: usize| {
            if one == other { 0.0 } else { tasks.len() as f64 * chance(elo[one], elo[other]) }
        };
        let points: Vec<Vec<f64>> = (0..8).map(|one| (0..8).map(|other| points(one, other)).collect()).collect();
        for (ridge, within) in [(0.0, 0.3), (1.0, 4.0)] {
            let fitted = ratings(&points, &[true; 8], ridge).unwrap();
            assert!((mean(&fitted).unwrap() - 1000.0).abs() < 1e-9);
            for (fitted, published) in fitted.iter().zip(&elo) {
                assert!((fitted - published).abs() < within, "ridge {ridge}: {fitted} and {published}");
            }
        }
    }
}
