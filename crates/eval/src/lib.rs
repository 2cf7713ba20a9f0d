//! Experiments, their reports, and trajectories for training.
//!
//! *Invariant:* this crate knows nothing of HTTP or command lines.

pub mod export;
