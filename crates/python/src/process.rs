//! Things that belong to one process.

use pyo3::prelude::*;

use crate::errors;

/// Something with threads and child processes of its own: after a `fork`, the child has neither, so it must not use it,
/// and must not tear down what is its parent's.
pub(crate) struct Owned<T> {
    /// Taken out by `drop` alone.
    value: Option<T>,
    process: u32,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), process: std::process::id() }
    }

    /// The thing, in the process that made it.
    ///
    /// # Errors
    /// `mledojo.errors.ForkedError` in another process.
    pub(crate) fn get(&self, py: Python<'_>) -> PyResult<&T> {
        match &self.value {
            Some(value) if self.process == std::process::id() => Ok(value),
            _ => Err(errors::forked(py)),
        }
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.value.take());
        }
    }
}
