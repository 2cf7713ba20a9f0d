//! The `mledojo` binary, as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod bench;
mod commands;
mod crash;
mod demo;
mod episodes;
mod full_disk;
mod judging;
mod sandboxes;
mod world;
