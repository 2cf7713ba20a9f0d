//! Experiments that can't be played as asked: each error names what is wrong, and nothing is begun.

use super::made::{competitions, script};
use crate::world::World;

#[test]
fn what_is_wrong_with_an_experiment_is_named() {
    let world = World::new();
    competitions(&world, 1);
    let good = "agents = [\"baseline\"]\ncompetitions = [\"made-0\"]\nseeds = 1\n";
    for (text, expected) in [
        ("agnets = []\n".to_owned(), vec!["bad.toml", "agnets", "line 1"]),
        (format!("{good}[limits]\nsteps = \"many\"\n"), vec!["bad.toml", "steps", "line 5"]),
        (format!("{good}[limits]\ntime = \"0s\"\n"), vec!["bad.toml", "time", "above zero"]),
        (format!("{good}[code]\nmemory = 1\n"), vec!["`code.memory` is 1", "at least 64"]),
        (good.replace("baseline", "oracle"), vec!["unknown agent `oracle`"]),
        (good.replace("baseline", "script:-"), vec!["script:-", "standard input"]),
        (good.replace("baseline", "script:nowhere.jsonl"), vec!["nowhere.jsonl"]),
        (good.replace("made-0", "made-up"), vec!["made-up"]),
        (good.replace("made-0", "titanic"), vec!["titanic", "mledojo download titanic"]),
        (good.replace("seeds = 1", "seeds = []"), vec!["`seeds` is empty"]),
        (format!("models = [\"openai/x\"]\n{good}"), vec!["`openai/x` has nothing to do"]),
        (format!("sandbox = \"jail\"\n{good}"), vec!["no sandbox `jail`"]),
    ] {
        world.write("bad.toml", &text);
        let ran = world.run(&["eval", "bad.toml", "--out", "run"]);
        assert_eq!(ran.code, 1, "{text}: {ran:?}");
        for word in expected {
            assert!(ran.stderr.contains(word), "{word}: {ran:?}");
        }
        assert!(!world.path("run/episodes").exists(), "{text}");
    }
    for usage in [&["eval"][..], &["eval", "--out", "x", "--seeds", "0"], &["eval", "--out", "x", "--gpu-memory", "5"]]
    {
        assert_eq!(world.run(usage).code, 2, "{usage:?}");
    }
    let missing = world.run(&["eval", "nowhere.toml"]);
    assert!(missing.code == 1 && missing.stderr.contains("nowhere.toml"), "{missing:?}");
}

#[test]
fn settings_of_finished_episodes_stay_as_they_were() {
    let world = World::new();
    competitions(&world, 1);
    let agent = script(&world, "script.jsonl", 10);
    let args = ["eval", "--agents", &agent, "--competitions", "made-0", "--seeds", "1", "--steps", "2", "--out", "run"];
    assert_eq!(world.run(&args).code, 0);
    for (change, expected) in [
        (&["--steps", "3"][..], "`limits.steps` was 2 and is now 3"),
        (&["--protocol", "mle-dojo"], "`judging.protocol`"),
        (&["--memory", "512"], "`code.memory` was not set and is now 512"),
        (&["--reward", "medal"], "`reward`"),
        (&["--allow-host", "pypi.org"], "`network.allow`"),
        (&["--sandbox", "process"], "`sandbox` was \"warm\" and is now \"process\""),
    ] {
        let ran = world.run(&[&["eval", "--out", "run"], change].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(expected) && ran.stderr.contains("1 of the run's episodes"), "{ran:?}");
    }
    // What decides over nothing may change.
    let ran = world.run(&["eval", "--out", "run", "--steps", "2", "--parallel", "7", "--budget-usd", "3"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    world.write("run/experiment.toml", "agents = 3\n");
    let ran = world.run(&["eval", "--out", "run"]);
    assert!(ran.code == 1 && ran.stderr.contains("experiment.toml") && ran.stderr.contains("agents"), "{ran:?}");
}
