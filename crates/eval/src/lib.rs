//! Evaluation of agents: statistics, honest-run checks, and reports.
//!
//! *Invariant:* scores come from the environment's records; nothing here grades.

pub mod checks;
pub mod statistics;
