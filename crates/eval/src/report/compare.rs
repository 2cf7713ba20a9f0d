//! Players against each other: the statistics that need all of them at once.

use mledojo_metrics::Direction;

use crate::report::entry::Entry;
use crate::report::figures::Aup;
use crate::report::options::ReportOptions;
use crate::statistics::{AupRule, Battles, Elo, Profile, Scores, TaskScores, elo, profile};

/// One competition's episodes by player, as indices of entries.
pub(crate) struct Task {
    pub(crate) competition: String,
    pub(crate) category: usize,
    pub(crate) direction: Direction,
    pub(crate) by_player: Vec<Vec<usize>>,
}

/// What comes of some competitions.
pub(crate) struct Comparison {
    pub(crate) elo: Elo,
    pub(crate) wins: Vec<Vec<Option<f64>>>,
    pub(crate) profiles: Vec<Profile>,
}

impl Comparison {
    /// Compares all players on these competitions. `baseline` is the player whose scores are the baselines.
    pub(crate) fn of<'a>(
        tasks: impl Iterator<Item = &'a Task>,
        entries: &[Entry],
        players: usize,
        baseline: Option<usize>,
        options: &ReportOptions,
    ) -> Self {
        let tasks = tasks.map(|task| {
            let cell = |indices: &Vec<usize>| indices.iter().map(|&index| entries[index].raw_score()).collect();
            let cells = task.by_player.iter().map(cell).collect();
            let mut scores = TaskScores { direction: task.direction, baseline: None, cells };
            scores.baseline = baseline.and_then(|player| scores.merged(options.over_seeds)[player]);
            scores
        });
        let scores = Scores { models: players, tasks: tasks.collect() };
        let battles = Battles::of(&scores, options.over_seeds);
        let rules = [AupRule::MleDojo, AupRule::Mlgym];
        Self {
            elo: elo(&battles, &options.elo),
            wins: battles.win_shares(),
            profiles: rules.into_iter().map(|rule| profile(&scores, options.over_seeds, rule)).collect(),
        }
    }

    pub(crate) fn aup(&self, player: usize) -> Aup {
        Aup { mle_dojo: self.profiles[0].aup[player], mlgym: self.profiles[1].aup[player] }
    }
}
