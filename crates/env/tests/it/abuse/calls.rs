//! Abuse of the action itself, without any code that runs.

use mledojo_env::Call;
use serde_json::{Map, Value, json};

use super::arena::{Mode, try_call};
use super::attempt::{limits, outcome};

#[test]
fn calls_are_refused_and_change_nothing() {
    let deep = (0..120).fold(json!(1), |value, _| json!([value]));
    let cases = [
        ("execute_code", json!({ "code": "#".repeat(100 << 20) }), "code"),
        ("execute_code", json!({ "code": "x = 1\0" }), "syntax"),
        ("execute_code", json!({ "code": "(".repeat(100_000) }), "syntax"),
        ("execute_code", json!({ "code": format!("x = {}1", "-".repeat(900_000)) }), "syntax or exit_code 1"),
        ("execute_code", json!({ "code": deep }), "bad_action"),
        ("execute_code", json!({ "code": ["print(1)"] }), "bad_action"),
        ("execute_code", json!({ "code": "print(1)", "work_dir": "/" }), "bad_action"),
        ("execute_code; rm -rf /", json!({ "code": "print(1)" }), "bad_action"),
        ("../execute_code", json!({}), "bad_action"),
        ("", json!({}), "bad_action"),
        ("request_info", json!({ "info_type": "../../private/test_answer.csv" }), "info"),
        ("request_info", json!({ "info_type": "answers\n[score] 1.0" }), "info"),
        ("request_info", json!({ "info_type": deep }), "bad_action"),
        ("reset", json!({ "directory": "/" }), "bad_action"),
        ("get_history", json!({ "file": "/etc/passwd" }), "bad_action"),
    ];
    for (number, (action, params, expected)) in cases.into_iter().enumerate() {
        let name = format!("call {number}, {action:.40}");
        let params: Map<String, Value> = params.as_object().cloned().unwrap_or_default();
        let call = Call { action: action.to_owned(), params };
        try_call(
            &name,
            Mode::Cold,
            &limits(),
            |_| call,
            |step| {
                let text = &step.observation.feedback["base"].text;
                let outcome = outcome(step);
                assert!(expected.split(" or ").any(|expected| outcome == expected), "{name}: {outcome}: {text}");
                assert_eq!((step.observation.step, step.reward), (1, 0.0), "{name}");
                assert!(text.len() < 10_000, "{name}");
            },
        );
    }
}
