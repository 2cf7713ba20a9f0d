//! What warm interpreters are worth with one Python: measured, not guessed.

use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;
use tempfile::TempDir;

use super::WarmSandbox;
use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::job::{Job, Limits};
use crate::namespace::NamespaceSandbox;
use crate::network::Network;
use crate::preload::Preload;
use crate::sandbox::{Cancel, Sandbox};

/// Warm interpreters of one Python.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WarmMeasure {
    /// Why there are none.
    pub cold_reason: Option<String>,
    /// Seconds that the imports take, once.
    pub start_seconds: f64,
    /// What could not be preloaded, and why.
    pub left_out: Vec<String>,
    /// Seconds of a run that imports all of it, in a fork: the median of some.
    pub warm_seconds: f64,
    /// Seconds of the same run in a new interpreter.
    pub cold_seconds: f64,
}

/// Runs measured in forks.
const ROUNDS: usize = 7;
/// So that a jail is ready for each, as between the steps of an agent.
const PAUSE: Duration = Duration::from_millis(100);

impl WarmMeasure {
    /// Starts warm interpreters, runs a script that imports what they have imported, and ends them. Takes some seconds.
    ///
    /// # Errors
    /// A host that cannot isolate code, or a temporary folder that cannot be made.
    pub fn take(interpreter: &Interpreter, preload: &Preload) -> Result<Self, SandboxError> {
        let folder = TempDir::new().map_err(|source| SandboxError::Io {
            action: "make a folder in",
            path: std::env::temp_dir(),
            source,
        })?;
        let warm = WarmSandbox::new(interpreter.clone(), preload.clone())?;
        let start = Instant::now();
        if let Err(reason) = warm.prepare(&job(&folder, "#: import anything")) {
            return Ok(Self {
                cold_reason: Some(reason),
                start_seconds: start.elapsed().as_secs_f64(),
                left_out: warm.left_out(),
                warm_seconds: 0.0,
                cold_seconds: 0.0,
            });
        }
        let start_seconds = start.elapsed().as_secs_f64();
        let left_out = warm.left_out();
        let there = preload.modules.iter().filter(|module| !left_out.iter().any(|note| is_of(note, module)));
        let job = job(&folder, &there.map(|module| format!("import {module}\n")).collect::<String>());
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            std::thread::sleep(PAUSE);
            times.push(seconds(&warm, &job)?);
        }
        times.sort_by(f64::total_cmp);
        let cold_seconds = seconds(&NamespaceSandbox::new(interpreter.clone())?, &job)?;
        Ok(Self {
            cold_reason: warm.cold_reason(),
            start_seconds,
            left_out,
            warm_seconds: times[ROUNDS / 2],
            cold_seconds,
        })
    }
}

/// Whether a note `module: reason` is about this module.
fn is_of(note: &str, module: &str) -> bool {
    note.strip_prefix(module).is_some_and(|rest| rest.starts_with(':'))
}

fn job(folder: &TempDir, script: &str) -> Job {
    Job {
        script: script.into(),
        script_name: "measure.py".into(),
        args: Vec::new(),
        work_dir: folder.path().to_owned(),
        inputs: Vec::new(),
        masked: Vec::new(),
        host_paths: false,
        hidden: Vec::new(),
        env: Vec::new(),
        network: Network::None,
        limits: Limits::default(),
    }
}

fn seconds(sandbox: &dyn Sandbox, job: &Job) -> Result<f64, SandboxError> {
    let start = Instant::now();
    let report = sandbox.run(job, &Cancel::default())?;
    let elapsed = start.elapsed().as_secs_f64();
    if report.outcome.is_ok() {
        return Ok(elapsed);
    }
    let reason = format!("a script of imports ended with {:?}: {}", report.outcome, report.stderr.text_within(500));
    Err(SandboxError::System { action: "measure warm interpreters", source: io::Error::other(reason) })
}
