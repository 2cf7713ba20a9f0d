//! The crate as its users see it: statistics, checks, reports and exports.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod export;
mod invariances;
mod made_up;
mod models;
mod planted;
mod published;
mod reference;
mod report;
mod runner;
mod world;
