//! Statistics over scores of models on tasks, each a function of numbers alone.
//!
//! Start with [`Scores`]: the raw scores of every run. From it come [`Battles`] (who beat whom), which [`elo`] turns
//! into ratings, and [`profile`], whose area is the AUP of MLE-Dojo or of MLGym. [`bootstrap`] gives intervals.
//!
//! The same numbers and the same seed give the same result on any machine, and no result depends on the order of models
//! or tasks beyond the draws of a bootstrap.

mod battles;
mod bootstrap;
mod centre;
mod elo;
mod matrix;
mod mle_bench;
mod profile;
mod scores;

pub use battles::Battles;
pub use bootstrap::{Bootstrap, Interval, percentile};
pub use centre::{interquartile_mean, mean, median, standard_error};
pub use elo::{Elo, EloSettings, Rating, elo, ratings};
pub use mle_bench::{Aggregate, CompetitionReport, MedalRates, Rate, medal_rates};
pub use profile::{AupRule, Profile, profile};
pub use scores::{Cell, OverSeeds, Scores, TaskScores};
