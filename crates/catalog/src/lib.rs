//! What a competition is: spec, brief, leaderboard; positions, HumanRank and medals.

pub mod spec;
