//! Intervals by drawing again.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde::Serialize;

/// A percentile interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How often to draw, from which seed, and how much of the draws an interval covers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bootstrap {
    /// Number of resamples.
    pub resamples: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Share of the resamples inside an interval, such as 0.95.
    pub confidence: f64,
}

impl Default for Bootstrap {
    /// 1000 resamples, 95 %.
    fn default() -> Self {
        Self { resamples: 1000, seed: 0, confidence: 0.95 }
    }
}

impl Bootstrap {
    /// The interval of a statistic over `count` things that are drawn with replacement: `statistic` gets the indices of
    /// each resample. `None` of nothing.
    pub fn interval(&self, count: usize, mut statistic: impl FnMut(&[usize]) -> f64) -> Option<Interval> {
        let mut draws = Draws::new(self.seed);
        let mut indices = vec![0; count];
        let values = (0..self.resamples).map(|_| {
            draws.fill(&mut indices, count);
            statistic(&indices)
        });
        if count == 0 { None } else { self.of(values.collect()) }
    }

    /// The interval of the mean over groups of values: groups are drawn with replacement, and within each drawn group
    /// its values are. With tasks as groups and seeds as values it covers both sources of chance; a group of one value
    /// leaves the choice of groups alone.
    #[must_use]
    pub fn nested_mean(&self, groups: &[Vec<f64>]) -> Option<Interval> {
        self.nested(groups, |resample| {
            let means = resample.iter().filter(|group| !group.is_empty());
            let means: Vec<f64> = means.map(|group| group.iter().sum::<f64>() / group.len() as f64).collect();
            means.iter().sum::<f64>() / means.len() as f64
        })
    }

    /// The interval of any statistic over groups of values, drawn as for [`nested_mean`](Self::nested_mean).
    pub fn nested(&self, groups: &[Vec<f64>], mut statistic: impl FnMut(&[Vec<f64>]) -> f64) -> Option<Interval> {
        let groups: Vec<&Vec<f64>> = groups.iter().filter(|group| !group.is_empty()).collect();
        if groups.is_empty() {
            return None;
        }
        let mut draws = Draws::new(self.seed);
        let mut resample = vec![Vec::new(); groups.len()];
        let values = (0..self.resamples).map(|_| {
            for slot in &mut resample {
                let group = groups[draws.below(groups.len())];
                slot.clear();
                slot.extend((0..group.len()).map(|_| group[draws.below(group.len())]));
            }
            statistic(&resample)
        });
        self.of(values.collect())
    }

    /// The interval that the values of the resamples span.
    pub(crate) fn of(&self, mut values: Vec<f64>) -> Option<Interval> {
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - self.confidence) / 2.0;
        Some(Interval { low: percentile(&values, tail)?, high: percentile(&values, 1.0 - tail)? })
    }
}

/// The value below which a share of the sorted values lies, between two of them on the straight line (NumPy's method
/// `linear`). `None` of nothing.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (lower, upper) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(lower + (upper - lower) * place.fract())
}

/// Random indices: PCG64, the same on every machine and in every version.
pub(crate) struct Draws(Pcg64);

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// A number below `bound`, which is not 0. The bias of at most `bound`/2⁶⁴ is of no account.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn fill(&mut self, indices: &mut [usize], bound: usize) {
        indices.fill_with(|| if bound == 0 { 0 } else { self.below(bound) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numpys() {
        let values = [1.0, 2.0, 4.0, 8.0];
        // numpy.percentile([1, 2, 4, 8], [0, 25, 50, 97.5, 100])
        let expected = [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.975, 7.7), (1.0, 8.0)];
        for (share, value) in expected {
            assert!((percentile(&values, share).unwrap() - value).abs() < 1e-12, "{share}");
        }
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn the_same_seed_draws_the_same_interval() {
        let values: Vec<f64> = (0..30).map(|n| f64::from(n % 7)).collect();
        let mean = |indices: &[usize]| indices.iter().map(|&n| values[n]).sum::<f64>() / indices.len() as f64;
        let bootstrap = Bootstrap::default();
        let interval = bootstrap.interval(30, mean).unwrap();
        assert_eq!(Some(interval), bootstrap.interval(30, mean));
        assert_ne!(Some(interval), Bootstrap { seed: 1, ..bootstrap }.interval(30, mean));
        let centre = mean(&(0..30).collect::<Vec<_>>());
        assert!(interval.low < centre && centre < interval.high);
        assert_eq!(bootstrap.interval(0, mean), None);
    }

    #[test]
    fn seeds_add_to_the_width_and_a_lone_run_has_none() {
        let bootstrap = Bootstrap::default();
        let width = |groups: &[Vec<f64>]| bootstrap.nested_mean(groups).map(|i| i.high - i.low).unwrap();
        assert!(width(&[vec![0.2, 0.6]]) > 0.39);
        // Ten tasks of the same mean: only the seeds differ.
        assert_eq!(width(&vec![vec![0.4]; 10]), 0.0);
        assert!(width(&vec![vec![0.2, 0.6]; 10]) > 0.05);
        assert_eq!(width(&[vec![0.4]]), 0.0);
        assert_eq!(bootstrap.nested_mean(&[vec![]]), None);
    }
}
