//! Python's `random` module.
//!
//! Source: CPython 3.11's `random.py` and `_randommodule.c`.

use std::collections::HashSet;

use super::DrawError;
use super::bits::Bits as _;
use super::mt19937::Mt19937;

/// `random.Random`. `random.seed(42)` makes the module's global one of this kind.
#[derive(Debug, Clone)]
pub struct PythonRandom(Mt19937);

impl PythonRandom {
    /// `Random(seed)` for an integer seed. A negative one is as its absolute value, so give that.
    pub fn new(seed: u64) -> Self {
        let words = [seed as u32, (seed >> 32) as u32];
        let used = if words[1] == 0 { 1 } else { 2 };
        Self(Mt19937::from_key(&words[..used]))
    }

    /// `random()`: from 0 to 1 (exclusive).
    pub fn random(&mut self) -> f64 {
        self.0.next_f64()
    }

    /// `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random()
    }

    /// `getrandbits(bits)` for up to 64 bits.
    ///
    /// # Panics
    ///
    /// If `bits` is above 64.
    pub fn getrandbits(&mut self, bits: u32) -> u64 {
        assert!(bits <= 64, "at most 64 bits fit, not {bits}");
        match bits {
            0 => 0,
            1..=32 => u64::from(self.0.next_u32() >> (32 - bits)),
            _ => {
                let low = u64::from(self.0.next_u32());
                low | u64::from(self.0.next_u32() >> (64 - bits)) << 32
            }
        }
    }

    /// `randrange(low, high)`, `high` exclusive. Python's `randint(low, high)` is `randrange(low, high + 1)`.
    ///
    /// # Errors
    ///
    /// If there is no such integer.
    pub fn randrange(&mut self, low: i64, high: i64) -> Result<i64, DrawError> {
        if low >= high {
            return Err(DrawError::EmptyRange { low, high });
        }
        let offset = self.below(low.abs_diff(high));
        Ok(low.wrapping_add_unsigned(offset))
    }

    /// `choice(items)`.
    ///
    /// # Errors
    ///
    /// If there are no items.
    pub fn choice<'a, T>(&mut self, items: &'a [T]) -> Result<&'a T, DrawError> {
        match items.len() {
            0 => Err(DrawError::Empty),
            count => Ok(&items[self.position(count)]),
        }
    }

    /// `choices(items, k=count)`: positions of items, which may repeat, each with the same probability.
    ///
    /// # Errors
    ///
    /// If `population` is 0.
    pub fn choices(&mut self, population: usize, count: usize) -> Result<Vec<usize>, DrawError> {
        if population == 0 {
            return Err(DrawError::Empty);
        }
        Ok((0..count).map(|_| (self.random() * population as f64).floor() as usize).collect())
    }

    /// `shuffle(items)`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.position(last + 1));
        }
    }

    /// `sample(range(population), count)`: distinct positions in the order they were drawn.
    ///
    /// # Errors
    ///
    /// If there are fewer than `count`.
    pub fn sample(&mut self, population: usize, count: usize) -> Result<Vec<usize>, DrawError> {
        if count > population {
            return Err(DrawError::TooMany { wanted: count, population });
        }
        // Python chooses by what its lists and sets would take in memory.
        let mut set_size = 21.0;
        if count > 5 {
            set_size += 4_f64.powf(((count as f64 * 3.0).ln() / 4_f64.ln()).ceil());
        }
        if population as f64 <= set_size {
            let mut pool: Vec<usize> = (0..population).collect();
            return Ok((0..count)
                .map(|drawn| {
                    let left = population - drawn;
                    pool.swap_remove(self.position(left))
                })
                .collect());
        }
        let mut taken = HashSet::with_capacity(count);
        let mut found = Vec::with_capacity(count);
        while found.len() < count {
            let position = self.position(population);
            if taken.insert(position) {
                found.push(position);
            }
        }
        Ok(found)
    }

    fn position(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }

    /// An integer below `count`, which is above 0.
    fn below(&mut self, count: u64) -> u64 {
        let bits = u64::BITS - count.leading_zeros();
        loop {
            let draw = self.getrandbits(bits);
            if draw < count {
                return draw;
            }
        }
    }
}
