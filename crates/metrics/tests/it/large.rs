//! The formulas against NumPy, SciPy and scikit-learn on up to 100,000 rows. Both sides make the same data by the same
//! generator, so that only scores pass between them.

use std::collections::{BTreeMap, BTreeSet};

use mledojo_metrics::columns::{self, UndefinedColumn};
use mledojo_metrics::cross_entropy::{self, PairClip};
use mledojo_metrics::curve::{self, Band, BandArea, banded_roc_auc};
use mledojo_metrics::gini::{self, TieOrder};
use mledojo_metrics::lists::{self, Repeats};
use mledojo_metrics::masks::{self, Mask};
use mledojo_metrics::regression::LogDomain;
use mledojo_metrics::sets::{self, BothEmpty, Vocabulary};
use mledojo_metrics::weighted::{self, Divisor};
use mledojo_metrics::{
    classification, correlation, geometry, hausdorff, kappa, life, permutations, precision, probability, ranking,
    regression, sequences,
};
use serde_json::json;

use crate::reference::{Random, run};

const SIZES: [usize; 6] = [1, 2, 5, 50, 3_000, 100_000];
const BANDS: [Band; 2] = [Band { low: 0.0, high: 0.4, weight: 2.0 }, Band { low: 0.4, high: 1.0, weight: 1.0 }];
const FOUR_BANDS: [Band; 4] = [
    Band { low: 0.0, high: 0.2, weight: 2.0 },
    Band { low: 0.2, high: 0.4, weight: 1.5 },
    Band { low: 0.4, high: 0.6, weight: 1.0 },
    Band { low: 0.6, high: 0.8, weight: 0.5 },
];

fn each<T>(n: usize, value: impl Fn(usize) -> T) -> Vec<T> {
    (0..n).map(value).collect()
}

/// Our scores on n rows; the names and the data are those of large.py.
fn scores(n: usize, coarse: bool) -> BTreeMap<&'static str, Option<f64>> {
    let [a, b, c, d] = [0, 1, 2, 3].map(|stream| {
        let mut random = Random(4 * n as u64 + stream);
        each(n, |_| 0.0_f64).into_iter().map(|_| random.unit()).collect::<Vec<_>>()
    });
    let rough = |value: f64| if coarse { value.floor() } else { value };
    let t = each(n, |i| rough(10.0 * a[i] - 3.0));
    let p = each(n, |i| rough(10.0 * a[i] - 3.0 + 2.0 * b[i] - 1.0));
    let (tp, pp) = (each(n, |i| 10.0 * a[i] + 0.5), each(n, |i| 10.0 * b[i] + 0.5));
    let w = each(n, |i| c[i] + 0.1);
    let (yes, odd) = (each(n, |i| a[i] < 0.3), each(n, |i| d[i] >= 0.5));
    let scored = each(n, |i| if coarse { (20.0 * b[i]).floor() / 20.0 } else { b[i] });
    let l = each(n, |i| (5.0 * a[i]).floor() as i64);
    let g = each(n, |i| if b[i] < 0.6 { l[i] } else { (5.0 * c[i]).floor() as i64 });
    let rows: Vec<[f64; 3]> = each(n, |i| [a[i] + 0.01, b[i] + 0.01, c[i] + 0.01]);
    let rolled: Vec<f64> = rows.iter().flat_map(|row| [row[2], row[0], row[1]]).collect();
    let rows = rows.concat();
    let kind = each(n, |i| (3.0 * d[i]).floor() as u32);
    let groups = each(n, |i| (d[i] * (n as f64 / 50.0 + 1.0)).floor() as u64);
    let near = each(n, |i| (180.0 * a[i] - 90.0, 360.0 * b[i] - 180.0));
    let far = each(n, |i| (near[i].0 + 0.1 * c[i], near[i].1 + 0.1 * d[i]));
    let (turned, seen) = (each(n, |i| (6.0 * a[i], 3.0 * b[i])), each(n, |i| (6.0 * c[i], 3.0 * d[i])));
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| d[i].total_cmp(&d[j]));
    let start = each(n, |i| (8.0 * b[i]).floor() as u32);
    let listed: Vec<Vec<u32>> = each(n, |i| (0..5).map(|place| (start[i] + place) % 8).collect());
    let right: Vec<Vec<u32>> = each(n, |i| [0, 3].map(|step| ((8.0 * c[i]).floor() as u32 + step) % 8).to_vec());
    let set =
        |lists: &[Vec<u32>]| lists.iter().map(|list| list.iter().copied().collect()).collect::<Vec<BTreeSet<_>>>();
    let (listed_sets, right_sets) = (set(&listed), set(&right));
    let pair: Vec<bool> = yes.iter().flat_map(|&yes| [yes, !yes]).collect();
    let two: Vec<f64> = b.iter().zip(&c).flat_map(|(&b, &c)| [b, c]).collect();
    let mask = |is_in: &dyn Fn(usize) -> bool| {
        Mask::from_runs((0..n).filter(|&pixel| is_in(pixel)).map(|pixel| (pixel as u64, 1)))
    };
    let pixels = mask(&|i| a[i] < 0.5);
    let guessed = mask(&|i| if b[i] < 0.8 { a[i] < 0.5 } else { c[i] < 0.5 });
    let cells = n / 5 * 5;
    let board = |values: &[f64]| {
        life::Board::new(5, values[..cells].iter().map(|&value| value < 0.4).collect()).expect("whole rows")
    };
    let points = |x: &[f64], y: &[f64]| each(n.min(1000), |i| [x[i], y[i]]);
    let (least, most) = (l.iter().min().copied().unwrap_or(0), l.iter().max().copied().unwrap_or(0));
    let squares = |labels: &[i64]| labels.iter().map(|label| label * label).collect::<Vec<_>>();
    let ones = |labels: &[i64]| labels.iter().map(|&label| label == 1).collect::<Vec<_>>();
    let auc = |bands: &[Band], area| banded_roc_auc(&yes, &scored, bands, area);
    let strict = UndefinedColumn::Propagates;
    let is_large = n > 1;
    let scores = [
        ("rmse", regression::rmse(&t, &p)),
        ("mse", regression::mse(&t, &p)),
        ("mae", regression::mae(&t, &p)),
        ("median_absolute_error", regression::median_absolute_error(&t, &p)),
        ("rmsle", regression::rmsle(&tp, &pp)),
        ("rmspe", regression::rmspe(&tp, &p)),
        ("r2", regression::r2(&t, &p)),
        ("mape", regression::mape(&tp, &p)),
        ("smape", regression::smape(&t, &p)),
        ("pearson", correlation::pearson(&t, &p)),
        ("spearman", correlation::spearman(&t, &p)),
        ("weighted_mae", weighted::weighted_mae(&t, &p, &w, Divisor::WeightSum)),
        ("mean_group_log_mae", weighted::mean_group_log_mae(&t, &pp, &groups, 1e-9)),
        ("mean_column_rmse", columns::mean_column_rmse(&[t.clone(), p.clone()], &[&p, &w])),
        ("mean_column_rmsle", columns::mean_column_rmsle(&[tp.clone(), w.clone()], &[&pp, &tp], LogDomain::Strict)),
        ("mean_column_roc_auc", columns::mean_column_roc_auc(&[yes.clone(), odd.clone()], &[&scored, &a], strict)),
        ("mean_column_spearman", columns::mean_column_spearman(&[t.clone(), a.clone()], &[&p, &b], strict)),
        ("laplace", cross_entropy::laplace_log_likelihood(&t, &p, &w, 0.3, 1.0)),
        ("percentile", geometry::percentile(&t, 95.0)),
        ("gini", gini::gini(&tp, &p, TieOrder::RowOrder)),
        ("normalized_gini", gini::normalized_gini(&tp, &p, TieOrder::RowOrder).filter(|_| is_large)),
        ("roc_auc", ranking::roc_auc(&yes, &scored)),
        ("gini_of_auc", gini::gini_of_auc(&yes, &scored)),
        ("log_loss", probability::log_loss(&yes, &scored)),
        ("clipped_log_loss", cross_entropy::clipped_log_loss(&yes, &scored, f64::EPSILON, PairClip::Both)),
        ("grid_auc", auc(&FOUR_BANDS, BandArea::Grid { points: 10_000 })),
        ("held_auc", auc(&BANDS, BandArea::Held { divisor: 3.0 })),
        ("exact_auc", auc(&BANDS, BandArea::Exact)),
        (
            "bias_weighted_auc",
            curve::bias_weighted_auc(&yes, &scored, &[odd.clone(), each(n, |i| d[i] < 0.2)], 0.25, -5.0),
        ),
        ("average_precision", precision::average_precision(&yes, &b)),
        ("lwlrap", precision::lwlrap(&pair, &two, 2)),
        ("multiclass_log_loss", probability::multiclass_log_loss(&kind, &rows, 3)),
        ("balanced_log_loss", cross_entropy::balanced_log_loss(&yes, &each(n, |i| [b[i] + 0.01, c[i] + 0.01]), 1e-15)),
        ("kl_divergence", cross_entropy::kl_divergence(&rows, &rolled, 3, 1e-15)),
        ("accuracy", classification::accuracy(&l, &g)),
        ("balanced_accuracy", classification::balanced_accuracy(&l, &g)),
        ("macro_recall", classification::macro_recall(&l, &g)),
        ("f1_binary", classification::f1_binary(&ones(&l), &ones(&g))),
        ("f1_macro", classification::f1_macro(&l, &g)),
        ("f1_micro", classification::f1_micro(&l, &g)),
        ("f1_weighted", classification::f1_weighted(&l, &g)),
        ("mcc", classification::mcc(&l, &g)),
        ("kappa", kappa::quadratic_weighted_kappa(&l, &each(n, |i| g[i].clamp(least, most)))),
        ("kappa_of_places", kappa::quadratic_weighted_kappa_of_places(&squares(&l), &squares(&g))),
        ("map_at", lists::map_at(3, &right, &listed, Repeats::Once)),
        ("ndcg", lists::ndcg_at(4, &kind, &listed)),
        ("top_k_error", lists::top_k_error(2, &kind, &listed)),
        ("mean_f1", sets::mean_f1(&right_sets, &listed_sets, BothEmpty::One)),
        ("mean_jaccard", sets::mean_jaccard(&right_sets, &listed_sets, BothEmpty::One)),
        ("micro_f1", sets::micro_f1(&right_sets, &listed_sets, Vocabulary::Open)),
        ("mean_angular_error", geometry::mean_angular_error(&turned, &seen)),
        ("haversine", geometry::haversine_p50_p95_mean(&groups, &near, &far)),
        ("kendall_tau", permutations::kendall_tau(&[n], std::slice::from_ref(&order))),
        ("dice", masks::dice(&pixels, &guessed)),
        ("iou", masks::iou(&pixels, &guessed)),
        ("hausdorff", hausdorff::hausdorff(&points(&a, &b), &points(&c, &d))),
        ("life", if cells >= 15 { life::stepped_error(&[2], &[board(&c)], &[board(&b)]) } else { None }),
        ("levenshtein", Some(sequences::levenshtein(&l[..n.min(200)], &g[..n.min(150)]) as f64)),
    ];
    scores.into_iter().collect()
}

#[test]
fn formulas_equal_their_references_at_any_size() {
    let inputs: Vec<(usize, bool)> = SIZES.into_iter().flat_map(|n| [(n, false), (n, true)]).collect();
    let expected: Vec<BTreeMap<String, Option<f64>>> = run("large.py", &json!(inputs));
    let (mut wrong, mut compared) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for (&(n, coarse), expected) in inputs.iter().zip(&expected) {
        let found = scores(n, coarse);
        assert!(found.keys().copied().eq(expected.keys().map(String::as_str)), "the same names on both sides");
        for (name, score) in found {
            match (score, expected[name]) {
                // Where scikit-learn gives a number by convention, the formula is undefined here.
                (None, _) => {}
                (Some(score), Some(expected))
                    if (score - expected).abs() <= 1e-9 * score.abs().max(expected.abs()).max(1e-3) =>
                {
                    *compared.entry(name).or_default() += 1;
                }
                (score, expected) => wrong.push(format!("{name} on {n} rows: {score:?}, not {expected:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    // Every formula is defined on most sizes.
    let rare: Vec<_> = compared.iter().filter(|(_, count)| **count < 6).collect();
    assert!(compared.len() == expected[0].len() && rare.is_empty(), "{rare:?}");
}
