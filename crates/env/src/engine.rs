//! What runs agents' code.

use std::sync::Arc;

use mledojo_sandbox::{NamespaceSandbox, Runtime, Sandbox, SandboxError, SyntaxChecker};

/// A Python runtime, the sandbox around it, and its syntax checker. Environments share one through an `Arc`.
pub struct Engine {
    runtime: Runtime,
    sandbox: Box<dyn Sandbox>,
    syntax: SyntaxChecker,
}

impl Engine {
    /// An engine with the sandbox of namespaces.
    ///
    /// # Errors
    /// A host that cannot isolate code.
    pub fn new(runtime: Runtime) -> Result<Arc<Self>, SandboxError> {
        let sandbox = NamespaceSandbox::new(runtime.interpreter().clone())?;
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
