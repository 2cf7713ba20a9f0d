//! What the tests share: a runtime, an engine, and a prepared competition.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mledojo_catalog::Catalog;
use mledojo_env::{
    Call, Engine, EnvConfig, Environment, Judging, Observation, PreparedCompetition, ResetOptions, StepResult,
};
use mledojo_prepare::{PrepareRequest, Prepared, prepare};
use mledojo_sandbox::Runtime;
use serde_json::{Map, json};
use tempfile::TempDir;

pub(crate) fn runtime() -> Runtime {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON")
        .expect("MLEDOJO_TEST_PYTHON names a Python with the pinned packages; run `cargo xtask test`");
    Runtime::from_interpreter(Path::new(&python)).expect("the test runtime works")
}

pub(crate) fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| Engine::new(runtime()).expect("this host can isolate code")))
}

/// The competition `iris`, prepared once for all tests.
pub(crate) fn iris() -> Arc<PreparedCompetition> {
    static IRIS: OnceLock<Arc<PreparedCompetition>> = OnceLock::new();
    Arc::clone(IRIS.get_or_init(|| judged_iris(Judging::default())))
}

/// Iris, judged in some way.
pub(crate) fn judged_iris(judging: Judging) -> Arc<PreparedCompetition> {
    static DATA: OnceLock<(TempDir, Prepared)> = OnceLock::new();
    let competition = Catalog::bundled().get("iris").unwrap();
    let (_, data) = DATA.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let site_packages = runtime().interpreter().site_packages.clone().unwrap();
        let out = folder.path().join("iris");
        let data =
            prepare(&PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out }).unwrap();
        (folder, data)
    });
    Arc::new(PreparedCompetition::judged(judging, competition, data.clone(), None).unwrap())
}

/// An environment of iris, and the folder of its episodes.
pub(crate) struct World {
    pub(crate) environment: Environment,
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(EnvConfig::default())
    }

    pub(crate) fn with(config: EnvConfig) -> Self {
        Self::of(iris(), config)
    }

    pub(crate) fn of(competition: Arc<PreparedCompetition>, config: EnvConfig) -> Self {
        let environment = Environment::new(competition, engine(), config);
        Self { environment, folder: tempfile::tempdir().unwrap() }
    }

    /// A world whose episode has begun.
    pub(crate) fn begun() -> Self {
        let mut world = Self::new();
        world.reset("episode");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file in the agent's folder of the episode `episode`.
    pub(crate) fn work_file(&self, name: &str) -> PathBuf {
        self.path("episode").join("work").join(name)
    }

    pub(crate) fn reset(&mut self, name: &str) -> Observation {
        let options = ResetOptions { directory: self.path(name), seed: 7, agent: "test".to_owned() };
        self.environment.reset(options).unwrap()
    }

    pub(crate) fn step(&mut self, action: &str, params: serde_json::Value) -> StepResult {
        let params: Map<_, _> = params.as_object().cloned().unwrap_or_default();
        self.environment.step(Call { action: action.to_owned(), params }).unwrap()
    }

    pub(crate) fn execute(&mut self, code: &str) -> StepResult {
        self.step("execute_code", json!({ "code": code }))
    }

    pub(crate) fn validate(&mut self, code: &str) -> StepResult {
        self.step("validate_code", json!({ "code": code }))
    }

    pub(crate) fn info(&mut self, info_type: &str) -> StepResult {
        self.step("request_info", json!({ "info_type": info_type }))
    }
}

/// Python that writes the sample submission.
pub(crate) const SAMPLE: &str = "
import shutil
shutil.copyfile('/kaggle/input/iris/sample_submission.csv', 'submission.csv')
";

/// The text of the feedback that is always there.
pub(crate) fn base(observation: &Observation) -> &str {
    &observation.feedback["base"].text
}
