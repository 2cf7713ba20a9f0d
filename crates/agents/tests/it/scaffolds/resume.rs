//! An episode that is cut off anywhere goes on as if nothing had happened, and pays for no answer twice.

use std::collections::BTreeSet;
use std::path::Path;

use mledojo_agents::AgentError;
use mledojo_testing::{Answer, ModelServer};
use serde_json::Value;

use super::{Game, model, script};

/// What doesn't depend on the clock, nor on the server's port; of each call of the model with its step.
fn story(game: &Game) -> (Vec<Value>, Vec<(u64, String)>) {
    let steps = game.steps().into_iter().map(|step| {
        let text = step.observation.feedback["base"].data.get("submission").cloned();
        serde_json::json!([step.step, step.call, step.observation.action_status, step.observation.best, text])
    });
    let calls = game.transcript().into_iter().map(|mut call| {
        (call.latency_seconds, call.waited_seconds) = (0.0, 0.0);
        call.model.clear();
        (call.step, script::without_times(&serde_json::to_string(&call).unwrap()))
    });
    (steps.collect(), calls.collect())
}

/// Keeps the first lines of a file, and a piece of the next one.
fn cut(file: &Path, lines: usize) {
    let text = std::fs::read_to_string(file).unwrap();
    let kept: String = text.split_inclusive('\n').take(lines).collect();
    let torn: String = text[kept.len()..].chars().take(25).collect();
    std::fs::write(file, kept + &torn).unwrap();
}

#[test]
fn an_episode_that_is_cut_anywhere_goes_on_identically() {
    for (agent, points) in [("mle", [1, 9]), ("tools", [2, 6]), ("aide", [2, 11])] {
        let mut game = Game::new(agent, "iris");
        // Times in prompts differ from run to run in their seconds; the script answers by the conversation.
        game.options.prompts = Some(timeless(game.path()));
        game.play(&script::of(agent));
        let whole = story(&game);
        let [steps, transcript, journal] =
            ["episode/steps.jsonl", "transcript.jsonl", "journal.jsonl"].map(|name| game.path().join(name));
        for point in points {
            let known = whole.1.iter().filter(|call| call.0 < point).count();
            let all = whole.1.iter().filter(|call| call.0 <= point).count();
            // The step was lost, and its calls of the model were not, or not all; then these as well, and the journal.
            for kept in BTreeSet::from([all, (known + 1).min(all), known]).into_iter().rev() {
                cut(&steps, usize::try_from(point).unwrap());
                cut(&transcript, kept);
                if journal.exists() {
                    cut(&journal, if kept == all { 2 * usize::try_from(point).unwrap() - 2 } else { 1 });
                }
                let server = script::of(agent);
                let (summary, _) = game.resume(&server);
                assert!(summary.truncated, "{agent} from step {point}: {summary:?}");
                let again = story(&game);
                for (a, b) in whole.0.iter().zip(&again.0) {
                    assert_eq!(a, b, "{agent} from step {point}");
                }
                assert_eq!(whole.1.len(), again.1.len(), "{agent} from step {point}");
                for (a, b) in whole.1.iter().zip(&again.1) {
                    assert_eq!(a, b, "{agent} from step {point}");
                }
                let asked: std::collections::HashSet<String> =
                    server.asked().iter().map(|asked| asked.body["messages"].to_string()).collect();
                assert!(asked.len() <= whole.1.len() - kept, "{agent} from step {point}: {} calls", asked.len());
            }
        }
    }
}

/// Prompts that tell no time.
fn timeless(folder: &Path) -> std::path::PathBuf {
    let prompts = folder.join("prompts");
    let ours = mledojo_agents::Prompts::embedded().unwrap();
    for name in ours.names() {
        let file = prompts.join(name).with_extension("md");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, ours.source(name).unwrap().replace("{{ left }}", "time left")).unwrap();
    }
    prompts
}

#[test]
fn a_provider_that_fails_ends_nothing_for_good() {
    let game = Game::new("mle", "iris");
    let broken = ModelServer::sequence([Answer::server_error(500)]);
    let mut environment = game.environment();
    let directory = game.path().join("episode");
    let options = mledojo_env::ResetOptions { directory, seed: 7, agent: "mle".to_owned() };
    let first = environment.reset(options).unwrap();
    let mut agent = game.agent(&broken);
    let error = agent.act(&first).unwrap_err();
    assert!(error.is_infrastructure(), "{error}");
    drop((environment, agent));
    let fault = game.transcript()[0].error.clone().unwrap();
    assert_eq!((fault.kind.as_str(), fault.infrastructure), ("server", true));
    let (summary, agent) = game.resume(&script::mle());
    assert!(summary.truncated && agent.usage().calls == 20, "{summary:?}");
    assert_eq!(game.transcript().len(), 21);
}

#[test]
fn other_prompts_are_noticed() {
    let mut game = Game::new("mle", "iris");
    game.play(&script::mle());
    cut(&game.path().join("episode/steps.jsonl"), 5);
    game.options.prompts = Some(timeless(game.path()));
    let server = script::mle();
    let mut agent = game.agent(&server);
    let first = {
        let mut environment = game.environment();
        environment.resume(&game.path().join("episode")).unwrap();
        environment.first_observation().unwrap()
    };
    let error = agent.act(&first).unwrap_err();
    assert!(matches!(error, AgentError::OtherConversation { index: 0, step: 0, .. }), "{error}");
    assert_eq!(server.count(), 0);
    drop(model(&server));
}
