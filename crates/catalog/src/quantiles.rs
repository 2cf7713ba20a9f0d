//! A board of which 401 scores and a few figures are known.

use mledojo_metrics::Direction;

use crate::medal::{Medal, MedalRanks};
use crate::spec::BoardFigures;

/// How many places of a board a summary knows.
pub(crate) const PLACES: usize = 401;

/// Significant digits of the scores at those places. The figures have all of theirs.
const DIGITS: usize = 7;

/// The scores at evenly spaced places, best first, and the exact figures of the board.
///
/// Score i (from 0) is that of place 1 + i·(N − 1) / 400, rounded half to even; up to 401 teams that is every place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantiles {
    figures: BoardFigures,
    scores: Vec<f64>,
}

impl Quantiles {
    /// A summary; the error is (key of the figures or empty, message).
    pub(crate) fn new(
        figures: BoardFigures,
        scores: Vec<f64>,
        direction: Direction,
    ) -> Result<Self, (&'static str, String)> {
        if figures.teams == 0 {
            return Err(("teams", "expected at least one".to_owned()));
        }
        if scores.len() != PLACES {
            return Err(("", format!("{} scores, expected those at {PLACES} places", scores.len())));
        }
        if let Some(row) = scores.windows(2).position(|pair| direction.is_better(pair[1], pair[0])) {
            return Err(("", format!("score {} is better than the one before it; expected the best first", row + 2)));
        }
        let summary = Self { figures, scores };
        let named = [("gold", Medal::Gold), ("silver", Medal::Silver), ("bronze", Medal::Bronze)];
        for (key, medal) in named {
            let place = MedalRanks::of(figures.teams).last(medal).min(figures.teams) - 1;
            summary.check_figure(key, summary.threshold(medal), place, direction)?;
        }
        summary.check_figure("median", figures.median, (figures.teams - 1) / 2, direction)?;
        Ok(summary)
    }

    pub(crate) fn teams(&self) -> usize {
        self.figures.teams
    }

    pub(crate) fn scores(&self) -> &[f64] {
        &self.scores
    }

    pub(crate) fn figures(&self) -> &BoardFigures {
        &self.figures
    }

    pub(crate) fn threshold(&self, medal: Medal) -> f64 {
        match medal {
            Medal::Gold => self.figures.gold,
            Medal::Silver => self.figures.silver,
            Medal::Bronze => self.figures.bronze,
        }
    }

    /// The place, from 0, that score `index` belongs to.
    fn place(&self, index: usize) -> usize {
        let (whole, rest) = (index * (self.teams() - 1) / (PLACES - 1), index * (self.teams() - 1) % (PLACES - 1));
        let up = 2 * rest > PLACES - 1 || (2 * rest == PLACES - 1 && whole % 2 == 1);
        whole + usize::from(up)
    }

    /// About how many teams are strictly better than `score`: never more than `teams`, and the more, the worse `score` is.
    pub(crate) fn better(&self, score: f64, direction: Direction) -> usize {
        let rounded = round(score);
        let next = self.scores.partition_point(|&team| direction.is_better(team, rounded));
        let better = match next {
            0 => 0,
            PLACES => self.teams(),
            _ => {
                // The teams up to `least` are strictly better, those from `most` on are not.
                let (above, below) = (self.scores[next - 1], self.scores[next]);
                let (least, most) = (self.place(next - 1) + 1, self.place(next));
                let share = ((above - score) / (above - below)).clamp(0.0, 1.0);
                least + (share * most.saturating_sub(least) as f64).floor() as usize
            }
        };
        // What the exact figures say holds, whatever the rounded scores beside them.
        let ranks = MedalRanks::of(self.teams());
        let known = Medal::ALL.map(|medal| (ranks.last(medal), self.threshold(medal)));
        known.into_iter().filter(|(last, _)| *last <= self.teams()).fold(better, |better, (last, threshold)| {
            if direction.is_better(threshold, score) { better.max(last) } else { better.min(last - 1) }
        })
    }

    /// A figure must lie between the known scores around its place.
    fn check_figure(
        &self,
        key: &'static str,
        figure: f64,
        place: usize,
        direction: Direction,
    ) -> Result<(), (&'static str, String)> {
        let rounded = round(figure);
        let after = (0..PLACES).position(|index| self.place(index) >= place).unwrap_or(PLACES - 1);
        let before = (0..PLACES).rposition(|index| self.place(index) <= place).unwrap_or(0);
        let (best, worst) = (self.scores[before.min(after)], self.scores[before.max(after)]);
        if direction.is_better(rounded, best) || direction.is_better(worst, rounded) {
            let message = format!("{figure} at place {}, but the scores around it are {best} and {worst}", place + 1);
            return Err((key, message));
        }
        Ok(())
    }
}

/// A number rounded as the scores of a summary are.
fn round(score: f64) -> f64 {
    format!("{score:.*e}", DIGITS - 1).parse().unwrap_or(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Board;
    use proptest::prelude::*;

    /// The summary of a board, made as the catalog's are.
    fn summary(board: &Board, direction: Direction) -> Board {
        let scores = board.scores();
        let figures = BoardFigures {
            teams: scores.len(),
            gold: board.threshold(Medal::Gold),
            silver: board.threshold(Medal::Silver),
            bronze: board.threshold(Medal::Bronze),
            median: board.median(),
        };
        let rank = |index: usize| {
            let exact = index as f64 * (scores.len() - 1) as f64 / 400.0;
            exact.round_ties_even() as usize
        };
        let quantiles = (0..PLACES).map(|index| round(scores[rank(index)])).collect();
        Board::summary(Quantiles::new(figures, quantiles, direction).unwrap(), direction)
    }

    /// Scores with everything that real boards have: runs of equal scores, outliers, and on large boards more digits
    /// than a summary keeps.
    fn board(teams: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = |below: u64| {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % below
        };
        let scores = (0..teams).map(|_| match next(12) {
            0..6 => next(1_000_000) as f64 / 1e6,
            6..10 => 0.5 + next(4) as f64 / 100.0,
            10 => round(next(1_000_000_000) as f64 * 1e6 - 1e9),
            _ if teams > PLACES => 336.0 + next(1_000_000_000) as f64 / 1e9,
            _ => 336.0,
        });
        scores.collect()
    }

    proptest! {
        #[test]
        fn positions_are_within_half_a_percent_and_medals_exact(
            teams in prop_oneof![1..420_usize, 402..5000_usize],
            seed in any::<u64>(),
            maximize in any::<bool>(),
            others in prop::collection::vec(-0.2..1.2_f64, 20),
        ) {
            let direction = if maximize { Direction::Maximize } else { Direction::Minimize };
            let scores = board(teams, seed);
            let exact = Board::new(scores.clone(), direction).unwrap();
            let summary = summary(&exact, direction);
            let ranks = MedalRanks::of(teams);
            let mut tried: Vec<f64> = scores.iter().step_by(teams / 100 + 1).copied().chain(others).collect();
            tried.extend([exact.best(), exact.median(), f64::MIN, f64::MAX]);
            tried.extend(Medal::ALL.map(|medal| exact.threshold(medal)));
            tried.sort_by(f64::total_cmp);
            let mut positions = Vec::new();
            for score in tried {
                let (found, expected) = (summary.place(score), exact.place(score));
                prop_assert!((1..=teams + 1).contains(&found.position));
                let off = found.position.abs_diff(expected.position) as f64;
                prop_assert!(off <= 0.005 * teams as f64, "{score}: {found:?}, exactly {expected:?}");
                prop_assert!((found.human_rank - expected.human_rank).abs() <= 0.005);
                if teams <= PLACES {
                    prop_assert_eq!(found.position, expected.position, "{}", score);
                }
                prop_assert_eq!(ranks.medal(found.position), ranks.medal(expected.position), "{}", score);
                positions.push(found.position);
            }
            let sorted = if maximize { positions.is_sorted_by(|a, b| a >= b) } else { positions.is_sorted() };
            prop_assert!(sorted, "{positions:?}");
        }
    }

    #[test]
    fn figures_must_fit_their_scores() {
        let figures = BoardFigures { teams: 1000, gold: 0.988, silver: 0.95, bronze: 0.9, median: 0.5 };
        let scores: Vec<f64> = (0..PLACES).map(|index| 1.0 - index as f64 / 400.0).collect();
        assert!(Quantiles::new(figures, scores.clone(), Direction::Maximize).is_ok());
        let wrong = BoardFigures { silver: 0.85, ..figures };
        let (key, message) = Quantiles::new(wrong, scores.clone(), Direction::Maximize).unwrap_err();
        assert_eq!(key, "silver");
        assert!(message.contains("place 50"), "{message}");
        let (key, message) = Quantiles::new(figures, scores.clone(), Direction::Minimize).unwrap_err();
        assert_eq!((key, message.as_str()), ("", "score 2 is better than the one before it; expected the best first"));
        assert!(Quantiles::new(figures, scores[..400].to_vec(), Direction::Maximize).is_err());
    }
}
