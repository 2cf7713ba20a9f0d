//! The environment, through its public API, with the real sandbox and the project's own Python.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod abuse;
mod agent_errors;
mod contract;
mod disk;
mod isolation;
mod judging;
mod pool;
mod python_metric;
mod registered;
mod resume;
mod submissions;
mod world;
