//! The random generators of NumPy, Python and scikit-learn, bit for bit.
//!
//! A recipe that was written in Python says "seed 42" and means one particular sequence of numbers. These modules give
//! that sequence, so that a recipe in Rust picks the rows that the original picks:
//!
//! | Python | here |
//! |---|---|
//! | `numpy.random.RandomState(42)`, `numpy.random.seed(42)` | [`RandomState`] |
//! | `numpy.random.default_rng(42)` | [`Generator`] |
//! | `random.Random(42)`, `random.seed(42)` | [`PythonRandom`] |
//! | `sklearn.model_selection.train_test_split`, `GroupShuffleSplit`, … | [`split`] |
//! | `DataFrame.sample` | [`pandas::sample`] |
//!
//! Values are rows' positions or plain numbers; what they stand for is the caller's. Python 3.11, NumPy 2, pandas 3 and
//! scikit-learn 1.9 are the versions that tests compare with; none of these sequences has changed for years.
//!
//! ```
//! use mledojo_prepare::random::RandomState;
//!
//! assert_eq!(RandomState::new(42).permutation(6), [0, 1, 5, 2, 4, 3]);
//! ```

mod bits;
mod choice;
mod generator;
mod mt19937;
mod numpy;
pub mod pandas;
mod python;
pub mod split;

pub use generator::Generator;
pub use numpy::RandomState;
pub use python::PythonRandom;

/// A draw that has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// A range of integers without any.
    #[error("cannot draw an integer from {low} to {high} (exclusive): the range is empty")]
    EmptyRange {
        /// The smallest integer.
        low: i64,
        /// The first integer that is too large.
        high: i64,
    },
    /// More draws without replacement than there is to draw from.
    #[error("cannot draw {wanted} of {population} without replacement")]
    TooMany {
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        population: usize,
    },
    /// A draw from nothing.
    #[error("cannot draw from nothing")]
    Empty,
    /// Probabilities that are none.
    #[error("cannot draw with these probabilities: {message}")]
    Probabilities {
        /// What is wrong with them, and what was expected.
        message: String,
    },
    /// A share of the rows that is none.
    #[error("cannot draw the share {share} of rows: expected a number from 0 to 1")]
    Share {
        /// What was asked for.
        share: f64,
    },
}
