//! Scoring one part of the rows while the other is held out: start with [`Holdout`].

use serde::{Deserialize, Serialize};

/// A fixed random split of the answers: an agent sees scores on the public part, and is paid for the private one, so
/// that climbing the score it sees earns nothing by itself.
///
/// What is split are the ids (the rows, where ids repeat), each by a hash of itself and the seed: the same answers and
/// seed give the same parts on any machine, whatever the order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// Share of the scored ids in the public part, 0 < f < 1; at least one id is in either part.
    pub public_fraction: f64,
    /// Which split: one number a competition.
    pub seed: u64,
}

/// One of the two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The part whose scores are shown.
    Public,
    /// The part that counts.
    Private,
}

impl Holdout {
    /// The split of what has this name: one that stays the same for a competition.
    #[must_use]
    pub fn named(public_fraction: f64, name: &str) -> Self {
        Self { public_fraction, seed: hash(name, 0) }
    }

    /// Whether each id is in the public part.
    pub(crate) fn public<T: AsRef<str> + Ord>(self, ids: impl Iterator<Item = T>) -> Vec<bool> {
        let mut order: Vec<(u64, T, usize)> =
            ids.enumerate().map(|(place, id)| (hash(id.as_ref(), self.seed), id, place)).collect();
        order.sort_unstable();
        let count = (self.public_fraction * order.len() as f64).round() as usize;
        let count = count.clamp(1, order.len().saturating_sub(1).max(1));
        let mut public = vec![false; order.len()];
        order.iter().take(count).for_each(|(_, _, place)| public[*place] = true);
        public
    }
}

/// FNV-1a over the text, then the finaliser of SplitMix64, which spreads it over all bits.
///
/// Sources: Fowler, Noll and Vo, draft-eastlake-fnv; Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.
fn hash(text: &str, seed: u64) -> u64 {
    let fnv = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    let mut mixed = fnv ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_asked_and_differ_by_seed() {
        let ids: Vec<String> = (0..1000).map(|id| id.to_string()).collect();
        let split = |seed| Holdout { public_fraction: 0.3, seed }.public(ids.iter().map(String::as_str));
        assert_eq!(split(1).iter().filter(|&&public| public).count(), 300);
        assert_eq!(split(1), split(1));
        let same = split(1).iter().zip(split(2)).filter(|(a, b)| *a == b).count();
        // Two independent splits agree on 0.3² + 0.7² = 58 % of the ids.
        assert!((500..660).contains(&same), "{same}");
    }

    #[test]
    fn no_part_is_empty() {
        for public_fraction in [0.001, 0.999] {
            let public = Holdout { public_fraction, seed: 0 }.public(["a", "b", "c"].into_iter());
            assert!(public.contains(&true) && public.contains(&false));
        }
    }
}
