//! Agents through the binary: models, kills, trees, other programs, people.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mledojo_testing::{Answer, Asked, ModelServer, Reply};
use serde_json::{Value, json};

use crate::world::{Ran, World, guess, logged_steps};

/// Answers by the conversation alone, slowly enough to be killed meanwhile.
fn answer(asked: &Asked) -> Answer {
    let conversation = asked.conversation();
    let number = conversation.iter().filter(|(role, _)| role == "assistant").count();
    let last = asked.last();
    let species = ["setosa", "versicolor", "virginica"][number % 3];
    let execute = json!({ "action": "execute_code", "params": { "code": guess(species) } }).to_string();
    let text = if last.contains("could not be read as one") {
        execute
    } else if last.contains("## How the solution must be") {
        // By the prompt's letters, without what depends on the clock.
        let timeless = last.lines().filter(|line| !line.contains("It must end in time"));
        let letters = timeless.flat_map(str::chars).filter(|letter| letter.is_alphabetic()).count();
        let species = ["setosa", "versicolor", "virginica"][letters % 3];
        format!("Plan: all are {species}.\n```python\n{}```", guess(species))
    } else if number == 0 {
        json!({ "action": "request_info", "params": { "info_type": "overview" } }).to_string()
    } else if number % 4 == 2 {
        "{'action': broken".to_owned()
    } else {
        execute
    };
    Reply { delay: Duration::from_millis(30), ..Reply::text(text) }.into()
}

/// A line of a transcript without what depends on the clock and the port.
fn calls(episode: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(episode.join("transcript.jsonl")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let line = |line: &str| {
        let mut call: Value = serde_json::from_str(line).unwrap();
        for key in ["latency_seconds", "waited_seconds", "model", "append"] {
            call.as_object_mut().unwrap().remove(key);
        }
        call
    };
    whole.lines().map(line).collect()
}

#[test]
fn a_model_that_plays_is_killed_and_goes_on() {
    for agent in ["mle", "aide"] {
        let server = ModelServer::start(answer);
        let model = format!("local/scripted@{}", server.openai_url());
        let world = World::new();
        world.json(&["prepare", "iris"]);
        let begin = |output: &'static str| {
            ["run", "iris", "--agent", agent, "--model", &model, "--option", "drafts=2", "--output", output]
                .map(str::to_owned)
        };
        let whole = world.json(&begin("whole").iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(whole["usage"]["calls"], server.count(), "{whole}");
        let asked = server.count();

        let episode = world.path("ep");
        for round in 0..4_u64 {
            let args: Vec<String> = match round {
                0 => begin("ep").to_vec(),
                _ => ["run", "--resume", "ep"].map(str::to_owned).to_vec(),
            };
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut child = world.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // When it has got a little further: in the middle of a call, of a step, or between them.
            let known = calls(&episode).len();
            while calls(&episode).len() < known + 2 {
                assert_eq!(child.try_wait().unwrap(), None, "{agent}: it ended by itself in round {round}");
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_millis(round * 23));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let again = world.json(&["run", "--resume", "ep"]);
        let story = |result: &Value| (result["usage"]["calls"].clone(), result["episode"]["best"].clone());
        assert_eq!(story(&again), story(&whole));
        assert_eq!(calls(&episode), calls(&world.path("whole")), "{agent}");
        let made = |episode: &str| -> Vec<Value> {
            logged_steps(&world.path(episode)).iter().map(|step| step["call"].clone()).collect()
        };
        assert_eq!(made("ep"), made("whole"), "{agent}");
        // A kill loses at most the call that was in flight.
        assert!(server.count() - asked <= asked + 4, "{} and then {}", asked, server.count() - asked);

        if agent == "aide" {
            let lines = |episode: &str| {
                std::fs::read_to_string(world.path(episode).join("journal.jsonl")).unwrap().lines().count()
            };
            assert_eq!((lines("ep"), lines("whole")), (27, 27));
            let drawn = world.json(&["agents", "tree", "ep", "--out", "tree.html"]);
            assert_eq!(drawn["nodes"], 13);
            assert!(std::fs::read_to_string(world.path("tree.html")).unwrap().contains("iris, played by aide"));
        }
    }
}

#[test]
fn ctrl_c_ends_a_call_of_the_model() {
    let server = ModelServer::start(|_| mledojo_testing::Fault::Hang(Duration::from_secs(60)).into());
    let world = World::new();
    world.json(&["prepare", "iris"]);
    let model = format!("local/scripted@{}", server.openai_url());
    let mut child = world
        .command(&["run", "iris", "--agent", "mle", "--model", &model, "--output", "ep"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while server.count() == 0 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    let started = std::time::Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(started.elapsed() < Duration::from_secs(4) && ran.stdout.contains("--resume ep"), "{ran:?}");
}

#[test]
fn another_program_a_replay_and_a_person_play() {
    let world = World::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/process_agent.py");
    let agent = format!("process:python3 '{}'", example.display());
    let first = world.json(&["run", "iris", "--agent", &agent, "--steps", "3", "--output", "one"]);
    assert_eq!((&first["episode"]["steps"], &first["episode"]["failed_steps"]), (&json!(3), &json!(0)), "{first}");
    let best = &first["episode"]["best"];
    assert!(best["raw_score"].as_f64().unwrap() > 0.8, "{first}");

    let replay = format!("replay:{}", world.path("one").display());
    let again = world.json(&["run", "iris", "--agent", &replay, "--output", "two"]);
    assert_eq!((&again["episode"]["best"], &again["episode"]["terminated"]), (best, &json!(true)));

    let script = world.write("mine.py", guess("setosa"));
    let mut child = world
        .command(&["run", "iris", "--agent", "human", "--output", "three", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let typed = format!("info name\nfly\ntry {0}\nrun {0}\nfinish\n", script.display());
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    let played: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&played["episode"]["steps"], &played["episode"]["terminated"]), (&json!(4), &json!(true)), "{ran:?}");
    assert!(ran.stderr.contains("Commands:") && ran.stderr.contains("Average Position Score"), "{}", ran.stderr);
}

#[test]
fn agents_and_their_prompts_are_shown() {
    let world = World::new();
    let list = world.run(&["agents", "list"]).stdout;
    for name in ["baseline", "mle", "aide:mcts", "process:COMMAND"] {
        assert!(list.contains(name), "{list}");
    }
    let show = world.run(&["agents", "show", "mle"]).stdout;
    assert!(show.contains("mle/instructions.md"), "{show}");
    let prompt = world.run(&["agents", "show", "aide:mcts", "--prompt", "draft"]).stdout;
    assert!(prompt.contains("{{ task }}"), "{prompt}");
    world.write("prompts/mle/result.md", "Now: {{ observation }}");
    let show = world.run(&["agents", "show", "mle", "--prompt", "result", "--prompts", "prompts"]).stdout;
    assert_eq!(show, "Now: {{ observation }}\n");
}

#[test]
fn what_an_agent_cannot_be_made_with_is_named() {
    let world = World::new();
    let model = ["--model", "openai/gpt-4o-mini"];
    let cases: [(&[&str], &str); 7] = [
        (&["--agent", "mle"], "agent `mle` asks a model; name one"),
        (
            &["--agent", "baseline", model[0], model[1]],
            "agent `baseline` asks no model, so `--model` has nothing to do",
        ),
        (&["--agent", "mle", model[0], model[1]], "no usable key for provider `openai`"),
        (&["--agent", "aide", "--option", "draft=3"], "unknown field `draft`"),
        (&["--agent", "aide", "--option", "drafts"], "expected NAME=VALUE"),
        (&["--agent", "mle", "--temperature", "9"], "option `temperature`: it is 9; expected a number from 0 to 2"),
        (&["--agent", "oracle"], "unknown agent `oracle`; expected `baseline`, `mle`"),
    ];
    for (args, expected) in cases {
        let ran = world.run(&[&["run", "iris"], args].concat());
        assert!(ran.code != 0 && ran.stderr.contains(expected), "{args:?}: {ran:?}");
    }
    for (args, expected) in [
        (["agents", "show", "oracle"].as_slice(), "there is no agent `oracle`"),
        (&["agents", "show", "mle", "--prompt", "draft"], "its prompts are instructions, repair, result"),
        (&["agents", "tree", "nowhere"], "no tree search was played here"),
    ] {
        let ran = world.run(args);
        assert!(ran.code == 1 && ran.stderr.contains(expected), "{ran:?}");
    }
}
