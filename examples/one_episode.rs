//! Drives one episode of `iris` from Rust: prepare the data, ask, run code, look at the score.
//!
//! ```text
//! cargo run --release -p mledojo-examples --example one_episode
//! ```
//! The first call makes the Python runtime in `MLEDOJO_HOME`, or in the folder `mledojo-home` here.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use mledojo_catalog::Catalog;
use mledojo_env::{Action, Budget, Call, Engine, EnvConfig, Environment, PreparedCompetition, ResetOptions};
use mledojo_prepare::{PrepareRequest, prepare};
use mledojo_sandbox::{InstallOptions, ManagedRuntime, Runtime};

/// What an agent might write after it has read the task.
const CODE: &str = "
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

data = '/kaggle/input/iris/'
train, test = pd.read_csv(data + 'train.csv'), pd.read_csv(data + 'test.csv')
features = [column for column in test.columns if column != 'id']
model = RandomForestClassifier(random_state=0).fit(train[features], train['species'])
test['species'] = model.predict(test[features])
test[['id', 'species']].to_csv('submission.csv', index=False)
print('trained on', len(train), 'flowers')
";

fn main() -> Result<()> {
    let home = std::env::var_os("MLEDOJO_HOME").map_or_else(|| PathBuf::from("mledojo-home"), PathBuf::from);
    let managed = ManagedRuntime::new(home.join("runtime"));
    let runtime = managed.install(&InstallOptions::default(), &mut |event| println!("{}", event.step.title()))?;
    let episodes = tempfile::tempdir()?;
    play(runtime, &home.join("competitions/iris"), &episodes.path().join("episode"))
}

fn play(runtime: Runtime, data: &Path, episode: &Path) -> Result<()> {
    // What is played: a competition of the catalog, with its data on disk.
    let competition = Catalog::bundled().get("iris")?;
    let site_packages = runtime.interpreter().site_packages.clone().unwrap_or_default();
    let request = PrepareRequest { competition: &competition, site_packages: &site_packages, out: data };
    let prepared = prepare(&request)?;
    let competition = Arc::new(PreparedCompetition::new(competition, prepared)?);

    // What runs code: the runtime within the sandbox. One engine serves any number of environments.
    let engine = Engine::new(runtime)?;
    let config = EnvConfig { budget: Budget { steps: Some(3), seconds: Some(300.0) }, ..EnvConfig::default() };
    let mut environment = Environment::new(competition, engine, config);
    environment.reset(ResetOptions { directory: episode.to_owned(), seed: 0, agent: "example".to_owned() })?;

    for call in [Call::request_info("metadata"), Call::execute_code(CODE), Action::Finish.into()] {
        let step = environment.step(call)?;
        println!("{}", step.observation.text());
        println!("reward {:.4}, terminated {}, truncated {}\n", step.reward, step.terminated, step.truncated);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_plays_its_episode() {
        let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("run `cargo xtask test`");
        let runtime = Runtime::from_interpreter(PathBuf::from(python)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let episode = folder.path().join("episode");
        play(runtime, &folder.path().join("iris"), &episode).unwrap();
        let log = std::fs::read_to_string(episode.join("steps.jsonl")).unwrap();
        assert_eq!(log.lines().count(), 3);
        assert!(log.lines().nth(1).unwrap().contains("\"action_status\":\"SUCCESS\""), "{log}");
    }
}
