//! Kaggle's medals.

use serde::{Deserialize, Serialize};

/// A medal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names say it
pub enum Medal {
    Gold,
    Silver,
    Bronze,
}

impl Medal {
    /// All of them, best first.
    pub const ALL: [Self; 3] = [Self::Gold, Self::Silver, Self::Bronze];
}

impl std::fmt::Display for Medal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Gold => "gold",
            Self::Silver => "silver",
            Self::Bronze => "bronze",
        })
    }
}

/// The last position that still earns each medal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MedalRanks {
    /// Last position with gold.
    pub gold: usize,
    /// Last position with silver.
    pub silver: usize,
    /// Last position with bronze.
    pub bronze: usize,
}

impl MedalRanks {
    /// The ranks for a number of teams, by Kaggle's progression rules as MLE-bench applies them (fractions cut off).
    ///
    /// | teams | gold | silver | bronze |
    /// | --- | --- | --- | --- |
    /// | 1–99 | 10 % | 20 % | 40 % |
    /// | 100–249 | 10 | 20 % | 40 % |
    /// | 250–999 | 10 + 0.2 % | 50 | 100 |
    /// | 1000– | 10 + 0.2 % | 5 % | 10 % |
    #[must_use]
    pub fn of(teams: usize) -> Self {
        let percent = |share: usize| (teams * share / 100).max(1);
        let gold = 10 + teams / 500;
        match teams {
            0..100 => Self { gold: percent(10), silver: percent(20), bronze: percent(40) },
            100..250 => Self { gold: 10, silver: percent(20), bronze: percent(40) },
            250..1000 => Self { gold, silver: 50, bronze: 100 },
            _ => Self { gold, silver: percent(5), bronze: percent(10) },
        }
    }

    /// The last position that earns a medal, or a better one.
    #[must_use]
    pub fn last(&self, medal: Medal) -> usize {
        match medal {
            Medal::Gold => self.gold,
            Medal::Silver => self.silver,
            Medal::Bronze => self.bronze,
        }
    }

    /// The best medal that a position earns.
    #[must_use]
    pub fn medal(&self, position: usize) -> Option<Medal> {
        match position {
            p if p <= self.gold => Some(Medal::Gold),
            p if p <= self.silver => Some(Medal::Silver),
            p if p <= self.bronze => Some(Medal::Bronze),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_table_at_its_edges() {
        let ranks = |teams| {
            let MedalRanks { gold, silver, bronze } = MedalRanks::of(teams);
            (gold, silver, bronze)
        };
        assert_eq!(ranks(1), (1, 1, 1));
        assert_eq!(ranks(99), (9, 19, 39));
        assert_eq!(ranks(100), (10, 20, 40));
        assert_eq!(ranks(249), (10, 49, 99));
        assert_eq!(ranks(250), (10, 50, 100));
        assert_eq!(ranks(999), (11, 50, 100));
        assert_eq!(ranks(1000), (12, 50, 100));
        assert_eq!(ranks(4599), (19, 229, 459));
    }

    #[test]
    fn a_position_earns_the_best_medal_it_reaches() {
        let ranks = MedalRanks::of(100);
        assert_eq!(ranks.medal(10), Some(Medal::Gold));
        assert_eq!(ranks.medal(11), Some(Medal::Silver));
        assert_eq!(ranks.medal(40), Some(Medal::Bronze));
        assert_eq!(ranks.medal(41), None);
    }
}
