//! Properties that hold for every input of a formula.

use mledojo_metrics::{Direction, Metric, classification, correlation, kappa, probability, ranking, regression};
use proptest::collection::vec;
use proptest::prelude::*;

type OnNumbers = fn(&[f64], &[f64]) -> Option<f64>;

const ON_NUMBERS: [(Metric, OnNumbers); 8] = [
    (Metric::Rmse, regression::rmse),
    (Metric::Mae, regression::mae),
    (Metric::RMSLE, regression::rmsle),
    (Metric::R2, regression::r2),
    (Metric::Mape, regression::mape),
    (Metric::Smape, regression::smape),
    (Metric::Pearson, correlation::pearson),
    (Metric::Spearman, correlation::spearman),
];

type OnLabels = fn(&[i64], &[i64]) -> Option<f64>;

const ON_LABELS: [(Metric, OnLabels); 7] = [
    (Metric::Accuracy, classification::accuracy),
    (Metric::BalancedAccuracy, classification::balanced_accuracy),
    (Metric::F1 { average: mledojo_metrics::Average::Macro }, classification::f1_macro),
    (Metric::F1 { average: mledojo_metrics::Average::Micro }, classification::f1_micro),
    (Metric::F1 { average: mledojo_metrics::Average::Weighted }, classification::f1_weighted),
    (Metric::Mcc, classification::mcc),
    (Metric::KAPPA, kappa::quadratic_weighted_kappa),
];

/// Pairs of columns of one length, and the same rows in another order.
fn rows<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = (Columns<T>, Columns<T>)> {
    let value = value.boxed();
    vec((value.clone(), value), 0..60)
        .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
        .prop_map(|(rows, shuffled)| (rows.into_iter().unzip(), shuffled.into_iter().unzip()))
}

type Columns<T> = (Vec<T>, Vec<T>);

/// Numbers with ties, of ordinary and of very different sizes.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(-3..4_i32).prop_map(f64::from), -1e3..1e3_f64, -1e12..1e12_f64, -1e-9..1e-9_f64]
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

fn same(metric: &Metric, score: Option<f64>, shuffled: Option<f64>) -> Result<(), TestCaseError> {
    match (score, shuffled) {
        (Some(score), Some(shuffled)) => prop_assert!(close(score, shuffled), "{metric:?}: {score} and {shuffled}"),
        _ => prop_assert_eq!(score, shuffled, "{:?}", metric),
    }
    Ok(())
}

fn in_range(metric: &Metric, score: f64) -> Result<(), TestCaseError> {
    let (low, high) = metric.range();
    prop_assert!(low - 1e-12 <= score && score <= high + 1e-2, "{metric:?}: {score}");
    Ok(())
}

/// The score of the truth itself is the best of the range, and no other score is better.
fn perfect_is_best(metric: &Metric, perfect: f64, score: Option<f64>) -> Result<(), TestCaseError> {
    let (low, high) = metric.range();
    let best = if metric.direction() == Direction::Maximize { high } else { low };
    prop_assert!(close(perfect, best), "{metric:?}: perfect is {perfect}");
    if let Some(score) = score {
        prop_assert!(!metric.direction().is_better(score, perfect) || close(score, perfect), "{metric:?}: {score}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn formulas_on_numbers(((truth, predicted), (shuffled_truth, shuffled)) in rows(number())) {
        for (metric, formula) in ON_NUMBERS {
            let score = formula(&truth, &predicted);
            same(&metric, score, formula(&shuffled_truth, &shuffled))?;
            if let Some(score) = score {
                in_range(&metric, score)?;
            }
            if let Some(perfect) = formula(&truth, &truth) {
                perfect_is_best(&metric, perfect, score)?;
            }
        }
    }

    #[test]
    fn formulas_on_any_floats_are_never_nan(((truth, predicted), _) in rows(any::<f64>().prop_filter("finite", |x| x.is_finite()))) {
        for (metric, formula) in ON_NUMBERS {
            prop_assert!(!formula(&truth, &predicted).is_some_and(f64::is_nan), "{metric:?}");
        }
        let labels: Vec<bool> = truth.iter().map(|&value| value > 0.0).collect();
        prop_assert!(!ranking::roc_auc(&labels, &predicted).is_some_and(f64::is_nan));
    }

    #[test]
    fn formulas_on_labels(((truth, predicted), (shuffled_truth, shuffled)) in rows(-2..5_i64)) {
        for (metric, formula) in ON_LABELS {
            let score = formula(&truth, &predicted);
            same(&metric, score, formula(&shuffled_truth, &shuffled))?;
            if let Some(score) = score {
                in_range(&metric, score)?;
            }
            if let Some(perfect) = formula(&truth, &truth) {
                perfect_is_best(&metric, perfect, score)?;
            }
        }
    }

    #[test]
    fn formulas_on_binary_labels(rows in vec((any::<bool>(), any::<bool>(), 0..=10_u8), 0..60)) {
        let truth: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.2) / 10.0).collect();
        let certain: Vec<f64> = truth.iter().map(|&positive| f64::from(u8::from(positive))).collect();
        let f1 = Metric::F1 { average: mledojo_metrics::Average::Binary };
        for (metric, score, perfect) in [
            (f1, classification::f1_binary(&truth, &labels), classification::f1_binary(&truth, &truth)),
            (Metric::RocAuc, ranking::roc_auc(&truth, &scores), ranking::roc_auc(&truth, &certain)),
            (Metric::LOG_LOSS, probability::log_loss(&truth, &scores), probability::log_loss(&truth, &certain)),
        ] {
            prop_assert_eq!(score.is_some(), perfect.is_some());
            if let (Some(score), Some(perfect)) = (score, perfect) {
                in_range(&metric, score)?;
                perfect_is_best(&metric, perfect, Some(score))?;
            }
        }
    }

    #[test]
    fn turning_scores_round_turns_the_auc_round(rows in vec((any::<bool>(), number()), 0..60)) {
        let (truth, scores): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
        let turned: Vec<f64> = scores.iter().map(|score| -score).collect();
        if let (Some(area), Some(turned)) = (ranking::roc_auc(&truth, &scores), ranking::roc_auc(&truth, &turned)) {
            prop_assert!(close(area + turned, 1.0));
        }
    }

    #[test]
    fn multiclass_log_loss_ignores_the_scale_of_a_row(
        rows in vec((0..3_u32, 0.01..1.0_f64, 0.01..1.0_f64, 0.01..1.0_f64, 0.1..10.0_f64), 1..40),
    ) {
        let truth: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let matrix: Vec<f64> = rows.iter().flat_map(|row| [row.1, row.2, row.3]).collect();
        let scaled: Vec<f64> = rows.iter().flat_map(|row| [row.1 * row.4, row.2 * row.4, row.3 * row.4]).collect();
        let (a, b) = (probability::multiclass_log_loss(&truth, &matrix, 3), probability::multiclass_log_loss(&truth, &scaled, 3));
        same(&Metric::MULTICLASS_LOG_LOSS, a, b)?;
        let certain: Vec<f64> = truth.iter().flat_map(|&class| (0..3).map(move |other| f64::from(u8::from(other == class)))).collect();
        let perfect = probability::multiclass_log_loss(&truth, &certain, 3).expect("defined");
        perfect_is_best(&Metric::MULTICLASS_LOG_LOSS, perfect, a)?;
    }
}
