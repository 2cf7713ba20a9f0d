//! The `mledojo` binary, as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod bench;
mod commands;
mod crash;
mod demo;
mod downloads;
mod encryption;
mod episodes;
mod evaluation;
mod exports;
mod feedback;
mod full_disk;
mod judging;
#[allow(dead_code, reason = "the client's own tests use the rest of it")]
#[path = "../../../prepare/tests/it/kaggle/stand_in.rs"]
mod kaggle;
mod recipes;
mod reports;
mod sandboxes;
mod scaffolds;
mod world;
