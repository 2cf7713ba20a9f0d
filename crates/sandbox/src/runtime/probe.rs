//! Asking an interpreter what it is and what it needs.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::MinorVersion;
use super::command::isolate_environment;
use crate::error::SandboxError;

const SCRIPT: &str = include_str!("probe.py");
/// A Python on a slow disk with thousands of packages answers within seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an interpreter says of itself.
///
/// A Python that is far too old tells its version alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    pub(super) version: String,
    pub(super) implementation: String,
    pub(super) free_threaded: bool,
    pub(super) bits: u32,
    /// `sys.executable`: inside a virtual environment, its link.
    pub(super) executable: PathBuf,
    /// `sys.prefix`, `exec_prefix`, and the same of the base installation.
    pub(super) prefixes: Vec<PathBuf>,
    pub(super) is_venv: bool,
    pub(super) standard_library: Vec<PathBuf>,
    pub(super) site_packages: Option<PathBuf>,
    /// The resolved executable and the shared libraries in use.
    pub(super) libraries: Vec<PathBuf>,
    pub(super) packages: BTreeMap<String, String>,
    /// Whether it can make virtual environments with pip.
    pub(super) has_venv: bool,
}

impl Facts {
    pub(super) fn minor(&self) -> Option<MinorVersion> {
        MinorVersion::parse(&self.version)
    }
}

/// Asks the interpreter at `path`, and makes sure that it is new enough to run agent code.
pub(super) fn ask(path: &Path) -> Result<Facts, SandboxError> {
    let facts = question(path).map_err(|reason| SandboxError::Runtime {
        reason: format!("`{}` is no usable Python interpreter: {reason}", path.display()),
        hint: "give the path of a Python ≥ 3.11, such as `/usr/bin/python3` or `ENVIRONMENT/bin/python`".to_owned(),
    })?;
    if facts.minor().is_none_or(|minor| minor < MinorVersion::OLDEST) {
        return Err(SandboxError::Runtime {
            reason: format!(
                "`{}` is Python {}, too old: needs ≥ {}",
                path.display(),
                facts.version,
                MinorVersion::OLDEST
            ),
            hint: "install a newer Python, or give the path of one".to_owned(),
        });
    }
    Ok(facts)
}

/// Asks the interpreter at `path`, whatever its version; the error is a clause for people.
pub(super) fn question(path: &Path) -> Result<Facts, String> {
    let mut command = Command::new(path);
    command.args(["-I", "-c", SCRIPT]).current_dir("/");
    isolate_environment(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("it doesn't start ({error})"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());

    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            outcome => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(match outcome {
                    Err(error) => error.to_string(),
                    Ok(_) => format!("it gave no answer within {} s", PATIENCE.as_secs()),
                });
            }
        }
    };
    let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
    if !status.success() {
        let last = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message");
        return Err(format!("it failed with {status}: {last}"));
    }
    match serde_json::from_str::<Facts>(&stdout) {
        Ok(facts) if facts.minor().is_some() => Ok(facts),
        _ => Err("it doesn't answer as Python does".to_owned()),
    }
}

fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
