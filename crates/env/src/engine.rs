//! What runs agents' code.

use std::sync::Arc;

use mledojo_sandbox::{Runtime, Sandbox, SandboxChoice, SandboxError, SyntaxChecker};

/// A Python runtime, the sandbox around it, and its syntax checker. Environments share one through an `Arc`.
pub struct Engine {
    runtime: Runtime,
    sandbox: Box<dyn Sandbox>,
    syntax: SyntaxChecker,
}

impl Engine {
    /// An engine with the default sandbox: runs are forks of an interpreter that has imported the scientific stack, each
    /// in a jail of its own. The first run starts that interpreter in the background; until it is ready, and for runtimes
    /// that can't be warmed, each run starts a new interpreter.
    ///
    /// # Errors
    /// A host that cannot isolate code.
    pub fn new(runtime: Runtime) -> Result<Arc<Self>, SandboxError> {
        Self::choose(runtime, &SandboxChoice::default())
    }

    /// An engine with the sandbox of this choice. Whoever chooses shows [`warning`](Self::warning) to the user.
    ///
    /// # Errors
    /// What keeps that sandbox from working here; another is never taken in its place.
    pub fn choose(runtime: Runtime, choice: &SandboxChoice) -> Result<Arc<Self>, SandboxError> {
        let sandbox = choice.open(runtime.interpreter())?;
        Self::with_sandbox(runtime, sandbox)
    }

    /// An engine with another sandbox.
    ///
    /// # Errors
    /// A runtime whose syntax checker does not start.
    pub fn with_sandbox(runtime: Runtime, sandbox: Box<dyn Sandbox>) -> Result<Arc<Self>, SandboxError> {
        let syntax = SyntaxChecker::start(&runtime)?;
        Ok(Arc::new(Self { runtime, sandbox, syntax }))
    }

    /// The Python runtime.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What the sandbox does not keep agents' code from; `None`: it isolates.
    #[must_use]
    pub fn warning(&self) -> Option<&'static str> {
        self.sandbox.warning()
    }

    /// What runs code.
    #[must_use]
    pub fn sandbox(&self) -> &dyn Sandbox {
        self.sandbox.as_ref()
    }

    pub(crate) fn syntax(&self) -> &SyntaxChecker {
        &self.syntax
    }
}
