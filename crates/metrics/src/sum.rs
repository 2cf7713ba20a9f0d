//! Sums that hardly depend on the order of their terms, and the scales that keep squares finite.

/// Running sum with Neumaier's compensation: the error is a few units in the last place of the result, whatever the
/// order of the terms. An overflow gives an infinity, as a plain sum would.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    sum: f64,
    compensation: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.compensation +=
            if self.sum.abs() >= term.abs() { (self.sum - sum) + term } else { (term - sum) + self.sum };
        self.sum = sum;
    }

    pub(crate) fn total(self) -> f64 {
        // After an overflow the compensation is NaN (infinity minus infinity).
        if self.sum.is_finite() { self.sum + self.compensation } else { self.sum }
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum
    }
}

/// Mean of `count` terms; finite for finite terms. `None` for no terms.
pub(crate) fn mean(terms: impl Iterator<Item = f64> + Clone, count: usize) -> Option<f64> {
    if count == 0 {
        return None;
    }
    let n = count as f64;
    let total = Sum::from_iter(terms.clone()).total();
    // Dividing first costs accuracy, so only where the sum leaves the range of f64.
    Some(if total.is_finite() { total / n } else { terms.map(|term| term / n).collect::<Sum>().total() })
}

/// The power of two at or just below the largest magnitude: dividing by it is exact and brings every value inside
/// (−2, 2). 1 if all values are zero.
pub(crate) fn unit(values: impl Iterator<Item = f64>) -> f64 {
    const EXPONENT_BITS: u64 = 0x7FF0_0000_0000_0000;
    let largest = values.fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 { 1.0 } else { f64::from_bits(largest.to_bits() & EXPONENT_BITS).max(f64::MIN_POSITIVE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_term_survives_large_ones() {
        assert_eq!([1.0, 1e100, 1.0, -1e100].into_iter().collect::<Sum>().total(), 2.0);
    }

    #[test]
    fn the_mean_of_the_largest_numbers_is_finite() {
        let values = [f64::MAX; 4];
        assert_eq!(mean(values.into_iter(), 4), Some(f64::MAX));
        assert_eq!(mean(std::iter::empty(), 0), None);
    }

    #[test]
    fn units_are_powers_of_two() {
        assert_eq!(unit([3.0, -5.0].into_iter()), 4.0);
        assert_eq!(unit([0.0].into_iter()), 1.0);
        assert_eq!(unit([5e-324].into_iter()), f64::MIN_POSITIVE);
    }
}
