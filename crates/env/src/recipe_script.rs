//! Recipes' scripts, run as agents' code is.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use mledojo_prepare::{RecipeScript, ScriptRunner};
use mledojo_sandbox::{Cancel, Input, Job, Limits, Network, Outcome};

use crate::code::HASH_SEED;
use crate::engine::Engine;

/// Longest run of a script.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// What runs a script for `sh`.
const SHELL: &str = "import subprocess, sys\nsys.exit(subprocess.call(['sh', '-e', '-s'], stdin=open(sys.argv[1])))\n";

/// Runs recipes' scripts in an engine's sandbox: they read `/kaggle/input/raw` and `/kaggle/input/unpacked`, write
/// `public/` and `private/` in the folder they start in, and reach nothing else. `MLEDOJO_PROTOCOL` names the protocol.
pub struct SandboxedScripts {
    engine: Arc<Engine>,
}

impl SandboxedScripts {
    /// Scripts that run in this engine's sandbox.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }
}

impl ScriptRunner for SandboxedScripts {
    fn run(&self, script: &RecipeScript<'_>) -> Result<(), String> {
        let source = fs::read(script.file).map_err(|error| error.to_string())?;
        let is_shell = script.file.extension().is_some_and(|ending| ending == "sh");
        let (source, args) = if is_shell {
            fs::write(script.work_dir.join("recipe.sh"), source).map_err(|error| error.to_string())?;
            (SHELL.as_bytes().to_vec(), vec!["recipe.sh".to_owned()])
        } else {
            (source, vec![])
        };
        let input =
            |(name, host): &(&str, &std::path::Path)| Input { host: host.to_path_buf(), name: (*name).to_owned() };
        let job = Job {
            script: source,
            script_name: "recipe.py".to_owned(),
            args,
            work_dir: script.work_dir.to_owned(),
            inputs: script.inputs.iter().map(input).collect(),
            masked: Vec::new(),
            host_paths: false,
            hidden: Vec::new(),
            env: vec![
                ("PYTHONHASHSEED".to_owned(), HASH_SEED.to_owned()),
                ("MLEDOJO_PROTOCOL".to_owned(), script.protocol.to_owned()),
            ],
            network: Network::None,
            limits: Limits {
                wall: LONGEST,
                work_size: None,
                work_files: None,
                file_size: u64::MAX,
                ..Limits::default()
            },
        };
        let report = self.engine.sandbox().run(&job, &Cancel::default()).map_err(|error| error.to_string())?;
        match report.outcome {
            Outcome::Ok => Ok(()),
            outcome => Err(format!("{outcome:?}\n{}", report.stderr.text_within(4000).trim_end())),
        }
    }
}
