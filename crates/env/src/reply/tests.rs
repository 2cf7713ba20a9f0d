use proptest::prelude::*;
use serde_json::json;

use super::*;

const CUSTOM: &str = "peek";

fn read(text: &str) -> Result<Call, String> {
    Call::from_reply(text, &[CUSTOM.to_owned()]).map_err(|error| error.to_string())
}

#[test]
fn calls_are_found_in_every_form() {
    let overview = Call::request_info("overview");
    let texts = [
        r#"{"action":"request_info","params":{"info_type":"overview"}}"#,
        "\u{feff}  {\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}}\n",
        "Let us look.\n```json\n{\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}}\n```\nThat is all.",
        "```\n{\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}}\n```",
        "```json\n{\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}}",
        "I ask {of course}: {\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}} thanks",
        "{\"action\":\"request_info\",\"params\":{\"info_type\":\"overview\"}}\nI wait.",
        r#"<think>{"action":"finish"}</think>{"action":"request_info","params":{"info_type":"overview"}}"#,
        r#"{"name":"request_info","arguments":{"info_type":"overview"}}"#,
        r#"<tool_call>{"name":"request_info","arguments":"{\"info_type\":\"overview\"}"}</tool_call>"#,
        r#"{"id":"1","type":"function","function":{"name":"request_info","arguments":"{\"info_type\":\"overview\"}"}}"#,
        r#"{"tool_calls":[{"function":{"name":"request_info","arguments":"{\"info_type\":\"overview\"}"}}]}"#,
    ];
    for text in texts {
        assert_eq!(read(text).as_ref(), Ok(&overview), "{text}");
    }
    assert_eq!(read(r#"{"action":"get_history"}"#).unwrap().action, "get_history");
    assert_eq!(read("Plan.\n```py\nprint({'a': 1})\n```").unwrap(), Call::execute_code("print({'a': 1})\n"));
    assert_eq!(read(r#"{"action":"peek","params":{"depth":[3]}}"#).unwrap().params["depth"], json!([3]));
}

#[test]
fn what_is_wrong_is_said_with_the_way_out() {
    let cases = [
        ("", "the reply is empty"),
        ("<think>for ever", "the reply is empty"),
        ("I would rather not.", "holds no action; answer with one JSON object"),
        ("{\"action\": \"execute_code\", \"params\": {\"code\": \"a\nb\"}}", "write line ends as \\n"),
        (r#"{"action": "execute_code", "params": {"code": "\d"}}"#, "write a backslash as \\\\"),
        (r#"{"action": "execute_code", "params": {"code": """x = 1"""}}"#, "JSON has no triple quotes"),
        (r#"{"action": "execute_code", "params": {"code": "x = 1"#, "the object does not end"),
        (r#"{'action': 'finish'}"#, "keys and texts stand in double quotes"),
        (r#"{"action": "finish",}"#, "comma"),
        ("```json\n{\"action\": finish}\n```", "not valid JSON: expected"),
        ("[1]", "holds no action"),
        ("```json\n[1]\n```", "the reply is a list, not an object"),
        (r#"{"thought": "hm", "tool": "x"}"#, "`action` is missing, found `thought`, `tool`"),
        (r#"{"action": 3}"#, "`action` must be a text, and is a number"),
        (r#"{"action": "finish", "params": []}"#, "`params` must be an object, and is a list"),
        (r#"{"action": "finish", "thought": "x"}"#, "unknown key `thought`; the object has `action` and `params`"),
        (r#"{"action": "fly"}"#, "unknown action `fly`; the actions are request_info"),
        (r#"{"action": "execute_code", "params": {}}"#, "`code` is missing; expected {\"code\""),
        ("{\"action\":\"finish\"} {\"action\":\"reset\"}", "holds 2 actions"),
        ("```py\n1\n```\n```py\n2\n```", "2 blocks of code and no action"),
        ("```py\nx = 1", "no closing fence"),
        (r#"{"name": "execute_code", "arguments": "{\"code\": "}"#, "the object does not end"),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn a_tool_call_is_read_and_its_faults_are_named() {
    let read = |name: &str, arguments: &str| Call::from_tool_call(name, arguments, &[]).map_err(|e| e.to_string());
    assert_eq!(read("finish", "").unwrap().action, "finish");
    assert_eq!(read("execute_code", r#"{"code": "1"}"#).unwrap(), Call::execute_code("1"));
    assert!(read("execute_code", r#"{"code": "1"#).unwrap_err().contains("does not end"));
    assert!(read("execute_code", "[]").unwrap_err().contains("`arguments` must be an object, and is a list"));
    assert!(read("python", r#"{"code": "1"}"#).unwrap_err().contains("unknown action `python`"));
}

#[test]
fn a_flood_of_braces_is_no_call_and_takes_no_time() {
    assert!(read(&"{".repeat(1 << 20)).is_err());
    assert!(read(&"{\"action\":".repeat(1 << 16)).is_err());
    assert!(read(&format!("words {}", "{}".repeat(1 << 18))).is_err());
}

fn calls() -> impl Strategy<Value = Call> {
    prop_oneof![
        any::<String>().prop_map(Call::execute_code),
        any::<String>().prop_map(Call::validate_code),
        any::<String>().prop_map(Call::request_info),
        prop_oneof!["get_history", "reset", "finish"].prop_map(|action| Call { action, params: Map::new() }),
        proptest::collection::btree_map(any::<String>(), any::<String>(), 0..4).prop_map(|params| {
            let params = params.into_iter().map(|(key, value)| (key, value.into())).collect();
            Call { action: CUSTOM.to_owned(), params }
        }),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_mixture_of_what_it_looks_for_makes_it_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("{"), Just("}"), Just("\"action\""), Just(":"), Just("\"é"), Just("\n"), Just("```"), Just("json"),
                Just("<think>"), Just("</think>"), Just("~~~~"), Just("\"arguments\""), Just("\\"), Just("[1,"), Just("x"),
            ],
            0..24,
        )
    ) {
        let _ = read(&parts.concat());
    }

    #[test]
    fn every_call_comes_back_from_its_json(call in calls()) {
        let json = serde_json::to_string(&call).unwrap();
        prop_assert_eq!(read(&json).unwrap(), call.clone());
        prop_assert_eq!(read(&format!("So:\n```json\n{json}\n```\n")).unwrap(), call.clone());
        let arguments = serde_json::to_string(&call.params).unwrap();
        let custom = [CUSTOM.to_owned()];
        prop_assert_eq!(Call::from_tool_call(&call.action, &arguments, &custom).unwrap(), call.clone());
        let tool = json!({ "name": call.action, "arguments": arguments }).to_string();
        prop_assert_eq!(read(&tool).unwrap(), call);
    }
}
