//! `DataFrame.sample` and `Series.sample` of pandas.

use super::{DrawError, RandomState};

/// `sample(n=size, random_state=seed)`: positions of distinct rows, in the order they were drawn.
///
/// # Errors
///
/// If there are fewer rows than `size`.
pub fn sample(rows: usize, size: usize, seed: u32) -> Result<Vec<usize>, DrawError> {
    RandomState::new(seed).choice(rows, size)
}

/// `sample(frac=share, random_state=seed)`: as [`sample`], of `round(share * rows)` rows, half to even.
///
/// # Errors
///
/// If the share is not from 0 to 1.
pub fn sample_share(rows: usize, share: f64, seed: u32) -> Result<Vec<usize>, DrawError> {
    if !(0.0..=1.0).contains(&share) {
        return Err(DrawError::Share { share });
    }
    sample(rows, (share * rows as f64).round_ties_even() as usize, seed)
}
