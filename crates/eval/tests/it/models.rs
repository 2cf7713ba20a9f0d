//! Runs of agents that ask a model, over a local server that speaks OpenAI's wire format: limits, money, outages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mledojo_agents::llm::{Keys, LlmClient, LlmSettings, ModelSpec};
use mledojo_agents::{Agent, AgentError, AgentSpec};
use mledojo_env::{Call, Engine, EnvError, PreparedCompetition};
use mledojo_eval::{Crew, Ended, EpisodeOutcome, Experiment, Role, RunEvent, RunFolder, RunSummary, Runner};
use mledojo_sandbox::Cancel;
use mledojo_testing::{Answer, Asked, ModelServer};
use tempfile::TempDir;

use crate::world::{competition, engine};

/// Each call reads 10 tokens and writes 5, and costs a dollar.
const PRICES: &str = "[[model]]\nprovider = \"openai\"\nnames = [\"priced\"]\ninput = 100000.0\noutput = 0.0\n";

struct World {
    folder: TempDir,
    server: ModelServer,
    llm: LlmClient,
}

impl Crew for World {
    fn competition(&self, slug: &str, _: &Experiment) -> Result<Arc<PreparedCompetition>, EnvError> {
        Ok(competition(slug, 1.0))
    }

    fn agent(&self, role: &Role<'_>) -> Result<Box<dyn Agent>, AgentError> {
        let model = match &role.player.model {
            Some(name) => Some(role.purse.guard(self.llm.model(&name.parse::<ModelSpec>()?)?)),
            None => None,
        };
        role.player.agent.parse::<AgentSpec>()?.build_with(role.seed, role.options, model)
    }

    fn engine(&self) -> Arc<Engine> {
        engine()
    }
}

impl World {
    fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("models.toml");
        std::fs::write(&table, PRICES).unwrap();
        let mut settings = LlmSettings { models: Some(table), ..LlmSettings::default() };
        settings.retry.attempts = 2;
        settings.retry.base = 0.01;
        let keys = BTreeMap::from([("OPENAI_API_KEY".to_owned(), "sk-test".to_owned())]);
        let llm = LlmClient::new(settings, Keys::of_variables(keys, None)).unwrap();
        Self { folder, server: ModelServer::start(script), llm }
    }

    fn experiment(&self, model: &str) -> Experiment {
        let mut experiment = Experiment {
            agents: vec!["mle".to_owned()],
            models: vec![format!("openai/{model}@{}", self.server.openai_url())],
            competitions: vec!["iris".to_owned()],
            seeds: vec![0],
            parallel: Some(1),
            retries: 1,
            ..Experiment::default()
        };
        experiment.limits.steps = 4;
        experiment
    }

    fn run(&self, experiment: &Experiment) -> (RunSummary, Vec<EpisodeOutcome>) {
        self.run_until(experiment, |_| false)
    }

    /// Runs, and cancels the run once `enough` says so.
    fn run_until(
        &self,
        experiment: &Experiment,
        enough: impl Fn(&RunEvent) -> bool + Sync,
    ) -> (RunSummary, Vec<EpisodeOutcome>) {
        let cancel = Cancel::default();
        let observe = |event: &RunEvent| {
            if enough(event) {
                cancel.cancel();
            }
        };
        let lock = RunFolder::lock(&self.folder.path().join("run")).unwrap();
        let runner = Runner::new(lock, experiment.clone(), self, cancel.clone(), &observe).unwrap();
        let folder = runner.folder().clone();
        let summary = runner.run();
        (summary, folder.outcomes().unwrap())
    }
}

/// A model that submits something at each step, in words that depend on the conversation alone.
fn submits(asked: &Asked) -> Answer {
    let code = format!(
        "import shutil\nprint({})\nshutil.copy('/kaggle/input/iris/sample_submission.csv', 'submission.csv')",
        asked.conversation().len()
    );
    Answer::text(serde_json::to_string(&Call::execute_code(code)).unwrap())
}

#[test]
fn a_limit_on_tokens_ends_an_episode_with_its_score() {
    let world = World::new(submits);
    let mut experiment = world.experiment("any");
    experiment.limits.tokens = Some(30);
    let (summary, outcomes) = world.run(&experiment);
    assert!(summary.is_success(), "{summary:?}");
    let outcome = &outcomes[0];
    assert_eq!((outcome.ended, outcome.steps, outcome.usage.total()), (Ended::Tokens, 2, 30));
    assert!(outcome.best.is_some() && outcome.working_seconds <= outcome.seconds);
    // Nothing tells what the model costs.
    assert_eq!(outcome.cost_usd, None);
    assert_eq!(world.server.count(), 2);
}

#[test]
fn a_limit_on_cost_is_one_episodes_and_the_budget_is_the_runs() {
    let world = World::new(submits);
    let script = world.folder.path().join("script.jsonl");
    std::fs::write(&script, "{\"action\": \"get_history\"}\n").unwrap();
    let mut experiment = Experiment { seeds: vec![0, 1], ..world.experiment("priced") };
    experiment.agents.push(format!("script:{}", script.display()));
    experiment.limits.cost_usd = Some(3.0);
    experiment.limits.steps = 9;
    experiment.budget_usd = Some(5.0);
    let (summary, outcomes) = world.run(&experiment);
    // Those that ask no model play on.
    let [first, scripted @ ..] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!((first.ended, first.steps, first.cost_usd), (Ended::Cost, 3, Some(3.0)));
    assert_eq!(scripted.iter().map(|outcome| outcome.ended).collect::<Vec<_>>(), [Ended::Finished; 2]);
    assert_eq!((summary.spent_usd, summary.interrupted, world.server.count()), (5.0, false, 5));
    assert!(summary.stopped.unwrap().contains("budget of $5.00 is used up"));

    // With more money it goes on, and pays for nothing twice.
    experiment.budget_usd = Some(7.0);
    let (summary, outcomes) = world.run(&experiment);
    assert!(summary.is_success(), "{summary:?}");
    assert_eq!((outcomes[1].ended, outcomes[1].cost_usd, outcomes[1].attempts), (Ended::Cost, Some(3.0), 1));
    assert_eq!((summary.spent_usd, world.server.count()), (6.0, 6));
}

#[test]
fn an_outage_of_the_provider_is_none_of_the_agents() {
    let down = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&down);
    let world = World::new(move |asked| {
        // The first step is answered.
        if asked.conversation().len() > 1 && seen.load(Ordering::SeqCst) {
            return Answer::server_error(503);
        }
        submits(asked)
    });
    let experiment = world.experiment("any");
    let (summary, outcomes) = world.run(&experiment);
    assert_eq!((summary.failed.len(), outcomes.len()), (1, 0), "{summary:?}");
    assert!(summary.failed[0].error.contains("503"), "{summary:?}");
    down.store(false, Ordering::SeqCst);
    let (summary, outcomes) = world.run(&experiment);
    assert!(summary.is_success(), "{summary:?}");
    assert_eq!((outcomes[0].ended, outcomes[0].steps, outcomes[0].attempts), (Ended::Steps, 4, 1));
}

#[test]
fn waiting_on_a_rate_limit_is_no_working_time() {
    let first = AtomicBool::new(true);
    let world = World::new(move |asked| match first.swap(false, Ordering::SeqCst) {
        true => Answer::rate_limited(Some("2")),
        false => submits(asked),
    });
    let mut experiment = world.experiment("any");
    experiment.limits.steps = 1;
    experiment.limits.working_time = Some(Duration::from_secs(60));
    let (summary, outcomes) = world.run(&experiment);
    assert!(summary.is_success(), "{summary:?}");
    let waited = outcomes[0].seconds - outcomes[0].working_seconds;
    assert!((1.9..10.0).contains(&waited) && outcomes[0].ended == Ended::Steps, "{outcomes:?}");

    // An episode that works for longer than it may.
    experiment.seeds = vec![1];
    experiment.limits.steps = 4;
    experiment.limits.working_time = Some(Duration::from_millis(1));
    let world = World { folder: tempfile::tempdir().unwrap(), ..world };
    let (_, outcomes) = world.run(&experiment);
    assert_eq!((outcomes[0].ended, outcomes[0].best.is_some()), (Ended::WorkingTime, outcomes[0].steps > 0));
}

#[test]
fn a_key_that_is_not_accepted_is_not_tried_again() {
    let world = World::new(|_| Answer::error(401, "invalid_api_key", "no such key"));
    let retried = AtomicBool::new(false);
    let (summary, _) = world.run_until(&world.experiment("any"), |event| {
        retried.fetch_or(matches!(event, RunEvent::Retrying { .. }), Ordering::SeqCst);
        false
    });
    assert!(summary.failed[0].error.contains("401") && !retried.into_inner(), "{summary:?}");
    assert_eq!(world.server.count(), 1);
}

#[test]
fn a_model_that_hangs_is_ended_by_the_time_and_by_cancelling() {
    let world = World::new(|asked| match asked.conversation().len() {
        1 => submits(asked),
        _ => Answer::hang(Duration::from_secs(60)),
    });
    let mut experiment = world.experiment("any");
    let started = Instant::now();
    let (summary, outcomes) = world.run_until(&experiment, |event| matches!(event, RunEvent::Stepped { .. }));
    assert!(summary.interrupted && outcomes.is_empty(), "{summary:?}");

    experiment.limits.time = Duration::from_secs(4);
    let (summary, outcomes) = world.run(&experiment);
    assert!(summary.is_success(), "{summary:?}");
    assert_eq!((outcomes[0].ended, outcomes[0].steps, outcomes[0].seconds), (Ended::Time, 1, 4.0));
    assert!(outcomes[0].best.is_some() && started.elapsed() < Duration::from_secs(30));
}
