//! Honest-run checks: what of an episode a reader should look at before believing its score.
//!
//! Start with [`Inspector`]: it reads finished episodes and returns what it found in each, with its evidence. A finding is
//! shown and never applied: no score changes by it, since every one has innocent explanations, too.
//!
//! *Invariant:* the checks see what the agent saw and left (its code, its submissions, its grades), never answers.

mod climbing;
mod code;
mod copies;
mod finding;
mod handmade;
mod inspector;
mod known;
mod python;
mod sheet;
mod work;

pub use climbing::Climbing;
pub use finding::{Check, Finding, Severity, Twin};
pub use inspector::{CheckError, EpisodeChecks, Inspector, Subject};
