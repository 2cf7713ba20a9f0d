//! Scoring formulas, and reading and checking a submission against its answers.
//!
//! Start with [`Grader`]: built once from a competition's answers, it scores any number of submissions, each read by
//! [`Table`], and gives a [`Score`] or a [`Rejection`] that says what is wrong with the file. The formulas stand by
//! themselves in modules named after what they compare: [`classification`], [`correlation`], [`kappa`],
//! [`probability`], [`ranking`], [`regression`].
//!
//! This crate knows nothing of competitions, leaderboards or processes.

mod answers;
mod cells;
pub mod classification;
pub mod correlation;
mod dialect;
pub mod direction;
pub mod grader;
mod ids;
pub mod kappa;
pub mod metric;
mod number;
mod predictions;
pub mod probability;
pub mod ranking;
pub mod regression;
pub mod rejection;
mod sum;
pub mod table;

pub use answers::AnswersError;
pub use direction::Direction;
pub use grader::{Grader, Score, SubmissionFormat};
pub use metric::{Average, Metric};
pub use rejection::Rejection;
pub use table::{Column, ReadLimits, Table, TableError};
