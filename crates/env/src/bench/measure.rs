//! Measuring two things in turn.

use std::time::Instant;

use super::BenchError;
use super::row::{Detail, Row, Target, detail};

/// Two things in the same rounds; seconds of each.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Rounds {
    /// Measures both in each round, the first first in every other one; a round before them all is thrown away.
    pub(super) fn of(
        rounds: usize,
        mut first: impl FnMut() -> Result<f64, BenchError>,
        mut second: impl FnMut() -> Result<f64, BenchError>,
    ) -> Result<Self, BenchError> {
        let mut measured = Self::default();
        first()?;
        second()?;
        for round in 0..rounds {
            if round % 2 == 0 {
                measured.first.push(first()?);
                measured.second.push(second()?);
            } else {
                measured.second.push(second()?);
                measured.first.push(first()?);
            }
        }
        Ok(measured)
    }

    /// How many times longer the first took than the second.
    pub(super) fn ratio(&self, row: Named, target: Target, details: [&'static str; 2]) -> Row {
        let ratios: Vec<_> = self.first.iter().zip(&self.second).map(|(first, second)| first / second).collect();
        let [first, second] = [&self.first, &self.second].map(|times| median(times));
        let value = first / second;
        Row {
            name: row.0,
            what: row.1,
            value,
            unit: "×",
            spread: Some((quantile(&ratios, 0.25), quantile(&ratios, 0.75))),
            target,
            met: target.is_met(value),
            rounds: ratios.len(),
            details: vec![milliseconds(details[0], first), milliseconds(details[1], second)],
        }
    }
}

/// A row's name, and what it is in words.
pub(super) type Named = (&'static str, &'static str);

/// Seconds that something took.
pub(super) fn timed<T>(action: impl FnOnce() -> Result<T, BenchError>) -> Result<(f64, T), BenchError> {
    let started = Instant::now();
    let done = action()?;
    Ok((started.elapsed().as_secs_f64(), done))
}

pub(super) fn milliseconds(what: &'static str, seconds: f64) -> Detail {
    detail(what, seconds * 1e3, "ms")
}

pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value at a share of the way through the sorted values; NaN for none.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(low), Some(high)) => low + (high - low) * place.fract(),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_medians_and_their_spread_of_rounds() {
        let mut times = [9.0, 2.0, 4.0, 6.0].into_iter();
        let measured = Rounds::of(3, || Ok(times.next().unwrap()), || Ok(2.0)).unwrap();
        let row = measured.ratio(("a", "b"), Target::AtMost(2.0), ["first", "second"]);
        assert_eq!((row.value, row.spread, row.met, row.rounds), (2.0, Some((1.5, 2.5)), true, 3));
        assert_eq!(row.details[0], Detail { what: "first", value: 4000.0, unit: "ms" });
    }

    #[test]
    fn quantiles_lie_between_values() {
        assert_eq!(quantile(&[3.0, 1.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), 2.0);
        assert!(median(&[]).is_nan());
    }
}
