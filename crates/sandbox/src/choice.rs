//! Choosing a sandbox by its name.

use serde::{Deserialize, Serialize};

use crate::error::SandboxError;
use crate::interpreter::Interpreter;
use crate::namespace::NamespaceSandbox;
use crate::process::ProcessSandbox;
use crate::sandbox::Sandbox;
use crate::warm::{Preload, WarmSandbox};

/// The names of all sandboxes, strongest isolation first.
pub const CHOICES: [&str; 3] = ["namespace", "warm", "process"];

/// One of the sandboxes, not yet made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum SandboxChoice {
    /// A new interpreter in namespaces of its own for each run: [`NamespaceSandbox`].
    #[default]
    Namespace,
    /// The same jail around a fork of an interpreter that has its packages imported: [`WarmSandbox`], whose interpreter
    /// starts in the background.
    Warm,
    /// No isolation: [`ProcessSandbox`].
    Process,
}

impl SandboxChoice {
    /// The choice of this name.
    ///
    /// # Errors
    /// A text that names the names there are.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "namespace" => Ok(Self::Namespace),
            "warm" => Ok(Self::Warm),
            "process" => Ok(Self::Process),
            _ => Err(format!("there is no sandbox `{name}`; expected one of {}", CHOICES.join(", "))),
        }
    }

    /// Makes the sandbox. `interpreter` is the host's Python.
    ///
    /// # Errors
    /// What keeps this sandbox from working here; another one is never taken in its place.
    pub fn open(&self, interpreter: &Interpreter) -> Result<Box<dyn Sandbox>, SandboxError> {
        let interpreter = interpreter.clone();
        Ok(match self {
            Self::Namespace => Box::new(NamespaceSandbox::new(interpreter)?),
            Self::Warm => Box::new(WarmSandbox::new(interpreter, Preload::default())?.in_background()),
            Self::Process => Box::new(ProcessSandbox::new(interpreter)),
        })
    }
}
