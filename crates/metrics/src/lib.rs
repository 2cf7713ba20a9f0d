//! Scoring formulas, and reading and checking a submission against its answers.
//!
//! Start with [`Grader`]: built once from a competition's answers, it scores any number of submissions, each read by
//! [`Table`], and gives a [`Score`] or a [`Rejection`] that says what is wrong with the file. The formulas stand by
//! themselves in modules named after what they compare: numbers in [`regression`], [`weighted`], [`correlation`],
//! [`gini`]; scores and probabilities in [`ranking`], [`curve`], [`precision`], [`probability`], [`cross_entropy`];
//! labels in [`classification`], [`kappa`]; several columns in [`columns`]; [`lists`], [`sets`], [`sequences`],
//! [`permutations`]; images in [`masks`], [`hausdorff`], [`boxes`], [`points`]; [`geometry`] and the boards of [`life`].
//! Cells that hold more than a number are read by [`run_length`], [`box_lists`] and [`spans`].
//!
//! This crate knows nothing of competitions, leaderboards or processes.

mod answers;
pub mod box_lists;
pub mod boxes;
mod cells;
pub mod classification;
pub mod columns;
pub mod correlation;
pub mod cross_entropy;
pub mod curve;
mod dialect;
pub mod direction;
pub mod format;
pub mod geometry;
pub mod gini;
pub mod grader;
pub mod hausdorff;
pub mod holdout;
mod id_list;
mod ids;
pub mod kappa;
mod layout;
pub mod life;
pub mod lists;
pub mod masks;
mod matching;
mod number;
mod numeric;
mod offenders;
mod parallel;
pub mod permutations;
mod plain_csv;
pub mod points;
pub mod precision;
mod printed;
pub mod probability;
pub mod ranking;
pub mod regression;
pub mod rejection;
pub mod run_length;
mod scoring;
pub mod sequences;
pub mod sets;
mod sheet;
pub mod spans;
pub mod spec;
mod sum;
pub mod table;
pub mod weighted;

pub use answers::AnswersError;
pub use direction::Direction;
pub use format::Format;
pub use grader::{Grader, Score, Scoring};
pub use holdout::{Holdout, Part};
pub use rejection::Rejection;
pub use spec::{Average, Grading, Metric, MetricSpec, Protocol, Rules, SubmissionSpec};
pub use table::{Column, ReadLimits, Table, TableError};
