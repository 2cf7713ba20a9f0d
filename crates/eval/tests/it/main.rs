//! Statistics, checks and reports through the public API.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod invariances;
mod made_up;
mod planted;
mod published;
mod reference;
mod report;
mod world;
