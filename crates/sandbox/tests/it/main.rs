//! The sandbox and its runtime, by their public contract.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod container;
mod disk;
mod escape;
mod gpu;
mod host_paths;
mod lifetime;
mod limits;
mod network;
mod outcomes;
mod parity;
mod process;
mod runtime;
mod science;
mod stand_in;
mod support;
mod unprivileged;
mod warm;
