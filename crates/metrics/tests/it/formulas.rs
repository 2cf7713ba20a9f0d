//! Formulas that no grader has yet, against NumPy, SciPy and scikit-learn, and properties of theirs.

use std::collections::BTreeSet;

use mledojo_metrics::columns::{self, UndefinedColumn};
use mledojo_metrics::curve::{Band, BandArea, banded_roc_auc};
use mledojo_metrics::gini::{self, TieOrder};
use mledojo_metrics::lists::{self, Repeats};
use mledojo_metrics::masks::{self, Hit, Mask};
use mledojo_metrics::sets::{self, BothEmpty};
use mledojo_metrics::weighted::{Divisor, weighted_mae};
use mledojo_metrics::{
    classification, cross_entropy, geometry, hausdorff, kappa, life, permutations, precision, regression, sequences,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::reference::{Random, run};

const BANDS: [Band; 2] = [Band { low: 0.0, high: 0.4, weight: 2.0 }, Band { low: 0.4, high: 1.0, weight: 1.0 }];

const FOUR_BANDS: [Band; 4] = [
    Band { low: 0.0, high: 0.2, weight: 2.0 },
    Band { low: 0.2, high: 0.4, weight: 1.5 },
    Band { low: 0.4, high: 0.6, weight: 1.0 },
    Band { low: 0.6, high: 0.8, weight: 0.5 },
];

/// Cases of one size: a formula's name in the script, its arguments, and our score.
fn cases(n: usize, coarse: bool, random: &mut Random) -> Vec<(&'static str, Value, Option<f64>)> {
    let numbers = |random: &mut Random| -> Vec<f64> {
        let round = |value: f64| if coarse { value.round() } else { value };
        (0..n).map(|_| round(3.0 * random.normal())).collect()
    };
    let (t, p, w): (_, _, Vec<f64>) = (numbers(random), numbers(random), (0..n).map(|_| random.unit() + 0.1).collect());
    let positive: Vec<f64> = t.iter().map(|value| value.abs() + 0.5).collect();
    let truth: Vec<bool> = (0..n).map(|row| row == 0 || (row > 1 && random.below(3) == 0)).collect();
    let ones: Vec<u8> = truth.iter().map(|&positive| u8::from(positive)).collect();
    let halves: Vec<f64> = (0..n).map(|_| if coarse { random.below(5) as f64 / 4.0 } else { random.unit() }).collect();
    let distinct: Vec<f64> = (0..n).map(|_| random.unit()).collect();
    let labels: Vec<i64> = (0..n).map(|_| [0, 1, 4, 9][random.below(4)]).collect();
    let guesses: Vec<i64> = (0..n).map(|_| [0, 1, 4, 12][random.below(4)]).collect();
    let mut order: Vec<usize> = (0..n).collect();
    random.shuffle(&mut order);
    let places: Vec<usize> = (0..n).map(|_| random.below(8)).collect();
    let ranked: Vec<Vec<usize>> =
        places.iter().map(|&place| (0..8).map(|at| usize::from(at == place)).collect()).collect();
    let points =
        |random: &mut Random| -> Vec<[f64; 2]> { (0..n.min(60)).map(|_| [random.unit(), random.unit()]).collect() };
    let (a, b) = (points(random), points(random));
    let set = |random: &mut Random| -> BTreeSet<u64> { (0..n.min(50)).map(|_| random.below(40) as u64).collect() };
    let (left, right) = (set(random), set(random));
    let mask = |set: &BTreeSet<u64>| Mask::from_runs(set.iter().map(|&pixel| (pixel, 1)));
    let word = |random: &mut Random| -> Vec<usize> { (0..n.min(30)).map(|_| random.below(4)).collect() };
    let (x, y) = (word(random), word(random));
    let cells = |random: &mut Random| -> Vec<bool> { (0..n.min(90) * 5).map(|_| random.below(3) == 0).collect() };
    let (first, last) = (cells(random), cells(random));
    let boards = |cells: &[bool]| life::Board::new(5, cells.to_vec()).expect("whole rows");
    let matrix: Vec<f64> = distinct.iter().zip(&halves).flat_map(|(&a, &b)| [a, b]).collect();
    let votes: Vec<f64> = w.iter().zip(&halves).flat_map(|(&a, &b)| [a, b]).collect();
    let rows = |values: &[f64]| json!(values.chunks(2).collect::<Vec<_>>());
    let marks: Vec<bool> = truth.iter().flat_map(|&positive| [positive, !positive]).collect();
    let bits: Vec<[u8; 2]> = ones.iter().map(|&one| [one, 1 - one]).collect();
    let (columns_t, columns_p) = ([t.clone(), p.clone()], [p.clone(), w.clone()]);
    let counts = UndefinedColumn::Propagates;
    let row = TieOrder::RowOrder;
    let auc = |bands: &[Band], area| banded_roc_auc(&truth, &halves, bands, area);
    let dice = masks::dice(&mask(&left), &mask(&right));
    vec![
        ("mse", json!([t, p]), regression::mse(&t, &p)),
        ("median_absolute_error", json!([t, p]), regression::median_absolute_error(&t, &p)),
        ("rmspe", json!([positive, p]), regression::rmspe(&positive, &p)),
        ("weighted_mae", json!([t, p, w]), weighted_mae(&t, &p, &w, Divisor::WeightSum)),
        ("mean_column_rmse", json!([columns_t, columns_p]), columns::mean_column_rmse(&columns_t, &columns_p)),
        (
            "mean_column_roc_auc",
            json!([[ones, ones], [halves, p]]),
            columns::mean_column_roc_auc(&[truth.clone(), truth.clone()], &[halves.clone(), p.clone()], counts),
        ),
        (
            "mean_column_spearman",
            json!([columns_t, columns_p]),
            columns::mean_column_spearman(&columns_t, &columns_p, counts),
        ),
        ("gini", json!([positive, p]), gini::gini(&positive, &p, row)),
        ("normalized_gini", json!([positive, p]), gini::normalized_gini(&positive, &p, row)),
        ("macro_recall", json!([labels, guesses]), classification::macro_recall(&labels, &guesses)),
        ("kappa_of_places", json!([labels, guesses]), kappa::quadratic_weighted_kappa_of_places(&labels, &guesses)),
        ("grid_auc", json!([ones, halves]), auc(&FOUR_BANDS, BandArea::Grid { points: 10_000 })),
        ("held_auc", json!([ones, halves]), auc(&BANDS, BandArea::Held { divisor: 3.0 })),
        ("exact_auc", json!([ones, halves]), auc(&BANDS, BandArea::Exact)),
        ("average_precision", json!([ones, distinct]), precision::average_precision(&truth, &distinct)),
        ("lwlrap", json!([bits, rows(&matrix)]), precision::lwlrap(&marks, &matrix, 2)),
        (
            "clipped_log_loss",
            json!([ones, halves]),
            cross_entropy::clipped_log_loss(&truth, &halves, f64::EPSILON, cross_entropy::PairClip::Both),
        ),
        (
            "kl_divergence",
            json!([rows(&votes), rows(&matrix)]),
            cross_entropy::kl_divergence(&votes, &matrix, 2, 1e-15),
        ),
        ("kendall_tau", json!([order]), permutations::kendall_tau(&[n], std::slice::from_ref(&order))),
        ("levenshtein", json!([x, y]), Some(sequences::levenshtein(&x, &y) as f64)),
        ("jaccard", json!([left, right]), Some(sets::jaccard(&left, &right, BothEmpty::One))),
        ("ndcg", json!([places, 5]), lists::ndcg_at(5, &vec![1; n], &ranked)),
        ("percentile", json!([t]), geometry::percentile(&t, 95.0)),
        ("hausdorff", json!([a, b]), hausdorff::hausdorff(&a, &b)),
        ("dice", json!([left, right]), dice),
        ("iou", json!([left, right]), masks::iou(&mask(&left), &mask(&right))),
        ("life", json!([5, 3, last, first]), life::stepped_error(&[3], &[boards(&last)], &[boards(&first)])),
    ]
}

#[test]
fn formulas_equal_their_references() {
    let mut random = Random(5);
    let mut all = Vec::new();
    for n in [3, 4, 7, 20, 100, 1_000] {
        for coarse in [false, true, false, true] {
            all.extend(cases(n, coarse, &mut random).into_iter().filter(|case| case.2.is_some()));
        }
    }
    let input = json!(all.iter().map(|(name, arguments, _)| json!([name, arguments])).collect::<Vec<_>>());
    let expected: Vec<f64> = run("formulas.py", &input);
    assert_eq!(expected.len(), all.len());
    assert!(all.len() > 500, "{} cases", all.len());
    let wrong: Vec<String> = all
        .iter()
        .zip(expected)
        .filter(|((.., score), expected)| {
            !score.is_some_and(|score| (score - expected).abs() <= 1e-9 * score.abs().max(expected.abs()).max(1e-3))
        })
        .map(|((name, _, score), expected)| format!("{name}: {score:?}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

proptest! {
    #[test]
    fn overlaps_are_symmetric_bounded_and_best_for_equal_sets(
        a in btree_set(0..40_u64, 0..30),
        b in btree_set(0..40_u64, 0..30),
    ) {
        let mask = |set: &BTreeSet<u64>| Mask::from_runs(set.iter().map(|&pixel| (pixel, 1)));
        let (x, y) = (mask(&a), mask(&b));
        prop_assert_eq!(x.overlap(&y), a.intersection(&b).count() as u64);
        prop_assert_eq!(masks::dice(&x, &y), masks::dice(&y, &x));
        prop_assert!(masks::iou(&x, &y).is_none_or(|iou| (0.0..=1.0).contains(&iou)));
        prop_assert!((0.0..=1.0).contains(&masks::fbeta(&x, &y, 2.0)));
        prop_assert!((masks::fbeta(&x, &x, 2.0) - 1.0).abs() < 1e-12);
        // An empty mask overlaps nothing, not even another one.
        let found = f64::from(u8::from(!a.is_empty()));
        let x = [x];
        prop_assert_eq!(masks::instance_fbeta(&x, &x, 2.0, &[0.5, 0.9], Hit::Above, true), Some(found));
        prop_assert_eq!(sets::jaccard(&a, &a, BothEmpty::One), 1.0);
        prop_assert!(sets::f1(&a, &b, BothEmpty::Zero) >= sets::jaccard(&a, &b, BothEmpty::Zero));
    }

    #[test]
    fn edit_distance_is_a_metric(a in vec(0..4_u8, 0..12), b in vec(0..4_u8, 0..12), c in vec(0..4_u8, 0..12)) {
        let distance = |a: &[u8], b: &[u8]| sequences::levenshtein(a, b);
        prop_assert_eq!(distance(&a, &b), distance(&b, &a));
        prop_assert_eq!(distance(&a, &b) == 0, a == b);
        prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
        prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
    }

    #[test]
    fn average_precision_is_bounded_unless_repeats_pay(
        truth in vec(0..6_u8, 0..6),
        predicted in vec(0..6_u8, 0..12),
        k in 0..12_usize,
    ) {
        let score = lists::average_precision_at(k, &truth, &predicted, Repeats::Once);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&score), "{score}");
        let perfect = lists::average_precision_at(k, &truth, &truth, Repeats::EachTime);
        prop_assert!(perfect >= 1.0 - 1e-12 || truth.is_empty() || k == 0, "{perfect}");
    }
}
