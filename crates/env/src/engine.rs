//! What runs agents' code.

use std::sync::Arc;

use mledojo_sandbox::{NamespaceSandbox, Preload, Runtime, Sandbox, SandboxError, SyntaxChecker, WarmSandbox};

/// A Python runtime, the sandbox around it, and its syntax checker. Environments share one through an `Arc`.
pub struct Engine {
    runtime: Runtime,
    sandbox: Box<dyn Sandbox>,
    syntax: SyntaxChecker,
}

impl Engine {
    /// An engine with the sandbox of namespaces, which starts a new interpreter for each run.
    ///
    /// # Errors
    /// A host that cannot isolate code.
    pub fn new(runtime: Runtime) -> Result<Arc<Self>, SandboxError> {
        let sandbox = NamespaceSandbox::new(runtime.interpreter().clone())?;
        Self::with_sandbox(runtime, Box::new(sandbox))
    }

    /// An engine whose runs are forks of an interpreter that has imported the scientific stack: many times faster for
    /// scripts that import it, somewhat slower for those that import nothing. The first run starts that interpreter in
    /// the background; until it is ready, and for runtimes that can't be warmed, runs are as with [`new`](Self::new).
    ///
    /// # Errors
    /// A host that cannot isolate code.
    pub fn warm(runtime: Runtime) -> Result<Arc<Self>, SandboxError> {
        let sandbox = WarmSandbox::new(runtime.interpreter().clone(), Preload::default())?.in_background();
        Self::with_sandbox(runtime, Box::new(sandbox))
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

    pub(crate) fn sandbox(&self) -> &dyn Sandbox {
        self.sandbox.as_ref()
    }

    pub(crate) fn syntax(&self) -> &SyntaxChecker {
        &self.syntax
    }
}
