//! What the tests share: episodes that the real environment made of given programs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mledojo_catalog::Catalog;
use mledojo_env::{Call, Engine, EnvConfig, Environment, Judging, PreparedCompetition, ResetOptions, StepResult};
use mledojo_prepare::{PrepareRequest, Prepared, prepare};
use mledojo_sandbox::Runtime;
use tempfile::TempDir;

pub(crate) fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| {
        let python = std::env::var_os("MLEDOJO_TEST_PYTHON")
            .expect("MLEDOJO_TEST_PYTHON names a Python with the pinned packages; run `cargo xtask test`");
        let runtime = Runtime::from_interpreter(Path::new(&python)).expect("the test runtime works");
        Engine::new(runtime).expect("this host can isolate code")
    }))
}

/// A bundled competition, prepared once for all tests.
pub(crate) fn competition(slug: &str, public_fraction: f64) -> Arc<PreparedCompetition> {
    static ROOT: OnceLock<TempDir> = OnceLock::new();
    static PREPARING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = PREPARING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let out = ROOT.get_or_init(|| tempfile::tempdir().unwrap()).path().join(slug);
    let competition = Catalog::bundled().get(slug).unwrap();
    let data = if out.exists() {
        Prepared::open(&out).unwrap()
    } else {
        let site_packages = engine().runtime().interpreter().site_packages.clone().unwrap();
        prepare(&PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out }).unwrap()
    };
    let judging = Judging { public_fraction, ..Judging::default() };
    Arc::new(PreparedCompetition::judged(judging, competition, data, None).unwrap())
}

/// Plays an episode of these calls in a folder.
pub(crate) fn play(
    directory: PathBuf,
    competition: &Arc<PreparedCompetition>,
    agent: &str,
    seed: u64,
    calls: impl IntoIterator<Item = Call>,
) -> Vec<StepResult> {
    let mut environment = Environment::new(Arc::clone(competition), engine(), EnvConfig::default());
    environment.reset(ResetOptions { directory, seed, agent: agent.to_owned() }).unwrap();
    calls.into_iter().map(|call| environment.step(call).unwrap()).collect()
}

/// A program that reads the data of a competition, and goes on with `body`: `train`, `test`, `sample`, `write`.
pub(crate) fn program(slug: &str, body: &str) -> Call {
    Call::execute_code(format!(
        "import pandas as pd, numpy as np\n\
         root = '/kaggle/input/{slug}/'\n\
         train, test = pd.read_csv(root + 'train.csv'), pd.read_csv(root + 'test.csv')\n\
         sample = pd.read_csv(root + 'sample_submission.csv')\n\
         features = [name for name in test.columns if name != 'id']\n\
         target = sample.columns[-1]\n\
         def write(values):\n    sample.assign(**{{target: values}}).to_csv('submission.csv', index=False)\n\
         {body}\n"
    ))
}
