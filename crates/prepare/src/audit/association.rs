//! Whether one series tells another.
//!
//! Every test asks two things: is the relation nearly perfect, and could chance have made it? Chance is bounded by
//! Chernoff's inequality: `n` tries of probability `q` succeed in a share of at least `a > q` with probability at most
//! `exp(−n·KL(a‖q))`, where `KL(a‖q) = a·ln(a/q) + (1−a)·ln((1−a)/(1−q))`.

use std::collections::HashMap;

use super::series::{MISSING, Series};

/// How unlikely chance must make a finding where one thing is looked at: one in a thousand.
const UNLIKELY: f64 = 1e-3;
/// Share of the units that must agree.
const NEARLY_ALL: f64 = 0.98;
/// Units that must be there.
const FEWEST: usize = 6;

/// What chance must be ruled out by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    /// Least of `n·KL`, a natural logarithm.
    improbable: f64,
    /// Least share of equal values.
    equal: f64,
}

impl Bar {
    /// Where so many relations are looked at, of which none is likelier than another.
    pub(super) fn among(relations: usize) -> Self {
        Self { improbable: (relations.max(1) as f64 / UNLIKELY).ln(), equal: NEARLY_ALL }
    }

    /// For values that may well be the target's: those of a test table with all columns of a training table, or of a
    /// sample submission. All must be equal, and one in a hundred is unlikely enough.
    pub(super) const SUSPECT: Self = Self { improbable: 4.6, equal: 1.0 };

    /// For a column that is called as the target is: all must be equal.
    pub(super) const NAMED: Self = Self { improbable: 0.0, equal: 1.0 };
}

/// How a series tells the target, in words; `None` if it doesn't.
pub(super) fn tells(series: &Series, target: &Series, bar: Bar) -> Option<String> {
    if series.is_constant() || target.is_constant() {
        return None;
    }
    equal(series, target, bar).or_else(|| monotone(series, target, bar)).or_else(|| determines(series, target, bar))
}

/// The same values.
pub(super) fn equal(series: &Series, target: &Series, bar: Bar) -> Option<String> {
    let mut pairs = 0_usize;
    let mut matches = 0_usize;
    for unit in 0..target.len() {
        let (Some(have), Some(want)) = (series.label(unit), target.label(unit)) else { continue };
        pairs += 1;
        matches += usize::from(have == want);
    }
    let all = (0..target.len()).filter(|&unit| target.codes[unit] != MISSING).count();
    if pairs < FEWEST || pairs * 10 < all * 9 {
        return None;
    }
    let share = matches as f64 / pairs as f64;
    let places: HashMap<&str, usize> =
        target.labels.iter().enumerate().map(|(place, label)| (label.as_str(), place)).collect();
    let total = |counts: &[usize]| counts.iter().sum::<usize>() as f64;
    let (of_series, of_target) = (total(&series.counts), total(&target.counts));
    let chance: f64 = series
        .labels
        .iter()
        .zip(&series.counts)
        .filter_map(|(label, count)| places.get(label.as_str()).map(|&place| (*count, target.counts[place])))
        .map(|(mine, theirs)| (mine as f64 / of_series) * (theirs as f64 / of_target))
        .sum();
    (share >= bar.equal && improbability(pairs, share, chance) > bar.improbable)
        .then(|| format!("equal to the answer in {matches} of {pairs} rows; {} by chance", rate(chance)))
}

/// The same long lists of numbers in the few rows that there are: each is too long to come by chance.
pub(super) fn verbatim(series: &Series, target: &Series) -> Option<String> {
    let is_long = |label: &str| label.bytes().filter(u8::is_ascii_digit).count() >= 8 && label.contains(' ');
    let pairs: Vec<bool> = (0..target.len())
        .filter_map(|unit| Some((series.label(unit)?, target.label(unit)?)))
        .map(|(have, want)| have == want && is_long(want))
        .collect();
    let several = (2..FEWEST).contains(&pairs.len()) && series.distinct() == pairs.len();
    (several && pairs.iter().all(|same| *same))
        .then(|| format!("equal to the answer in {0} of {0} rows, each a long list of numbers", pairs.len()))
}

/// Values that rise, or fall, with the target's: Somers' D of the series given the target, which is 2·AUC − 1 for a
/// target of two values.
pub(super) fn monotone(series: &Series, target: &Series, bar: Bar) -> Option<String> {
    let (mine, theirs) = (series.numbers.as_ref()?, target.numbers.as_ref()?);
    let pairs: Vec<(f64, f64)> =
        mine.iter().zip(theirs).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).collect();
    let needed = theirs.iter().filter(|number| !number.is_nan()).count();
    if pairs.len() < 12 || pairs.len() * 10 < needed * 9 {
        return None;
    }
    let few = target.distinct() <= 20;
    let strong = if few { 0.98 } else { 0.85 };
    let somers = somers_d(&pairs)?;
    if somers.abs() < strong {
        return None;
    }
    if few {
        // As many orders of the target's values as there are ways to place its classes.
        let total: usize = target.counts.iter().sum();
        let ways = ln_factorial(total) - target.counts.iter().map(|&count| ln_factorial(count)).sum::<f64>();
        if ways < bar.improbable {
            return None;
        }
    }
    let way = if somers > 0.0 { "rises" } else { "falls" };
    Some(format!("{way} with the answer: Somers' D {somers:.3} in {} rows", pairs.len()))
}

/// Values that come with one class of the target each.
pub(super) fn determines(series: &Series, target: &Series, bar: Bar) -> Option<String> {
    // Of an amount, one value may be as natural as a closed shop's sales of 0.
    if target.numbers.is_some() && (target.distinct() > 20 || target.distinct() * 3 > target.len()) {
        return None;
    }
    // With as many classes as rows there is nothing to learn from other rows.
    if series.distinct() * 2 > series.len() || target.distinct() * 2 > target.len() {
        return None;
    }
    let mut by_value: HashMap<u32, HashMap<u32, usize>> = HashMap::new();
    let mut total = 0_usize;
    for (&value, &class) in series.codes.iter().zip(&target.codes) {
        if class != MISSING {
            *by_value.entry(value).or_default().entry(class).or_default() += 1;
            total += 1;
        }
    }
    let mut classes: Vec<usize> = (0..target.distinct()).collect();
    classes.sort_by_key(|&class| std::cmp::Reverse(target.counts[class]));
    for class in classes.into_iter().take(20) {
        #[expect(clippy::cast_possible_truncation, reason = "codes are u32")]
        let code = class as u32;
        let share = target.counts[class] as f64 / total as f64;
        // Leave one out: what do the other rows of the same value say?
        let (mut used, mut right, mut hits, mut wrongly) = (0_usize, 0_usize, 0_usize, 0_usize);
        for of_value in by_value.values() {
            let rows: usize = of_value.values().sum();
            if rows < 2 {
                continue;
            }
            let of_class = of_value.get(&code).copied().unwrap_or(0);
            used += rows;
            // A row of the class sees one less of it among the others.
            let says = |of_class: usize| 2 * of_class > rows - 1;
            if of_class > 0 && says(of_class - 1) {
                right += of_class;
                hits += of_class;
            }
            if says(of_class) {
                wrongly += rows - of_class;
            } else {
                right += rows - of_class;
            }
        }
        if used < FEWEST || used * 2 < total || hits == 0 {
            continue;
        }
        let (found, truth) = (hits as f64 / (hits + wrongly) as f64, hits as f64 / target.counts[class] as f64);
        let accuracy = right as f64 / used as f64;
        if found >= NEARLY_ALL
            && truth >= 0.95
            && improbability(used, accuracy, share.max(1.0 - share)) > bar.improbable
        {
            return Some(format!(
                "tells one class of the answer from the others in {right} of {used} rows; always the same guess is right in {}",
                rate(share.max(1.0 - share))
            ));
        }
    }
    None
}

/// `n·KL(share‖chance)`.
pub(super) fn improbability(tries: usize, share: f64, chance: f64) -> f64 {
    if share <= chance {
        return 0.0;
    }
    if chance <= 0.0 {
        return f64::INFINITY;
    }
    let term = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * (a / b).ln() };
    tries as f64 * (term(share, chance) + term(1.0 - share, 1.0 - chance))
}

fn rate(share: f64) -> String {
    if share < 0.0005 { "hardly any".to_owned() } else { format!("{:.1} %", share * 100.0) }
}

/// `ln n!`, by Stirling's series.
fn ln_factorial(n: usize) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let n = n as f64;
    n * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI * n).ln() + 1.0 / (12.0 * n)
}

/// Somers' D of the first values given the second: concordant less discordant pairs, over the pairs that differ in
/// the second. In O(n log n) by counting inversions.
fn somers_d(pairs: &[(f64, f64)]) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs_of = |count: usize| count as u64 * (count as u64 - 1) / 2;
    let n = sorted.len() as u64;
    let all = n * (n - 1) / 2;
    let tied_first: u64 = sorted.chunk_by(|a, b| a.0 == b.0).map(|run| pairs_of(run.len())).sum();
    let tied_both: u64 = sorted.chunk_by(|a, b| a == b).map(|run| pairs_of(run.len())).sum();
    let mut second: Vec<f64> = sorted.iter().map(|pair| pair.1).collect();
    let discordant = inversions(&mut second);
    let tied_second: u64 = second.chunk_by(|a, b| a == b).map(|run| pairs_of(run.len())).sum();
    let decided = all - tied_second;
    let concordant = (all + tied_both).checked_sub(tied_first + tied_second + discordant)?;
    (decided > 0).then(|| (concordant as f64 - discordant as f64) / decided as f64)
}

/// Sorts, and counts the pairs that were the wrong way round.
fn inversions(values: &mut [f64]) -> u64 {
    let length = values.len();
    if length < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(length / 2);
    let mut count = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(length);
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            merged.push(left[i]);
            i += 1;
        } else {
            count += (left.len() - i) as u64;
            merged.push(right[j]);
            j += 1;
        }
    }
    values.copy_from_slice(&merged);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(cells: impl IntoIterator<Item = i64>) -> Series {
        Series::of(cells.into_iter().map(|cell| Some(cell.to_string())))
    }

    #[test]
    fn somers_d_is_the_auc_rescaled() {
        let d = |pairs: &[(f64, f64)]| somers_d(pairs).unwrap();
        assert_eq!(d(&[(1.0, 0.0), (2.0, 0.0), (3.0, 1.0), (4.0, 1.0)]), 1.0);
        assert_eq!(d(&[(4.0, 0.0), (3.0, 0.0), (2.0, 1.0), (1.0, 1.0)]), -1.0);
        assert_eq!(d(&[(1.0, 0.0), (1.0, 1.0)]), 0.0);
        // AUC 3/4.
        assert_eq!(d(&[(1.0, 0.0), (3.0, 0.0), (2.0, 1.0), (4.0, 1.0)]), 0.5);
    }

    #[test]
    fn a_target_in_other_clothes_is_known() {
        let target: Vec<i64> = (0..60).map(|row| row * 37 % 61).collect();
        let of = |change: fn(i64) -> i64| series(target.iter().map(|&value| change(value)));
        let plain = series(target.iter().copied());
        for (name, dressed) in
            [("same", of(|value| value)), ("scaled", of(|value| 7 - 3 * value)), ("coarse", of(|value| value / 6))]
        {
            assert!(tells(&dressed, &plain, Bar::among(1000)).is_some(), "{name}");
        }
        let classes = series(target.iter().map(|value| value % 3));
        let hashed = series(target.iter().map(|value| [71, 13, 99][(value % 3) as usize]));
        assert!(tells(&hashed, &classes, Bar::among(1000)).is_some());
        let noise = series((0..60).map(|row| row * 17 % 59));
        assert_eq!(tells(&noise, &plain, Bar::among(1000)), None);
        assert_eq!(tells(&noise, &classes, Bar::among(1000)), None);
        assert_eq!(tells(&series((0..60).map(|row| row % 2)), &classes, Bar::among(1000)), None);
    }

    #[test]
    fn few_rows_prove_little() {
        let target = series([0, 1, 1, 0, 1, 1, 1, 0]);
        assert_eq!(tells(&target, &target, Bar::among(1000)), None);
        assert!(equal(&target, &target, Bar::SUSPECT).is_some());
    }
}
