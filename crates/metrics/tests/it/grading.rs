//! Scores of whole submissions: matching of ids, labels and numbers as text, notes.

use mledojo_metrics::spec::RowFilter;
use mledojo_metrics::{Average, Grader, Holdout, Metric, Part};
use proptest::prelude::*;

use crate::{csv, grader, rules, table};

fn score(metric: Metric, answers: &str, submission: &str) -> f64 {
    let grader = grader(metric, answers).expect("good answers");
    grader.score(&table(submission)).unwrap_or_else(|rejection| panic!("{rejection}")).value
}

fn is_send_and_sync<T: Send + Sync>() {}

#[test]
fn graders_can_be_shared() {
    is_send_and_sync::<Grader>();
}

#[test]
fn rows_match_by_id_in_any_order_of_rows_and_columns() {
    let answers = "id,y\na,1\nb,2\nc,3\n";
    assert_eq!(score(Metric::Mae, answers, "y,id\n3,c\n1,a\n2,b\n"), 0.0);
    assert_eq!(score(Metric::Mae, answers, "id,y\na,3\nb,2\nc,1\n"), 4.0 / 3.0);
}

#[test]
fn ids_match_as_numbers_if_all_are_numbers() {
    assert_eq!(score(Metric::Mae, "id,y\n7,1\n8,2\n", "id,y\n8.0,2\n007,1\n"), 0.0);
    // Beyond 2⁵³ too, where floats would be one number.
    let large = "id,y\n10000000000000000001,1\n10000000000000000002,2\n";
    assert_eq!(score(Metric::Mae, large, "id,y\n10000000000000000002.0,2\n10000000000000000001,1\n"), 0.0);
}

#[test]
fn ids_match_as_text_otherwise() {
    for answers in ["id,y\n007,1\nx,2\n", "id,y\n007,1\n7,2\n", "id,y\nTrue,1\n1,2\n"] {
        let grader = grader(Metric::Mae, answers).expect("good answers");
        assert_eq!(grader.score(&table(answers)).expect("scored").value, 0.0);
        let changed = answers.replace("007", "07").replace("True", "true");
        assert_eq!(grader.score(&table(&changed)).expect_err("another text").kind(), "unknown_ids");
    }
    // Blanks belong to a text.
    let grader = grader(Metric::Mae, "id,y\na,1\nb,2\n").expect("good answers");
    assert_eq!(grader.score(&table("id,y\n a,1\nb,2\n")).expect_err("another text").kind(), "unknown_ids");
}

#[test]
fn labels_that_are_numbers_are_compared_as_numbers() {
    let answers = csv(["3", "1", "2"]);
    for labels in [["3.0", "01", "2e0"], [" 3", "True", "+2"]] {
        assert_eq!(score(Metric::Accuracy, &answers, &csv(labels)), 1.0);
    }
    assert_eq!(score(Metric::Accuracy, &answers, &csv(["3", "1", "17.5"])), 2.0 / 3.0);
    assert_eq!(score(Metric::Accuracy, &csv(["True", "False"]), &csv(["1", "0.0"])), 1.0);
    assert_eq!(score(Metric::Accuracy, &csv(["9007199254740993", "0"]), &csv(["9007199254740992", "0"])), 0.5);
}

#[test]
fn labels_that_are_text_are_compared_exactly() {
    let answers = csv(["cat", "1", "NA"]);
    assert_eq!(score(Metric::Accuracy, &answers, &csv(["cat", "1", "NA"])), 1.0);
    assert_eq!(score(Metric::Accuracy, &answers, &csv(["Cat", "1.0", " NA"])), 0.0);
    assert_eq!(score(Metric::Accuracy, &answers, &csv(["cat", "", " "])), 1.0 / 3.0);
}

#[test]
fn labels_unknown_to_the_answers_are_wrong_and_count_as_classes() {
    let f1 = |average| Metric::F1 { average };
    let (answers, submission) = (csv(["a", "b", "b"]), csv(["a", "b", "z"]));
    assert_eq!(score(f1(Average::Macro), &answers, &submission), (1.0 + 2.0 / 3.0) / 3.0);
    assert_eq!(score(f1(Average::Micro), &answers, &submission), 2.0 / 3.0);
    assert_eq!(score(Metric::BalancedAccuracy, &answers, &submission), 0.75);
}

#[test]
fn binary_f1_looks_at_label_one() {
    let metric = Metric::F1 { average: Average::Binary };
    assert_eq!(score(metric.clone(), &csv([1, 1, 0, 0]), &csv(["1.0", "0", "True", "0"])), 0.5);
    assert_eq!(score(metric, &csv([1, 1, 0, 0]), &csv([0, 0, 0, 0])), 0.0);
}

#[test]
fn kappa_takes_labels_within_the_range_of_the_answers() {
    let answers = csv([0, 0, 4, 4]);
    assert_eq!(score(Metric::KAPPA, &answers, &csv(["0", "2.0", "4", "4"])), 24.0 / 28.0);
    let grader = grader(Metric::KAPPA, &answers).expect("good answers");
    for (label, kind) in
        [("5", "out_of_range"), ("-1", "out_of_range"), ("1.5", "not_a_label"), ("1e300", "out_of_range")]
    {
        assert_eq!(grader.score(&table(&csv(["0", label, "4", "4"]))).expect_err(label).kind(), kind);
    }
}

#[test]
fn the_last_measured_rows_of_a_group_are_scored() {
    let answers = table("id,y,who\na_1,1,a\na_10,5,a\na_9,,a\na_2,2,a\nb_-3,7,b\n");
    let mut rules = rules(Metric::Mae, &["y"]);
    rules.answers.scored = Some(RowFilter::Last { last: 2, of: "who".to_owned() });
    let grader = Grader::new(rules, &answers).expect("good answers");
    let score = grader.score(&table("id,y\na_1,99\na_2,3\na_9,99\na_10,5\nb_-3,5\n")).expect("scored");
    assert_eq!(score.value, 1.0);
}

#[test]
fn multiclass_columns_are_matched_by_name_and_rows_normalised() {
    let answers = table("id,a,b,c\n1,1,0,0\n2,0,0,1\n");
    let grader = Grader::new(rules(Metric::MULTICLASS_LOG_LOSS, &["a", "b", "c"]), &answers).expect("good answers");
    let score = grader.score(&table("c,a,id,b\n1,0,2,0\n0.1,0.2,1,0.1\n")).expect("scored");
    assert!((score.value - 2.0_f64.ln() / 2.0).abs() < 1e-14);
    assert_eq!(grader.rows(), 2);
    assert_eq!(grader.score(&answers).expect("scored").value, -(1.0_f64 - 1e-15).ln());
}

#[test]
fn a_constant_prediction_has_no_correlation_and_says_so() {
    for metric in [Metric::Pearson, Metric::Spearman, Metric::Mcc] {
        let grader = grader(metric, &csv([1, 0, 1])).expect("good answers");
        let score = grader.score(&table(&csv([1, 1, 1]))).expect("scored");
        assert_eq!(score.value, 0.0);
        assert!(score.note.is_some_and(|note| note.contains("constant")));
        assert_eq!(grader.score(&table(&csv([1, 0, 1]))).expect("scored").note, None);
    }
}

#[test]
fn scores_are_finite_at_the_ends_of_the_range() {
    let metrics = [
        Metric::Rmse,
        Metric::Mae,
        Metric::R2,
        Metric::Mape,
        Metric::Smape,
        Metric::Pearson,
        Metric::Spearman,
        Metric::RMSLE,
    ];
    for metric in metrics {
        let (answers, prediction): (_, [f64; 3]) = if metric == Metric::RMSLE {
            (csv([1.7e308, 0.0, 5e-324]), [0.0, 1.7e308, -0.999])
        } else {
            (csv([1.7e308, 0.0, -1.7e308]), [-1.7e308, 1.7e308, 1.7e308])
        };
        let score = grader(metric.clone(), &answers).expect("good answers").score(&table(&csv(prediction)));
        assert!(score.expect("scored").value.is_finite(), "{metric:?}");
    }
    let score = grader(Metric::Mape, &csv([0])).expect("good answers").score(&table(&csv(["1e300"]))).expect("scored");
    assert_eq!((score.value, score.note.is_some()), (f64::MAX, true));
    let score =
        grader(Metric::R2, &csv([1, 2])).expect("good answers").score(&table(&csv(["1e300", "2"]))).expect("scored");
    assert_eq!((score.value, score.note.is_some()), (f64::MIN, true));
}

/// Graders and a good column of predictions, for every metric of one column.
fn metrics() -> Vec<(Metric, &'static str)> {
    let f1 = |average| Metric::F1 { average };
    vec![
        (Metric::Accuracy, "label"),
        (Metric::BalancedAccuracy, "label"),
        (f1(Average::Binary), "binary"),
        (f1(Average::Macro), "label"),
        (f1(Average::Micro), "label"),
        (f1(Average::Weighted), "label"),
        (Metric::Mcc, "label"),
        (Metric::KAPPA, "label"),
        (Metric::RocAuc, "score"),
        (Metric::LOG_LOSS, "score"),
        (Metric::Rmse, "number"),
        (Metric::Mae, "number"),
        (Metric::RMSLE, "number"),
        (Metric::R2, "number"),
        (Metric::Mape, "number"),
        (Metric::Smape, "number"),
        (Metric::Pearson, "number"),
        (Metric::Spearman, "number"),
    ]
}

proptest! {
    #[test]
    fn the_order_of_rows_never_changes_a_bit(
        rows in proptest::collection::vec((0..5_u8, 0.0..1.0_f64, 0..5_u8, 0.0..1.0_f64), 3..40),
        shuffle in any::<u64>(),
    ) {
        let truth = |kind: &str, row: usize, &(label, number, ..): &(u8, f64, u8, f64)| match kind {
            // The first rows make every metric defined.
            _ if row < 2 => format!("{row}"),
            "label" if row == 2 => "4".to_owned(),
            "label" => format!("{label}"),
            "number" => format!("{number}"),
            _ => format!("{}", label % 2),
        };
        let predicted = |kind: &str, &(.., label, number): &(u8, f64, u8, f64)| match kind {
            "label" => format!("{label}"),
            "binary" => format!("{}", label % 2),
            _ => format!("{number}"),
        };
        for (metric, kind) in metrics() {
            let grader = grader(metric.clone(), &csv(rows.iter().enumerate().map(|(row, values)| truth(kind, row, values))))
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let predictions = csv(rows.iter().map(|values| predicted(kind, values)));
            let mut lines: Vec<_> = predictions.lines().skip(1).collect();
            let in_order = grader.score(&table(&predictions)).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let mut state = shuffle;
            for end in (1..lines.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                lines.swap(end, (state >> 33) as usize % (end + 1));
            }
            let shuffled = grader.score(&table(&format!("id,y\n{}", lines.join("\n"))))
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(in_order.value.to_bits(), shuffled.value.to_bits(), "{:?}", metric);
            let (low, high) = metric.range();
            prop_assert!((low - 1e-9..=high + 1e-2).contains(&in_order.value), "{:?} {}", metric, in_order.value);
        }
    }
}

#[test]
fn parts_share_the_ids_and_no_rows() {
    let answers = table(&csv(0..100));
    let holdout = Holdout { public_fraction: 0.2, seed: 3 };
    let part = |part| Grader::of_part(rules(Metric::Mae, &["y"]), &answers, holdout, part).expect("good answers");
    let (public, private) = (part(Part::Public), part(Part::Private));
    // Row n is off by n; the parts' sums add up to the whole.
    let submission = table(&csv([0; 100]));
    let score = |grader: &Grader| grader.score(&submission).expect("scored").value;
    assert!((20.0 * score(&public) + 80.0 * score(&private) - 4950.0).abs() < 1e-9);
    // Neither part takes a submission that lacks the other.
    let half = table(&csv([0; 50]));
    assert_eq!(public.score(&half).expect_err("rows are missing").kind(), "missing_ids");
    // The split follows the ids, not the rows' order.
    let reversed = (0..100).rev().fold("id,y\n".to_owned(), |csv, id| csv + &format!("{id},{id}\n"));
    let again = Grader::of_part(rules(Metric::Mae, &["y"]), &table(&reversed), holdout, Part::Public);
    assert_eq!(score(&again.expect("good answers")), score(&public));
}
