//! The scaffolds in real environments, against a scripted server with deliberate mistakes: bad JSON, wrong tool calls,
//! 429s, hangs, truncation.

mod fifteen;
mod limits;
mod resume;
mod script;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mledojo_agents::llm::{ChatModel, Keys, LlmClient, LlmSettings};
use mledojo_agents::{
    Agent, AgentOptions, AgentSpec, CallRecord, PlayLimits, PlaySummary, play_within, read_transcript, restore,
};
use mledojo_env::{
    Budget, Engine, EnvConfig, Environment, Episode, Judging, PreparedCompetition, ResetOptions, StepRecord, Workbench,
};
use mledojo_testing::ModelServer;
use tempfile::TempDir;

pub(crate) const COMPETITIONS: [&str; 3] = ["iris", "diabetes", "wine"];

/// What all tests here share: a runtime, and data prepared once.
struct World {
    workbench: Workbench,
    engine: Arc<Engine>,
    _home: TempDir,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let mut workbench = Workbench::new(home.path().to_owned());
        let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("run `cargo xtask test`");
        workbench.python = Some(PathBuf::from(python));
        let engine = workbench.engine(workbench.runtime().unwrap()).unwrap();
        World { workbench, engine, _home: home }
    })
}

fn competition(slug: &str) -> Arc<PreparedCompetition> {
    let World { workbench, engine, .. } = world();
    let judging = |spec: &mledojo_catalog::Spec| Judging { public_fraction: 1.0, ..Judging::of(spec) };
    workbench.competition(slug, judging, engine.runtime(), Some(engine)).unwrap()
}

/// An episode's folder and how it is played.
pub(crate) struct Game {
    folder: TempDir,
    slug: &'static str,
    spec: AgentSpec,
    pub(crate) options: AgentOptions,
    pub(crate) limits: PlayLimits,
}

impl Game {
    pub(crate) fn new(agent: &str, slug: &'static str) -> Self {
        let options = AgentOptions { drafts: 3, children: 2, individuals: 3, ..AgentOptions::default() };
        let (spec, limits) = (agent.parse().unwrap(), PlayLimits::default());
        Self { folder: tempfile::tempdir().unwrap(), slug, spec, options, limits }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn environment(&self) -> Environment {
        let config = EnvConfig { budget: Budget { steps: Some(15), seconds: Some(600.0) }, ..EnvConfig::default() };
        Environment::new(competition(self.slug), Arc::clone(&world().engine), config)
    }

    fn agent(&self, server: &ModelServer) -> Box<dyn Agent> {
        let mut agent = self.spec.build_with(7, &self.options, Some(model(server))).unwrap();
        agent.keep_in(self.path()).unwrap();
        agent
    }

    /// Plays from the beginning to the end.
    pub(crate) fn play(&self, server: &ModelServer) -> (PlaySummary, Box<dyn Agent>) {
        let mut environment = self.environment();
        let directory = self.path().join("episode");
        let first = environment.reset(ResetOptions { directory, seed: 7, agent: self.spec.to_string() }).unwrap();
        let mut agent = self.agent(server);
        let summary = play_within(&mut environment, agent.as_mut(), first, &self.limits, &mut |_| {}).unwrap();
        (summary, agent)
    }

    /// Goes on as after a crash.
    pub(crate) fn resume(&self, server: &ModelServer) -> (PlaySummary, Box<dyn Agent>) {
        let mut environment = self.environment();
        let directory = self.path().join("episode");
        let latest = environment.resume(&directory).unwrap();
        let mut agent = self.agent(server);
        let episode = Episode::open(&directory).unwrap();
        restore(agent.as_mut(), environment.first_observation().unwrap(), &episode).unwrap();
        let summary = play_within(&mut environment, agent.as_mut(), latest, &self.limits, &mut |_| {}).unwrap();
        (summary, agent)
    }

    pub(crate) fn steps(&self) -> Vec<StepRecord> {
        let episode = Episode::open(&self.path().join("episode")).unwrap();
        episode.steps().unwrap().collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn transcript(&self) -> Vec<CallRecord> {
        read_transcript(&self.path().join("transcript.jsonl")).unwrap()
    }
}

/// A model at the server, whose client loses patience soon and tries again at once.
pub(crate) fn model(server: &ModelServer) -> Arc<dyn ChatModel> {
    let mut settings = LlmSettings::default();
    settings.retry.attempts = 4;
    settings.retry.base = 0.01;
    settings.retry.most = 0.02;
    settings.timeouts.first_byte = 1.0;
    settings.timeouts.silence = 1.0;
    let name = format!("local/scripted@{}", server.openai_url());
    LlmClient::new(settings, Keys::new(None)).unwrap().model(&name.parse().unwrap()).unwrap()
}
