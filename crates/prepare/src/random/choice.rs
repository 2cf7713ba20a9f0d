//! What the `choice` of both of NumPy's generators has in common: draws with probabilities.

use super::DrawError;

/// Probabilities that were checked as NumPy checks them.
pub(super) struct Probabilities<'a>(&'a [f64]);

impl<'a> Probabilities<'a> {
    pub(super) fn new(probabilities: &'a [f64]) -> Result<Self, DrawError> {
        let refuse = |message: String| Err(DrawError::Probabilities { message });
        if probabilities.is_empty() {
            return Err(DrawError::Empty);
        }
        if let Some(wrong) = probabilities.iter().find(|p| p.is_nan() || **p < 0.0) {
            return refuse(format!("{wrong} is not a number from 0 up"));
        }
        let sum = kahan_sum(probabilities);
        // NumPy's tolerance: the square root of a double's epsilon.
        if sum.is_nan() || (sum - 1.0).abs() > f64::EPSILON.sqrt() {
            return refuse(format!("their sum is {sum}, expected 1"));
        }
        Ok(Self(probabilities))
    }

    /// `size` draws with replacement; `uniform` gives doubles from 0 to 1 (exclusive).
    pub(super) fn with_replacement(&self, size: usize, mut uniform: impl FnMut() -> f64) -> Vec<usize> {
        let steps = cumulative(self.0);
        (0..size).map(|_| place(&steps, uniform())).collect()
    }

    /// `size` draws without replacement: what was found twice in a round is drawn anew in the next one.
    pub(super) fn without_replacement(
        &self,
        size: usize,
        mut uniform: impl FnMut() -> f64,
    ) -> Result<Vec<usize>, DrawError> {
        let possible = self.0.iter().filter(|p| **p > 0.0).count();
        if size > possible {
            return Err(DrawError::TooMany { wanted: size, population: possible });
        }
        let mut left = self.0.to_vec();
        let mut found = Vec::with_capacity(size);
        while found.len() < size {
            let draws: Vec<f64> = (found.len()..size).map(|_| uniform()).collect();
            let steps = cumulative(&left);
            for draw in draws {
                let position = place(&steps, draw);
                if left[position] > 0.0 {
                    left[position] = 0.0;
                    found.push(position);
                }
            }
        }
        Ok(found)
    }
}

/// `cumsum(p) / cumsum(p)[-1]`.
fn cumulative(probabilities: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut steps: Vec<f64> = probabilities
        .iter()
        .map(|p| {
            sum += p;
            sum
        })
        .collect();
    steps.iter_mut().for_each(|step| *step /= sum);
    steps
}

/// `searchsorted(side="right")`.
fn place(steps: &[f64], draw: f64) -> usize {
    steps.partition_point(|step| *step <= draw)
}

fn kahan_sum(values: &[f64]) -> f64 {
    let (mut sum, mut lost) = (values[0], 0.0);
    for value in &values[1..] {
        let next = value - lost;
        let total = sum + next;
        lost = (total - sum) - next;
        sum = total;
    }
    sum
}
