//! Preparation on the real packages, and everything that can go wrong with a directory.
//!
//! `MLEDOJO_TEST_PYTHON` names an interpreter of the pinned runtime, whose packages hold the sources.

mod bundled;
mod damage;
mod host;
mod mledojo_layout;
mod packages;
