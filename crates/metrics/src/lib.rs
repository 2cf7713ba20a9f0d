//! Scoring formulas, and reading and checking a submission against its answers.

pub mod direction;
pub mod metric;

pub use direction::Direction;
pub use metric::{Average, Metric};
