//! Feedback by a model and by a person, through the binary.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use mledojo_testing::{Answer, ModelServer, Reply};
use serde_json::{Value, json};

use crate::world::{Ran, World, guess, logged_steps};

const KEY: &str = "sk-feedback-0123456789";

fn calls(world: &World) -> String {
    world.script(&[
        json!({ "action": "request_info", "params": { "info_type": "name" } }),
        json!({ "action": "execute_code", "params": { "code": guess("setosa") } }),
        json!({ "action": "execute_code", "params": { "code": "print('to be reviewed')\n1/0" } }),
        json!({ "action": "execute_code", "params": { "code": "def f(:" } }),
    ])
}

/// What a provider said in each step.
fn said(steps: &[Value], name: &str) -> Vec<Option<String>> {
    let text = |step: &Value| step["observation"]["feedback"][name]["text"].as_str().map(str::to_owned);
    steps.iter().map(text).collect()
}

#[test]
fn a_model_reviews_code_within_its_budget_and_its_key_shows_nowhere() {
    let server = ModelServer::sequence([
        Reply::text("Guessing one class is no model.").into(),
        Answer::error(400, "invalid_request_error", "no such thing"),
        Answer::text("Never asked."),
    ])
    .with_key(KEY);
    let world = World::new();
    world.write("mledojo.toml", "[llm.retry]\nattempts = 1\n");
    let keys = world.write("home/keys.toml", format!("openai = \"{KEY}\"\n"));
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    let reviewer = format!("llm:openai/gpt-4o-mini@{}", server.openai_url());
    let script = calls(&world);
    let args = ["run", "iris", "--agent", &script, "--output", "ep", "--feedback", &reviewer, "--review-calls", "2"];
    let ran = Ran::from(world.command(&args).env("MLEDOJO_LOG", "trace").output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("tokens read") && !format!("{ran:?}").contains(KEY), "{}", ran.stderr);

    let steps = logged_steps(&world.path("ep"));
    let reviews = said(&steps, "llm");
    assert_eq!(reviews[0], None);
    assert_eq!(reviews[1].as_deref(), Some("Guessing one class is no model."));
    assert_eq!(reviews[2].as_deref(), Some("No review of this step: the reviewing model failed (bad request)."));
    assert!(reviews[3].as_ref().unwrap().contains("budget of 2 calls is used up"), "{reviews:?}");
    assert_eq!(server.count(), 2);
    let data = &steps[1]["observation"]["feedback"]["llm"]["data"];
    assert!((data["cost_usd"].as_f64().unwrap() - (10.0 * 0.15 + 5.0 * 0.60) / 1e6).abs() < 1e-15, "{data}");

    // It saw the code, the output and the score, and nothing of the private board.
    let asked: Vec<String> = server.asked().iter().map(|asked| asked.body.to_string()).collect();
    let score = steps[1]["observation"]["current"]["raw_score"].to_string();
    assert!(asked[0].contains("setosa") && asked[0].contains(&format!("Score: {score}")), "{}", asked[0]);
    assert!(asked[1].contains("to be reviewed") && asked[1].contains("ZeroDivisionError"), "{}", asked[1]);
    for asked in &asked {
        let lower = asked.to_lowercase();
        assert!(
            !lower.contains("private") && !lower.contains("humanrank") && !lower.contains("answers.csv"),
            "{asked}"
        );
    }
    let shown = world.run(&["episode", "show", "ep"]).stdout;
    assert!(shown.contains("[llm]") && shown.contains("Guessing one class"), "{shown}");
}

#[test]
fn no_key_is_in_the_sandbox() {
    let server = ModelServer::sequence([Answer::text("Hm.")]);
    let world = World::new();
    let keys = world.write("home/keys.toml", "xai = \"xai-in-the-file-0123456789\"\n");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    let search = format!(
        "import glob, os
found = []
for name in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline') + ['{}']:
    try:
        found.append(open(name, 'rb').read().decode(errors='replace'))
    except OSError as error:
        print(type(error).__name__)
text = ' '.join(found) + str(dict(os.environ))
assert 'PATH' in text
print('LEAK' if '0123456789' in text or 'API_KEY' in text else 'CLEAN')
",
        keys.display()
    );
    let script = world.script(&[json!({ "action": "validate_code", "params": { "code": search } })]);
    let reviewer = format!("llm:openai/any@{}", server.openai_url());
    for (sandbox, output) in [("warm", "a"), ("namespace", "b")] {
        let args =
            ["run", "iris", "--agent", &script, "--output", output, "--feedback", &reviewer, "--sandbox", sandbox];
        let ran = Ran::from(world.command(&args).env("OPENAI_API_KEY", KEY).output().unwrap());
        assert_eq!(ran.code, 0, "{ran:?}");
        let steps = logged_steps(&world.path(output));
        let said = steps[0]["observation"]["feedback"]["base"]["text"].as_str().unwrap();
        assert!(said.contains("CLEAN") && !said.contains("LEAK"), "{sandbox}: {said}");
    }
    assert_eq!((server.count(), server.asked()[0].key()), (2, Some(KEY)));
}

#[test]
fn an_episode_that_goes_on_goes_on_with_its_budget() {
    let server = ModelServer::sequence([Answer::text("Hm.")]);
    let world = World::new();
    let reviewer = format!("llm:local/any@{}", server.openai_url());
    let script = calls(&world);
    // A price that nobody knows cannot be held to.
    let review = ["--feedback", &reviewer, "--review-usd", "1"];
    let steps = ["run", "iris", "--agent", &script, "--output", "ep", "--steps", "4"];
    world.json(&[&steps[..], &review[..]].concat());
    let reviews = said(&logged_steps(&world.path("ep")), "llm");
    assert_eq!(reviews[1].as_deref(), Some("Hm."));
    assert!(reviews[2].as_ref().unwrap().contains("the price of"), "{reviews:?}");
    assert_eq!(server.count(), 1);

    // An episode whose last steps are missing, as if it had been killed.
    let log = world.path("ep/steps.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let kept: String = text.lines().take(2).map(|line| format!("{line}\n")).collect();
    std::fs::write(&log, kept).unwrap();
    let resumed = world.run(&["run", "--resume", "ep", "--feedback", &reviewer, "--review-calls", "1"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    let reviews = said(&logged_steps(&world.path("ep")), "llm");
    assert!(reviews[2].as_ref().unwrap().contains("budget of 1 calls is used up"), "{reviews:?}");
    assert_eq!(server.count(), 1);
}

#[test]
fn a_person_is_asked_on_the_terminal() {
    let world = World::new();
    let script = calls(&world);
    let mut command = world.command(&["run", "iris", "--agent", &script, "--output", "ep", "--feedback", "human"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A comment, none, and the end of the input.
    child.stdin.take().unwrap().write_all(b"  Use a model.\n\n").unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let expected = [None, Some("Use a model."), None, Some("No comment of a person on this step: nobody is there.")];
    let said = said(&logged_steps(&world.path("ep")), "human");
    assert_eq!(said.iter().take(4).map(Option::as_deref).collect::<Vec<_>>(), expected);
    assert!(ran.stderr.contains("Your comment") && ran.stderr.contains("ZeroDivisionError"), "{}", ran.stderr);
}

#[test]
fn bad_reviewers_are_explained_before_anything_is_made() {
    let world = World::new();
    let script = calls(&world);
    let cases = [
        (vec!["--feedback", "llm:gpt-4o"], 2, "expected `provider/model`"),
        (vec!["--feedback", "cat"], 2, "expected `human` or"),
        (vec!["--feedback", "llm:openai/gpt-4o"], 1, "set `OPENAI_API_KEY`"),
        (vec!["--feedback", "llm:vllm/a", "--feedback", "llm:vllm/b"], 1, "is there twice"),
        (vec!["--feedback", "human", "--review-usd", "0"], 2, "above 0"),
    ];
    for (flags, code, expected) in cases {
        let args = [&["run", "iris", "--agent", script.as_str(), "--output", "ep"][..], &flags[..]].concat();
        let ran = Ran::from(world.command(&args).env_remove("OPENAI_API_KEY").output().unwrap());
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.stderr.contains(expected), "{ran:?}");
        assert!(!world.path("ep").exists());
    }
    let ran = world.run(&["run", "iris", "--agent", "script:-", "--feedback", "human"]);
    assert!(ran.code == 1 && ran.stderr.contains("reads standard input"), "{ran:?}");
    world.write("mledojo.toml", "[llm]\nstreem = true\n");
    let ran = world.run(&["run", "iris", "--feedback", "llm:vllm/a"]);
    assert!(ran.code == 1 && ran.stderr.contains("streem"), "{ran:?}");
}
