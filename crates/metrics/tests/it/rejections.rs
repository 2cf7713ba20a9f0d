//! What is refused, and how it is said.

use mledojo_metrics::{AnswersError, Average, Grader, Metric, Rejection, Table};
use serde_json::{Value, json};

use crate::{csv, grader, rules, table};

fn reject(grader: &Grader, submission: &str) -> Value {
    let rejection = grader.score(&table(submission)).expect_err("refused");
    let json = serde_json::to_value(&rejection).expect("serialises");
    assert_eq!(json["kind"], rejection.kind());
    assert_eq!(json["message"], rejection.to_string());
    assert!(!rejection.to_string().contains('\n'), "{rejection}");
    json
}

fn mae() -> Grader {
    grader(Metric::Mae, "id,y\na,1\nb,2\nc,3\nd,4\n").expect("good answers")
}

#[test]
fn unreadable_files_say_why() {
    let error = Table::parse(b"id,y\n1\n", &Default::default()).expect_err("ragged");
    let json = serde_json::to_value(Rejection::from(error)).expect("serialises");
    assert_eq!(json["kind"], "unreadable");
    assert_eq!(json["details"], json!({ "reason": "ragged_row", "line": 2, "expected": 2, "found": 1 }));
    assert!(json["message"].as_str().is_some_and(|message| message.contains("line 2 has 1 fields")));
}

#[test]
fn missing_columns_with_a_suggestion() {
    let json = reject(&mae(), "ID ,z\na,1\n");
    assert_eq!(json["kind"], "missing_columns");
    assert_eq!(
        json["details"],
        json!({
            "missing": [{ "name": "id", "did_you_mean": "ID " }, { "name": "y", "did_you_mean": null }],
            "found": ["ID ", "z"],
        })
    );
    assert_eq!(json["message"], "columns are missing: `id`, `y`; the file has `ID `, `z`; rename `ID ` to `id`");
}

#[test]
fn surplus_columns_with_a_hint_for_row_indices() {
    let json = reject(&mae(), ",id,y\n0,a,1\n1,b,2\n2,c,3\n3,d,4\n");
    assert_eq!(json["kind"], "surplus_columns");
    assert!(json["message"].as_str().is_some_and(|message| message.contains("index=False")), "{json}");
}

#[test]
fn ids_are_checked_with_examples() {
    let json = reject(&mae(), "id,y\na,1\nb,2\na,3\na,4\n");
    assert_eq!(json["kind"], "duplicate_ids");
    assert_eq!(
        json["details"]["rows"],
        json!({ "count": 2, "first": [{ "line": 4, "id": "a" }, { "line": 5, "id": "a" }] })
    );

    let json = reject(&mae(), "id,y\na,1\nc,2\n");
    assert_eq!(json["message"], "column `id`: 4 rows expected, 2 found; 2 ids are missing, such as `b`, `d`");
    assert_eq!(json["kind"], "missing_ids");

    let json = reject(&mae(), "id,y\na,1\nb,2\nc,3\ne,4\n");
    assert_eq!(json["message"], "column `id`: 1 id is not asked for: `e` (line 5); 1 id is missing, such as `d`");
    assert_eq!(json["kind"], "unknown_ids");

    let json = reject(&mae(), "id,y\na,1\nb,2\nc,3\nd,4\ne,5\n");
    assert_eq!(json["kind"], "unknown_ids");
    assert_eq!(json["details"]["missing"]["count"], 0);

    let json = reject(&mae(), "id,y\nx,1\n");
    assert_eq!(json["kind"], "row_count");
    assert_eq!((&json["details"]["expected_rows"], &json["details"]["found_rows"]), (&json!(4), &json!(1)));

    assert_eq!(reject(&mae(), "id,y\n")["kind"], "missing_ids");
}

#[test]
fn numeric_ids_that_are_one_number_are_duplicates() {
    let grader = grader(Metric::Mae, "id,y\n7,1\n8,2\n").expect("good answers");
    assert_eq!(reject(&grader, "id,y\n7,1\n007,2\n")["kind"], "duplicate_ids");
    assert_eq!(reject(&grader, "id,y\n7,1\nTrue,2\n")["kind"], "unknown_ids");
    assert_eq!(reject(&grader, "id,y\n7,1\n,2\n")["kind"], "unknown_ids");
}

#[test]
fn cells_that_are_no_prediction() {
    for (text, kind) in [
        ("", "blank"),
        (" ", "blank"),
        ("abc", "not_a_number"),
        ("1_000", "not_a_number"),
        ("\" 1,5\"", "not_a_number"),
        ("0x10", "not_a_number"),
        ("NA", "not_a_number"),
        ("nan", "not_finite"),
        ("-inf", "not_finite"),
        ("1e400", "not_finite"),
    ] {
        let json = reject(&mae(), &format!("id,y\na,1\nb,2\nc,{text}\nd,4\n"));
        assert_eq!(json["kind"], kind, "{text:?}");
        assert_eq!(json["details"]["column"], "y");
        assert_eq!(json["details"]["rows"]["first"][0]["line"], 4);
        assert_eq!(json["details"]["rows"]["first"][0]["id"], "c");
        assert_eq!(json["details"]["expected"], "a finite number");
    }
}

#[test]
fn the_first_problem_is_counted() {
    let json = reject(&mae(), "id,y\na,x\nb,\nc,y\nd,z\n");
    assert_eq!(json["kind"], "not_a_number");
    assert_eq!(
        json["message"],
        "column `y`: 3 rows are not a number; expected a finite number. \
         First: `x` (line 2, id `a`), `y` (line 4, id `c`), `z` (line 5, id `d`)"
    );
}

#[test]
fn quoted_text_is_short_and_harmless() {
    let long = format!("\u{1b}[2J\u{202e}{}", "x".repeat(1_000));
    let json = reject(&mae(), &format!("id,y\na,{long}\nb,2\nc,3\nd,4\n"));
    let text = json["details"]["rows"]["first"][0]["text"].as_str().expect("text");
    assert!(text.starts_with("\\u{1b}[2J\\u{202e}x") && text.ends_with("x…") && text.len() < 80, "{text}");
}

#[test]
fn each_metric_has_its_domain() {
    let f1 = |average| Metric::F1 { average };
    for (metric, answers, text, kind) in [
        (Metric::LOG_LOSS, ["0", "1"], "1.5", "out_of_range"),
        (Metric::LOG_LOSS, ["0", "1"], "-1e-9", "out_of_range"),
        (Metric::RMSLE, ["0", "1"], "-1", "out_of_range"),
        (f1(Average::Binary), ["0", "1"], "2", "not_a_label"),
        (f1(Average::Binary), ["0", "1"], "0.5", "not_a_label"),
        (f1(Average::Macro), ["0", "1"], "one", "not_a_number"),
        (Metric::Accuracy, ["0", "1"], "nan", "not_finite"),
        (Metric::Accuracy, ["0", "1"], "", "blank"),
        (Metric::KAPPA, ["0", "1"], "a", "not_a_number"),
        (Metric::RocAuc, ["0", "1"], "high", "not_a_number"),
    ] {
        let grader = grader(metric.clone(), &csv(answers)).expect("good answers");
        assert_eq!(reject(&grader, &csv([answers[0], text]))["kind"], kind, "{metric:?} {text:?}");
    }
    // Any number ranks.
    let grader = grader(Metric::RocAuc, &csv([0, 1])).expect("good answers");
    assert_eq!(grader.score(&table(&csv([-3, 1_000]))).expect("scored").value, 1.0);
}

#[test]
fn rows_of_zero_probabilities() {
    let answers = table("id,a,b\n1,1,0\n2,0,1\n");
    let grader = Grader::new(rules(Metric::MULTICLASS_LOG_LOSS, &["a", "b"]), &answers).expect("good answers");
    let json = reject(&grader, "id,a,b\n2,0,0\n1,0.5,0.5\n");
    assert_eq!(json["kind"], "zero_probabilities");
    assert_eq!(json["details"]["rows"]["first"], json!([{ "line": 2, "id": "2" }]));
    assert_eq!(reject(&grader, "id,a,b\n2,0,0\n1,0.5,1.5\n")["kind"], "out_of_range");
}

#[test]
fn no_rejection_tells_an_answer() {
    const SECRETS: [&str; 4] = ["73125", "73126", "73144", "73199"];
    let answers =
        SECRETS.iter().zip(["a", "b", "c", "d"]).fold("id,y\n".to_owned(), |csv, (y, id)| csv + &format!("{id},{y}\n"));
    let bad = [
        "id,y\na,x\nb,\nc,nan\nd,1\n",
        "id,y\na,1\nb,2\nc,3\nd,4.5\n",
        "id,y\na,1\nb,2\nc,3\nd,999999\n",
        "id,y\na,1\nb,2\n",
        "id,y\na,1\na,2\nb,3\nc,4\n",
        "id,y\nq,1\n",
        "id,z\na,1\n",
        "id,y,z\na,1,1\n",
    ];
    for metric in [Metric::Mae, Metric::Accuracy, Metric::KAPPA, Metric::Spearman] {
        let grader = grader(metric, &answers).expect("good answers");
        for submission in bad {
            if let Err(rejection) = grader.score(&table(submission)) {
                let said = serde_json::to_string(&rejection).expect("serialises") + &format!("{rejection:?}");
                assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
            }
        }
    }
}

#[test]
fn answers_that_leave_a_metric_undefined() {
    let f1 = Metric::F1 { average: Average::Binary };
    for (metric, values) in [
        (Metric::RocAuc, ["1", "1"]),
        (Metric::R2, ["2", "2"]),
        (Metric::Pearson, ["2", "2.0"]),
        (Metric::Spearman, ["2", "2"]),
        (Metric::Mcc, ["a", "a"]),
        (Metric::KAPPA, ["3", "3"]),
        (Metric::KAPPA, ["0", "3000000000"]),
        (f1, ["0", "0"]),
    ] {
        let error = grader(metric.clone(), &csv(values)).expect_err("undefined");
        assert!(matches!(error, AnswersError::Undefined { .. }), "{metric:?}: {error}");
        assert!(error.to_string().contains(metric.name()), "{error}");
    }
}

#[test]
fn answers_that_do_not_fit() {
    let message = |metric, targets: &[&str], answers: &str| {
        Grader::new(rules(metric, targets), &table(answers)).expect_err("does not fit").to_string()
    };
    let cases = [
        (message(Metric::Mae, &["y"], "id,y\n"), "no rows"),
        (message(Metric::Mae, &["y"], "id,z\n1,2\n"), "lack the column `y`"),
        (message(Metric::MedianAe, &["y", "z"], "id,y,z\n1,2,3\n"), "takes one target column"),
        (message(Metric::MULTICLASS_LOG_LOSS, &["y"], "id,y\n1,1\n"), "2 target columns or more"),
        (message(Metric::MULTICLASS_LOG_LOSS, &["y", "z"], "id,y,z\n1,1,0\n2,1,1\n"), "line 3: 2 of the class columns"),
        (message(Metric::MULTICLASS_LOG_LOSS, &["y", "z"], "id,y,z\n1,1,0\n2,0.5,0.5\n"), "line 3, column `y`: `0.5`"),
        (message(Metric::Mae, &["y"], "id,y\na,1\na,2\n"), "line 3, column `id`: the id `a` occurs twice"),
        (message(Metric::Mae, &["y"], "id,y\na,1\nb,\n"), "line 3, column `y`: `` is blank"),
        (message(Metric::Mae, &["y"], "id,y\na,1\nb,NaN\n"), "`NaN` is NaN, infinite"),
        (message(Metric::RocAuc, &["y"], "id,y\na,1\nb,2\n"), "expected the label 0 or 1"),
        (message(Metric::RMSLE, &["y"], "id,y\na,1\nb,-1\n"), "expected a number above -1"),
        (message(Metric::KAPPA, &["y"], "id,y\na,1\nb,1.5\n"), "expected a whole number"),
        (message(Metric::Accuracy, &["y"], "id,y\na,x\nb,\n"), "is blank"),
    ];
    for (message, part) in cases {
        assert!(message.contains(part), "{message} lacks {part}");
    }
}
