//! Preparation on the real packages, and everything that can go wrong with a directory.
//!
//! `MLEDOJO_TEST_PYTHON` names an interpreter of the pinned runtime, whose packages hold the sources.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails, in its helpers too")]

mod archive;
mod audit;
mod audit_planted;
mod bengaliai;
mod bundled;
mod damage;
mod dsbench_tasks;
mod fixtures;
mod host;
mod icecube;
mod kaggle;
mod mledojo_layout;
mod packages;
mod random;
mod reference;
mod wsdm_cup;
