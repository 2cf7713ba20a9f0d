//! Limits end an episode with its score kept; an agent that fails fails by name.

use mledojo_agents::{AgentError, Limit, PlayError, PlayLimits, play};
use mledojo_testing::{Answer, ModelServer};

use super::{Game, script};

#[test]
fn tokens_end_the_episode_and_the_score_stays() {
    let mut game = Game::new("mle", "iris");
    game.limits = PlayLimits { tokens: Some(150), ..PlayLimits::default() };
    let (summary, agent) = game.play(&script::mle());
    assert_eq!((summary.limit, summary.truncated, summary.terminated), (Some(Limit::Tokens), true, false));
    assert!(summary.observation.best.is_some() && agent.usage().tokens.total() >= 150);
    assert!(game.steps().len() < 15);
    // Nothing more is asked on resume.
    let server = script::mle();
    let (again, _) = game.resume(&server);
    assert_eq!((again.limit, server.count()), (Some(Limit::Tokens), 0));
}

#[test]
fn a_cost_that_nobody_knows_is_no_cost_of_nothing() {
    let mut game = Game::new("mle", "iris");
    game.limits = PlayLimits { cost_usd: Some(1.0), ..PlayLimits::default() };
    let mut environment = game.environment();
    let directory = game.path().join("episode");
    let options = mledojo_env::ResetOptions { directory, seed: 7, agent: "mle".to_owned() };
    let first = environment.reset(options).unwrap();
    let server = script::mle();
    let mut agent = game.agent(&server);
    let played = mledojo_agents::play_within(&mut environment, agent.as_mut(), first, &game.limits, &mut |_| {});
    assert!(matches!(played, Err(PlayError::Agent(AgentError::UnknownCost))), "{played:?}");
    assert_eq!(server.count(), 1);
}

#[test]
fn the_longest_prompt_is_a_limit_too() {
    for agent in ["mle", "tools"] {
        let mut game = Game::new(agent, "iris");
        game.options.max_prompt_tokens = 1_600;
        let (summary, _) = game.play(&script::of(agent));
        assert_eq!(summary.limit, Some(Limit::PromptTokens), "{agent}");
        assert!(!game.steps().is_empty(), "{agent}");
    }
    let game = Game::new("mle", "iris");
    let too_long = Answer::error(400, "context_length_exceeded", "maximum context length is 10 tokens");
    let (summary, _) = game.play(&ModelServer::sequence([too_long]));
    assert_eq!(summary.limit, Some(Limit::PromptTokens));
}

#[test]
fn a_model_that_never_acts_is_the_agents_failure() {
    for (agent, calls) in [("mle", 4), ("tools", 4)] {
        let game = Game::new(agent, "iris");
        let server = ModelServer::sequence([Answer::text("No.")]);
        let mut environment = game.environment();
        let directory = game.path().join("episode");
        let options = mledojo_env::ResetOptions { directory, seed: 7, agent: agent.to_owned() };
        let first = environment.reset(options).unwrap();
        let mut player = game.agent(&server);
        let error = play(&mut environment, player.as_mut(), first, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("no usable action after 4 attempts"), "{error}");
        assert!(matches!(&error, PlayError::Agent(error) if !error.is_infrastructure()));
        assert_eq!(server.count(), calls, "{agent}");
    }
    // A search runs what it gets, and learns that it fails.
    let game = Game::new("aide", "iris");
    let (summary, _) = game.play(&ModelServer::sequence([Answer::text("No.")]));
    assert!(summary.truncated && summary.observation.best.is_none());
    assert_eq!(game.steps().len(), 15);
}
