//! The run in MLE-bench's form.

use std::collections::BTreeMap;
use std::path::Path;

use mledojo_catalog::{Board, BoardKind, Catalog, Competition, Leaderboard, Medal};
use mledojo_metrics::{Direction, Protocol};
use serde::Serialize;

use crate::outcome::EpisodeOutcome;
use crate::report::build::World;
use crate::report::entry::Entry;
use crate::report::options::ReportError;
use crate::statistics::{Aggregate, CompetitionReport, MedalRates, medal_rates};

/// MLE-bench's reports of all players.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MleBench {
    /// Competitions of a whole seed.
    pub competitions: usize,
    /// The players, best first.
    pub players: Vec<MleBenchPlayer>,
}

/// MLE-bench's reports of one player.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MleBenchPlayer {
    /// Agent and model.
    pub name: String,
    /// The same, as a file's name.
    pub slug: String,
    /// A report for each seed: what MLE-bench writes as `grading_report.json`.
    pub seeds: BTreeMap<u64, Aggregate>,
    /// Over seeds that have all competitions; `None` without one.
    pub rates: Option<MedalRates>,
    /// Over all seeds, missing episodes counted as runs without a submission (`--pad-missing`).
    pub padded: Option<MedalRates>,
}

impl MleBench {
    /// Reads a run as [`Report::read`](crate::report::Report::read) does.
    ///
    /// # Errors
    /// As there.
    pub fn read(folder: &Path, catalog: &Catalog) -> Result<Self, ReportError> {
        let world = World::read(folder, catalog)?;
        let competitions = world.tasks.len();
        let players = world.players.iter().enumerate().map(|(index, player)| {
            let seeds = seeds_of(&world, index);
            let all: Vec<Aggregate> = seeds.values().cloned().collect();
            MleBenchPlayer {
                name: player.to_string(),
                slug: player.slug(),
                seeds,
                rates: medal_rates(&all, competitions, false),
                padded: medal_rates(&all, competitions, true),
            }
        });
        Ok(Self { competitions, players: players.collect() })
    }
}

/// The reports of a player's seeds.
pub(crate) fn seeds_of(world: &World, player: usize) -> BTreeMap<u64, Aggregate> {
    let mut seeds: BTreeMap<u64, Vec<CompetitionReport>> = BTreeMap::new();
    for (entry, _) in world.entries.iter().zip(&world.player_of).filter(|(_, of)| **of == player) {
        seeds.entry(entry.finished.outcome.seed).or_default().push(world.boards.report(entry));
    }
    seeds.into_iter().map(|(seed, reports)| (seed, Aggregate::of(reports))).collect()
}

/// The boards that decide, by competition.
#[derive(Default)]
pub(crate) struct Boards {
    competitions: BTreeMap<String, (Leaderboard, Direction)>,
}

impl Boards {
    pub(crate) fn add(&mut self, competition: &Competition) {
        let facts = (competition.leaderboard.clone(), competition.spec.metric.direction);
        self.competitions.insert(competition.spec.slug.clone(), facts);
    }

    /// The board that decides under a protocol: the private one, or the public one where there is no other.
    fn board(&self, slug: &str, protocol: Protocol) -> Option<(Board, Direction)> {
        let (leaderboard, direction) = self.competitions.get(slug)?;
        let counting = leaderboard.clone().under(protocol);
        let board = counting.board(BoardKind::Private).or_else(|| counting.board(BoardKind::Public))?;
        Some((board.clone(), *direction))
    }

    pub(crate) fn is_above_median(&self, outcome: &EpisodeOutcome) -> bool {
        let board = self.board(&outcome.competition, outcome.judging.protocol);
        board
            .zip(outcome.decisive())
            .is_some_and(|((board, direction), grade)| direction.is_better(grade.raw_score, median(&board)))
    }

    pub(crate) fn report(&self, entry: &Entry) -> CompetitionReport {
        let outcome = &entry.finished.outcome;
        let board = self.board(&outcome.competition, outcome.judging.protocol);
        let grade = outcome.decisive();
        let medal = grade.and_then(|grade| grade.standing.medal);
        let threshold = |medal| board.as_ref().map(|(board, _)| board.threshold(medal));
        CompetitionReport {
            competition_id: outcome.competition.clone(),
            score: grade.map(|grade| grade.raw_score),
            gold_threshold: threshold(Medal::Gold),
            silver_threshold: threshold(Medal::Silver),
            bronze_threshold: threshold(Medal::Bronze),
            median_threshold: board.as_ref().map(|(board, _)| median(board)),
            any_medal: medal.is_some(),
            gold_medal: medal == Some(Medal::Gold),
            silver_medal: medal == Some(Medal::Silver),
            bronze_medal: medal == Some(Medal::Bronze),
            above_median: self.is_above_median(outcome),
            submission_exists: entry.submitted,
            valid_submission: grade.is_some(),
            is_lower_better: board.is_some_and(|(_, direction)| direction == Direction::Minimize),
            created_at: entry.ended_at.clone(),
            submission_path: entry.submission.clone(),
        }
    }
}

/// The median as MLE-bench has it: of an even number of known scores the mean of the two in the middle. Where a board is
/// known by quantiles alone, the better of the two.
fn median(board: &Board) -> f64 {
    let scores = board.scores();
    let is_exact = board.scores().len() == board.teams();
    if is_exact && scores.len().is_multiple_of(2) {
        return f64::midpoint(scores[scores.len() / 2 - 1], scores[scores.len() / 2]);
    }
    board.median()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_board_lies_between() {
        let board = |scores: &[f64]| Board::new(scores.to_vec(), Direction::Maximize).unwrap();
        assert_eq!(median(&board(&[1.0, 2.0, 4.0, 9.0])), 3.0);
        assert_eq!(median(&board(&[1.0, 2.0, 4.0])), 2.0);
    }
}
