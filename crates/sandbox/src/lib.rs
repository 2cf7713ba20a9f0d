//! Running somebody else's Python code: isolation, limits, capture, and the runtime it runs in.
//!
//! Start with [`Sandbox`], the contract; [`Job`] is what goes in and [`Report`] what comes out.

mod error;
mod job;
mod report;
mod sandbox;

pub use error::SandboxError;
pub use job::{Capture, INPUT_DIR, Input, Job, Limits, SOURCE_DIR, WORK_DIR};
pub use report::{Captured, Outcome, Report};
pub use sandbox::{Cancel, Sandbox};
