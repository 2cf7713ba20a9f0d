//! Fifteen steps on three competitions; the logs show every repair.

use mledojo_agents::{AgentOptions, HistoryPolicy, JournalLine, Purpose, TreePage, read_journal};
use mledojo_env::{ActionStatus, Failure};

use super::{COMPETITIONS, Game, script};

/// The steps at which each purpose was asked for, in order.
fn asked(game: &Game, purpose: Purpose) -> Vec<u64> {
    game.transcript().iter().filter(|call| call.purpose == purpose).map(|call| call.step).collect()
}

#[test]
fn mle_plays_and_every_repair_is_logged() {
    for slug in COMPETITIONS {
        let game = Game::new("mle", slug);
        let server = script::mle();
        let (summary, agent) = game.play(&server);
        assert!(summary.truncated && summary.limit.is_none(), "{summary:?}");
        let steps = game.steps();
        assert_eq!(steps.len(), 15);
        assert_eq!(asked(&game, Purpose::Act), (0..15).collect::<Vec<_>>());
        // Twice for the first mistake: the second prompt has the error of the first repair, not the old one.
        assert_eq!(asked(&game, Purpose::Repair), [1, 1, 4, 6, 9]);
        let transcript = game.transcript();
        let prompts: Vec<&str> = transcript
            .iter()
            .filter(|call| call.purpose == Purpose::Repair)
            .map(|call| {
                assert_eq!((call.keep, call.append.len()), (0, 1), "a repair is a conversation of its own");
                call.append[0].content()
            })
            .collect();
        assert!(prompts[0].contains("control character") && prompts[0].contains("write line ends as \\n"));
        assert!(prompts[1].contains("keys and texts stand in double quotes") && prompts[1].contains("once more"));
        assert!(prompts[2].contains("cut off at its greatest length"));
        assert!(prompts[3].contains("unknown action `train`"));
        assert!(prompts[4].contains("holds no action"));
        // What went wrong in the environment is the environment's business: it is told, not repaired.
        assert_eq!(steps[7].info.failure, Some(Failure::Info));
        assert_eq!(steps[8].info.failure, Some(Failure::Run));
        let told = |step: u64| {
            let call = transcript.iter().find(|call| call.step == step && call.purpose == Purpose::Act).unwrap();
            call.append.last().unwrap().content().to_owned()
        };
        assert!(told(9).starts_with("The action failed:") && told(9).contains("ValueError: m-8"), "{}", told(9));
        assert!(told(0).contains("15 steps and 10 min left") && told(14).contains("1 step and"), "{}", told(0));
        let failed = steps.iter().filter(|step| step.observation.action_status == ActionStatus::Failed).count();
        assert_eq!(failed, 2);
        assert!(steps[14].observation.best.is_some());
        // The whole conversation is sent, and only what is new is written down.
        let last = transcript.last().unwrap();
        assert!(last.keep >= 28 && last.append.len() == 1, "{} {}", last.keep, last.append.len());
        let usage = agent.usage();
        assert_eq!(usage.calls, 20);
        // 429, a hang, a 503 and a broken connection were asked again, and are no calls.
        assert_eq!(server.count(), 24);
        assert!(usage.waited_seconds > 0.9, "the hang is waiting: {usage:?}");
    }
}

#[test]
fn mle_forgets_the_middle_of_the_conversation() {
    let mut game = Game::new("mle", "iris");
    game.options.history = HistoryPolicy::Last(2);
    let server = script::mle();
    game.play(&server);
    let lengths: Vec<usize> = server.asked().iter().map(|asked| asked.conversation().len()).collect();
    // The first exchange, two more, and what is new.
    assert_eq!(lengths.iter().max(), Some(&7));
}

#[test]
fn tools_answers_mistakes_as_tools_do() {
    for slug in COMPETITIONS {
        let game = Game::new("tools", slug);
        let server = script::tools();
        let (summary, agent) = game.play(&server);
        assert!(summary.truncated, "{summary:?}");
        let steps = game.steps();
        let actions: Vec<&str> = steps.iter().map(|step| step.call.action.as_str()).collect();
        assert_eq!(actions[..3], ["request_info", "request_info", "execute_code"]);
        assert_eq!((actions[5], actions.len()), ("get_history", 15));
        assert!(steps.iter().all(|step| step.observation.action_status == ActionStatus::Success));
        // Unknown tool, cut arguments; words alone and a cut reply.
        assert_eq!(asked(&game, Purpose::Repair), [2, 2, 4, 4]);
        let told: Vec<String> = game
            .transcript()
            .iter()
            .flat_map(|call| call.append.iter().map(|message| message.content().to_owned()).collect::<Vec<_>>())
            .collect();
        for text in [
            "unknown action `python`; the actions are request_info",
            "the object does not end",
            "`code` is missing; expected {\"code\"",
            "Your reply called no tool.",
            "cut off at its greatest length",
        ] {
            assert!(told.iter().any(|told| told.contains(text)), "{text}");
        }
        assert_eq!(server.asked()[0].tools().len(), 6);
        assert_eq!(agent.usage().calls, game.transcript().iter().filter(|call| call.reply.is_some()).count() as u64);
    }
}

#[test]
fn aide_searches_keeps_its_journal_and_draws_its_tree() {
    for (agent, slug) in ["aide", "aide:mcts", "aide:evolution"].into_iter().zip(COMPETITIONS) {
        let game = Game::new(agent, slug);
        let (summary, _) = game.play(&script::aide());
        assert!(summary.truncated, "{summary:?}");
        let steps = game.steps();
        let actions: Vec<&str> = steps.iter().map(|step| step.call.action.as_str()).collect();
        assert_eq!(actions[..2], ["request_info", "validate_code"]);
        assert!(actions[2..].iter().all(|action| *action == "execute_code"));
        assert_eq!(steps[1].observation.action_status, ActionStatus::Success, "{:?}", steps[1].observation);

        let journal = read_journal(&game.path().join("journal.jsonl")).unwrap();
        let nodes = journal.iter().filter(|line| matches!(line, JournalLine::Node { .. })).count();
        let results = journal.iter().filter(|line| matches!(line, JournalLine::Result { .. })).count();
        assert_eq!((nodes, results), (13, 13));
        assert!(!asked(&game, Purpose::Draft).is_empty() && !asked(&game, Purpose::Improve).is_empty());
        // The first draft needed two repairs, the cut ones one each.
        assert!(asked(&game, Purpose::Repair).len() >= 3, "{:?}", asked(&game, Purpose::Repair));
        let page = TreePage::read(&game.path().join("episode")).unwrap();
        let failed = steps[2..].iter().filter(|step| step.observation.action_status == ActionStatus::Failed).count();
        assert_eq!(page.tree().nodes().iter().filter(|node| node.is_buggy()).count(), failed);
        let html = page.html().unwrap();
        assert!(html.contains(&format!("{slug}, played by {agent}")) && html.contains("id=\"node-12\""), "{html}");
        let best = std::fs::read_to_string(game.path().join("best_solution.py")).unwrap();
        assert_eq!(best, page.tree().node(page.tree().best().unwrap()).code);
        let prompts: Vec<String> =
            game.transcript().iter().filter_map(|call| Some(call.append.first()?.content().to_owned())).collect();
        assert!(
            prompts[0].contains("train.csv: ")
                && prompts[0].contains("scikit-learn 1.")
                && prompts[0].contains("The metric is "),
            "{}",
            prompts[0]
        );
    }
}

#[test]
fn the_same_seed_searches_the_same_way() {
    let journal = |seed_options: AgentOptions| {
        let mut game = Game::new("aide", "iris");
        game.options = seed_options;
        game.play(&script::aide());
        std::fs::read_to_string(game.path().join("journal.jsonl")).unwrap()
    };
    let moves = |text: String| -> Vec<(String, String)> {
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| (line["operator"].to_string(), line["parents"].to_string())).collect()
    };
    let options = AgentOptions { drafts: 3, ..AgentOptions::default() };
    let first = moves(journal(options.clone()));
    assert_eq!(first.len(), 27);
    assert_eq!(moves(journal(options)).len(), 27);
}
