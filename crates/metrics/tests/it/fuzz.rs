//! Whatever stands in a submission, grading it neither panics nor gives a score that is no number, and a rejection
//! says what is wrong.

use mledojo_metrics::{Grader, Grading, Protocol, ReadLimits, Table};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::table;

/// Answers of several formats: grading tables in JSON, and a CSV file.
const COMPETITIONS: [(&str, &str); 9] = [
    (r#"{"name": "rmsle", "direction": "minimize", "params": {"domain": "skip-row"}}"#, "a,1\nb,2\nc,3\n"),
    (r#"{"name": "roc_auc", "direction": "maximize"}"#, "a,1\nb,0\nc,1\n"),
    (r#"{"name": "f1", "direction": "maximize", "params": {"average": "macro"}}"#, "a,1\nb,2\nc,3\n"),
    (
        r#"{"name": "map_at_k", "direction": "maximize", "params": {"k": 3, "repeats": "each-time"}}"#,
        "a,x y\nb,z\nc,1\n",
    ),
    (r#"{"name": "dice", "direction": "maximize", "params": {"both_empty": 1.0}}"#, "a,1 3\nb,\nc,2 2 9 9\n"),
    (
        r#"{"name": "instance_fbeta", "direction": "maximize", "params": {"beta": 2.0, "thresholds": [0.5, 0.7],
            "hit": "above", "pixels": 100, "single_precision": true}}"#,
        "a,1 3\nb,\nc,2 2 9 9\n",
    ),
    (
        r#"{"name": "voc_detection_map", "direction": "maximize", "params": {"threshold": 0.5, "hit": "at-least",
            "matching": "best-box", "epsilon": 1e-6, "numbered": true, "malformed": "skipped"}}"#,
        "a,1 1 0 0 9 9\nb,\nc,2 1 3 3 5 5\n",
    ),
    (
        r#"{"name": "char_span_micro_f1", "direction": "maximize", "params": {"malformed": "skipped"}}"#,
        "a,0 4\nb,[]\nc,\"['1 2']\"\n",
    ),
    (r#"{"name": "token_error_rate", "direction": "minimize"}"#, "a,1 2\nb,3\nc,4 5 6\n"),
];

fn graders() -> Vec<Grader> {
    let grader = |(metric, answers): &(&str, &str)| {
        let text = format!(
            r#"{{"metric": {metric}, "submission": {{"id_columns": ["id"], "target_columns": ["y"], "sample": []}}}}"#
        );
        let grading: Grading = serde_json::from_str(&text).expect("grading tables");
        let rules = grading.rules(Protocol::Corrected).expect("rules");
        Grader::new(rules, &table(&format!("id,y\n{answers}"))).expect("good answers")
    };
    COMPETITIONS.iter().map(grader).collect()
}

/// Cells near what is asked for: numbers of all sizes, lists of them, brackets, and anything else.
fn cell() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        6 => (0..20_u64).prop_map(|number| number.to_string()),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => prop_oneof![Just(""), Just("x"), Just("-1"), Just("1e400"), Just("nan"), Just("['"), Just("']"), Just(";"), Just("True")]
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(token, 0..13).prop_map(|tokens| tokens.join(" "))
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\"").replace('\0', ""))
}

proptest! {
    #[test]
    fn cells_of_any_kind(cells in vec(cell(), 3), shuffled in any::<bool>()) {
        let ids = if shuffled { ["c", "a", "b"] } else { ["a", "b", "c"] };
        let rows: String = ids.iter().zip(&cells).map(|(id, cell)| format!("{id},{}\n", quoted(cell))).collect();
        let submission = table(&format!("id,y\n{rows}"));
        for grader in graders() {
            match grader.score(&submission) {
                Ok(score) => {
                    prop_assert!(score.value.is_finite());
                    prop_assert_eq!(score, grader.score(&submission).expect("scored before"));
                }
                Err(rejection) => prop_assert!(!rejection.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn bytes_of_any_kind(bytes in vec(any::<u8>(), 0..200), prefix in any::<bool>()) {
        let mut file = if prefix { b"id,y\na,".to_vec() } else { Vec::new() };
        file.extend(bytes);
        if let Ok(submission) = Table::parse(&file, &ReadLimits::default()) {
            for grader in graders() {
                if let Err(rejection) = grader.score(&submission) {
                    prop_assert!(serde_json::to_value(&rejection).is_ok());
                }
            }
        }
    }
}
