//! The commands, one file each: arguments in, library calls, output.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod catalog;
pub(crate) mod competitions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod download;
pub(crate) mod episode;
pub(crate) mod eval;
pub(crate) mod export;
pub(crate) mod grade;
pub(crate) mod import;
pub(crate) mod leaderboard;
pub(crate) mod prepare;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod runtime;
