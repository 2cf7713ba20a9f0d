//! `numpy.random.RandomState`: NumPy's legacy generator, whose sequence is frozen.
//!
//! Source: NumPy's `mtrand.pyx`, `_bounded_integers.pyx` and `legacy-distributions.c`.

use super::DrawError;
use super::bits::Bits as _;
use super::choice::Probabilities;
use super::mt19937::Mt19937;

/// NumPy's legacy generator. `numpy.random.seed(42)` makes the global one of this kind.
#[derive(Debug, Clone)]
pub struct RandomState {
    bits: Mt19937,
    /// The second normal value of a pair.
    gauss: Option<f64>,
}

impl RandomState {
    /// `RandomState(seed)`.
    pub fn new(seed: u32) -> Self {
        Self { bits: Mt19937::from_seed(seed), gauss: None }
    }

    /// `random_sample()`: from 0 to 1 (exclusive).
    pub fn random_sample(&mut self) -> f64 {
        self.bits.next_f64()
    }

    /// `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random_sample()
    }

    /// `randn()`: one standard normal value, by the polar method.
    pub fn standard_normal(&mut self) -> f64 {
        if let Some(value) = self.gauss.take() {
            return value;
        }
        loop {
            let x1 = 2.0 * self.random_sample() - 1.0;
            let x2 = 2.0 * self.random_sample() - 1.0;
            let r2 = x1 * x1 + x2 * x2;
            if r2 < 1.0 && r2 != 0.0 {
                let scale = (-2.0 * r2.ln() / r2).sqrt();
                self.gauss = Some(scale * x1);
                return scale * x2;
            }
        }
    }

    /// `normal(mean, deviation)`.
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.standard_normal()
    }

    /// `randint(low, high)`, `high` exclusive.
    ///
    /// # Errors
    ///
    /// If there is no such integer.
    pub fn randint(&mut self, low: i64, high: i64) -> Result<i64, DrawError> {
        if low >= high {
            return Err(DrawError::EmptyRange { low, high });
        }
        let offset = self.bits.masked(low.abs_diff(high) - 1);
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
        let mut order = self.permutation(population);
        order.truncate(size);
        Ok(order)
    }

    /// `choice(population, size)`: positions below `population`, which may repeat.
    ///
    /// # Errors
    ///
    /// If `population` is 0.
    pub fn choice_replaced(&mut self, population: usize, size: usize) -> Result<Vec<usize>, DrawError> {
        let last = population.checked_sub(1).ok_or(DrawError::Empty)? as u64;
        Ok((0..size).map(|_| self.bits.masked(last) as usize).collect())
    }

    /// `choice(len(p), size, replace=False, p=p)`: distinct positions, each with its probability.
    ///
    /// # Errors
    ///
    /// If the probabilities don't add up to 1, or fewer than `size` of them are above 0.
    pub fn choice_weighted(&mut self, probabilities: &[f64], size: usize) -> Result<Vec<usize>, DrawError> {
        Probabilities::new(probabilities)?.without_replacement(size, || self.random_sample())
    }

    /// `choice(len(p), size, p=p)`: positions that may repeat, each with its probability.
    ///
    /// # Errors
    ///
    /// If the probabilities don't add up to 1.
    pub fn choice_weighted_replaced(&mut self, probabilities: &[f64], size: usize) -> Result<Vec<usize>, DrawError> {
        Ok(Probabilities::new(probabilities)?.with_replacement(size, || self.random_sample()))
    }
}
