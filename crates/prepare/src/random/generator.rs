//! `numpy.random.default_rng`: PCG64, seeded through a `SeedSequence`.
//!
//! Source: NumPy's `bit_generator.pyx` (after M. E. O'Neill's `seed_seq_fe`), `pcg64.c`, `_generator.pyx` and
//! `distributions.c`.

use std::collections::HashSet;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use super::DrawError;
use super::bits::Bits;
use super::choice::Probabilities;

/// NumPy's generator.
#[derive(Debug, Clone)]
pub struct Generator {
    bits: Halves,
}

/// 64-bit draws, and their halves.
#[derive(Debug, Clone)]
struct Halves {
    bits: Pcg64,
    /// The high half of a draw whose low half was used.
    high: Option<u32>,
}

impl Bits for Halves {
    /// The low half first.
    fn next_u32(&mut self) -> u32 {
        if let Some(high) = self.high.take() {
            return high;
        }
        let bits = self.next_u64();
        self.high = Some((bits >> 32) as u32);
        bits as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.bits.next_u64()
    }
}

impl Generator {
    /// `default_rng(seed)`.
    pub fn new(seed: u64) -> Self {
        let [state_high, state_low, stream_high, stream_low] = seed_sequence(seed).map(u128::from);
        let bits = Pcg64::new(state_high << 64 | state_low, stream_high << 64 | stream_low);
        Self { bits: Halves { bits, high: None } }
    }

    /// `random()`: from 0 to 1 (exclusive).
    pub fn random(&mut self) -> f64 {
        (self.bits.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random()
    }

    /// `integers(low, high)`, `high` exclusive.
    ///
    /// # Errors
    ///
    /// If there is no such integer.
    pub fn integers(&mut self, low: i64, high: i64) -> Result<i64, DrawError> {
        if low >= high {
            return Err(DrawError::EmptyRange { low, high });
        }
        let offset = self.up_to(low.abs_diff(high) - 1);
        Ok(low.wrapping_add_unsigned(offset))
    }

    /// `shuffle(items)`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.bits.shuffle(items);
    }

    /// `permutation(count)`: the numbers from 0 to `count` (exclusive), shuffled.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }

    /// `choice(population, size, replace=False)`: distinct positions below `population`.
    ///
    /// # Errors
    ///
    /// If there are fewer than `size`.
    pub fn choice(&mut self, population: usize, size: usize) -> Result<Vec<usize>, DrawError> {
        if size > population {
            return Err(DrawError::TooMany { wanted: size, population });
        }
        // NumPy's own bounds for when half a shuffle is cheaper than Floyd's method.
        if population > 10_000 && size > population / 50 {
            let mut order: Vec<usize> = (0..population).collect();
            self.shuffle_tail(&mut order, (population - size).max(1));
            return Ok(order.split_off(population - size));
        }
        let mut taken = HashSet::with_capacity(size);
        let mut found = Vec::with_capacity(size);
        for last in population - size..population {
            let draw = self.up_to(last as u64) as usize;
            let position = if taken.insert(draw) { draw } else { last };
            taken.insert(position);
            found.push(position);
        }
        self.shuffle_tail(&mut found, 1);
        Ok(found)
    }

    /// `choice(population, size)`: positions below `population`, which may repeat.
    ///
    /// # Errors
    ///
    /// If `population` is 0.
    pub fn choice_replaced(&mut self, population: usize, size: usize) -> Result<Vec<usize>, DrawError> {
        let last = population.checked_sub(1).ok_or(DrawError::Empty)? as u64;
        Ok((0..size).map(|_| self.up_to(last) as usize).collect())
    }

    /// `choice(len(p), size, replace=False, p=p)`: distinct positions, each with its probability.
    ///
    /// # Errors
    ///
    /// If the probabilities don't add up to 1, or fewer than `size` of them are above 0.
    pub fn choice_weighted(&mut self, probabilities: &[f64], size: usize) -> Result<Vec<usize>, DrawError> {
        Probabilities::new(probabilities)?.without_replacement(size, || self.random())
    }

    /// `choice(len(p), size, p=p)`: positions that may repeat, each with its probability.
    ///
    /// # Errors
    ///
    /// If the probabilities don't add up to 1.
    pub fn choice_weighted_replaced(&mut self, probabilities: &[f64], size: usize) -> Result<Vec<usize>, DrawError> {
        Ok(Probabilities::new(probabilities)?.with_replacement(size, || self.random()))
    }

    /// The shuffle inside `choice`, which is not that of `shuffle`: the items from `first` on, each with any before it.
    fn shuffle_tail<T>(&mut self, items: &mut [T], first: usize) {
        for last in (first..items.len()).rev() {
            items.swap(last, self.up_to(last as u64) as usize);
        }
    }

    /// An integer from 0 to `last`, by D. Lemire's method (arXiv:1805.10941), on 32 bits where they are enough.
    fn up_to(&mut self, last: u64) -> u64 {
        match u32::try_from(last) {
            Ok(0) => 0,
            Ok(u32::MAX) => u64::from(self.bits.next_u32()),
            Ok(last) => {
                let count = last + 1;
                let reject = (u32::MAX - last) % count;
                loop {
                    let product = u64::from(self.bits.next_u32()) * u64::from(count);
                    if product as u32 >= reject {
                        return product >> 32;
                    }
                }
            }
            Err(_) if last == u64::MAX => self.bits.next_u64(),
            Err(_) => {
                let count = last + 1;
                let reject = (u64::MAX - last) % count;
                loop {
                    let product = u128::from(self.bits.next_u64()) * u128::from(count);
                    if product as u64 >= reject {
                        return (product >> 64) as u64;
                    }
                }
            }
        }
    }
}

const POOL: usize = 4;

/// `SeedSequence(seed).generate_state(4, uint64)`.
fn seed_sequence(seed: u64) -> [u64; 4] {
    let mut multiplier = 0x43b0_d7e5_u32;
    let mut hash = |value: u32| {
        let mut value = value ^ multiplier;
        multiplier = multiplier.wrapping_mul(0x931e_8875);
        value = value.wrapping_mul(multiplier);
        value ^ value >> 16
    };
    let mix = |x: u32, y: u32| {
        let mixed = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
        mixed ^ mixed >> 16
    };

    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for source in 0..POOL {
        for target in (0..POOL).filter(|target| *target != source) {
            pool[target] = mix(pool[target], hash(pool[source]));
        }
    }

    let mut multiplier = 0x8b51_f9dd_u32;
    let mut words = pool.iter().cycle().map(|word| {
        let mut value = word ^ multiplier;
        multiplier = multiplier.wrapping_mul(0x58f3_8ded);
        value = value.wrapping_mul(multiplier);
        value ^ value >> 16
    });
    std::array::from_fn(|_| {
        let mut word = || u64::from(words.next().unwrap_or_default());
        word() | word() << 32
    })
}
