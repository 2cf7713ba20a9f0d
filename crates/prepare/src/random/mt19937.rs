//! The Mersenne Twister as both NumPy's legacy generator and Python's use it.

use rand_mt::Mt;

use super::bits::Bits;

/// MT19937, and the doubles that NumPy and Python make of it.
#[derive(Debug, Clone)]
pub(super) struct Mt19937(Mt);

impl Mt19937 {
    /// `init_genrand`, NumPy's seeding with one integer.
    pub(super) fn from_seed(seed: u32) -> Self {
        Self(Mt::new(seed))
    }

    /// `init_by_array`, Python's seeding.
    pub(super) fn from_key(key: &[u32]) -> Self {
        Self(Mt::new_with_key(key.iter().copied()))
    }

    /// From 0 to 1 (exclusive) with 53 random bits, by `genrand_res53` of the generator's authors.
    pub(super) fn next_f64(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }
}

impl Bits for Mt19937 {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// The high half first.
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}
