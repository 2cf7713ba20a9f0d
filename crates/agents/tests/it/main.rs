//! Plays the baseline's scripts with a real Python, outside any sandbox, on small made-up competitions.
//!
//! Needs the environment variable `MLEDOJO_TEST_PYTHON`: a Python with the packages of the runtime.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod competitions;
mod game;
mod images;
mod llm;
mod scaffolds;
mod series;
mod tables;
