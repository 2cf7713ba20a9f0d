//! Every mistake of an agent is an observation, and the next step works.

use mledojo_env::{ActionStatus, Call, Failure};
use mledojo_sandbox::Outcome;
use serde_json::{Map, json};

use crate::world::{SAMPLE, World, base};

#[test]
fn bad_calls_are_told_and_counted() {
    let mut world = World::begun();
    let cases = [
        ("fly", json!({}), Failure::BadAction, "unknown action `fly`"),
        ("execute_code", json!({}), Failure::BadAction, "`code` is missing"),
        ("execute_code", json!({ "code": 3 }), Failure::BadAction, "a number, not a text"),
        ("execute_code", json!({ "code": "x", "lang": "R" }), Failure::BadAction, "unknown parameter `lang`"),
        ("execute_code", json!({ "code": " \n" }), Failure::Code, "empty"),
        ("request_info", json!({ "info_type": "weather" }), Failure::Info, "the types are data_path, data_structure"),
        ("validate_code", json!({ "code": "def f(:\n  pass" }), Failure::Syntax, "line 1"),
        ("execute_code", json!({ "code": "x = 1\0" }), Failure::Syntax, "null"),
    ];
    for (number, (action, params, failure, text)) in cases.into_iter().enumerate() {
        let result = world.step(action, params);
        assert_eq!(result.observation.action_status, ActionStatus::Failed);
        assert_eq!(result.info.failure, Some(failure), "{action}");
        assert_eq!(result.observation.step, number as u64 + 1);
        assert_eq!(result.reward, 0.0);
        let told = base(&result.observation);
        assert!(told.contains(text), "expected `{text}` in: {told}");
    }
    assert_eq!(world.execute(SAMPLE).observation.action_status, ActionStatus::Success);
}

#[test]
fn floods_from_the_agent_stay_small_in_the_log() {
    let mut world = World::begun();
    let code = "#".repeat(10 << 20);
    let long = world.execute(&code);
    assert_eq!(long.info.failure, Some(Failure::Code));
    assert!(base(&long.observation).contains("limit is 1048576"));
    let params: Map<_, _> = [("x".to_owned(), "y".repeat(10 << 20).into())].into_iter().collect();
    let odd = world.environment.step(Call { action: "z".repeat(1 << 20), params }).unwrap();
    assert_eq!(odd.info.failure, Some(Failure::BadAction));
    assert!(base(&odd.observation).len() < 1000);
    let log = std::fs::metadata(world.path("episode/steps.jsonl")).unwrap().len();
    assert!(log < 10_000, "{log}");
}

#[test]
fn failing_code_is_told_with_its_traceback_and_earns_nothing() {
    let mut world = World::begun();
    let result = world.execute(&format!("{SAMPLE}\nraise ValueError('no such luck')"));
    assert_eq!(result.info.failure, Some(Failure::Run));
    assert_eq!(result.info.run.unwrap().outcome, Outcome::ExitCode { code: 1 });
    assert_eq!((result.reward, result.observation.current.clone()), (0.0, None));
    let told = base(&result.observation);
    assert!(told.contains("ValueError: no such luck") && told.contains("step_0001.py"), "{told}");
    assert!(told.contains("the run failed, so nothing was graded"), "{told}");
}

#[test]
fn hostile_code_leaves_the_next_step_untouched() {
    let hostile = [
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)",
        "import os\nos.chmod('.', 0)\nos._exit(3)",
        "import os\nos.mkdir('submission.csv')\nopen('submission.csv/x', 'w').close()",
        "import sys\nsys.stdout.buffer.write(b'\\xff\\x00\\x1b[2J' * 1000)",
        "import os\nif os.fork() == 0:\n    os.setsid()\n    import time\n    time.sleep(60)",
    ];
    let mut world = World::begun();
    for code in hostile {
        world.execute(code);
        let plain = world.execute(SAMPLE);
        assert_eq!(plain.observation.action_status, ActionStatus::Success, "{code}: {}", base(&plain.observation));
        assert!(plain.info.seconds < 30.0);
    }
}
