//! The report as a value.

use std::collections::BTreeMap;

use mledojo_catalog::Medal;
use mledojo_metrics::Direction;
use serde::Serialize;

use crate::checks::{Climbing, Finding};
use crate::report::failures::Failures;
use crate::statistics::{Bootstrap, EloSettings, Interval, MedalRates, OverSeeds, Profile, Rating};

/// A report on a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The run folder's name.
    pub title: String,
    /// Version of the program.
    pub version: &'static str,
    /// What several seeds count as.
    pub over_seeds: OverSeeds,
    /// How intervals of means were drawn.
    pub bootstrap: Bootstrap,
    /// How ratings were fitted.
    pub elo: EloSettings,
    /// How submissions were judged, one line for each way.
    pub judging: Vec<String>,
    /// The categories, in their order.
    pub categories: Vec<CategoryHead>,
    /// The players, best overall HumanRank first.
    pub players: Vec<PlayerReport>,
    /// Share of battles that each player (row) won against each other one, ties counted half.
    pub wins: Vec<Vec<Option<f64>>>,
    /// Over all competitions: MLE-Dojo's profiles, then MLGym's.
    pub profiles: Vec<Profile>,
    /// The agent whose scores are the baselines of MLGym's AUP; without one every score of at least 0 is feasible.
    pub baseline: Option<String>,
    /// Every competition with its scores.
    pub competitions: Vec<CompetitionRow>,
    /// Every finished episode, by player, category, competition and seed.
    pub episodes: Vec<EpisodeRow>,
    /// Whether the honest-run checks were made.
    pub checked: bool,
    /// What they found, warnings first.
    pub checks: Vec<CheckRow>,
    /// Ids of episodes that are not finished and count nowhere.
    pub unfinished: Vec<String>,
}

impl Report {
    /// The same report with all times 0: what is left of two runs of the same experiment can be compared.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        for player in &mut self.players {
            let of_categories = player.categories.iter_mut().flatten();
            for figures in std::iter::once(&mut player.overall).chain(of_categories) {
                figures.time = Time::default();
            }
        }
        for episode in &mut self.episodes {
            episode.time = Time::default();
        }
        self
    }
}

/// A category of competitions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryHead {
    /// Its name.
    pub name: String,
    /// Competitions in it.
    pub competitions: usize,
}

/// What is said of one player.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlayerReport {
    /// Agent and model.
    pub name: String,
    /// The agent.
    pub agent: String,
    /// The model, if it asks one.
    pub model: Option<String>,
    /// Over all competitions.
    pub overall: Figures,
    /// By category; `None` where it played none of one.
    pub categories: Vec<Option<Figures>>,
    /// MLE-bench's percentages over whole seeds, missing episodes counted as runs without a submission.
    pub mle_bench: Option<MedalRates>,
    /// HumanRank after each step.
    pub by_step: StepCurve,
    /// HumanRank after each step of code.
    pub by_code_step: StepCurve,
    /// How often each action was called.
    pub actions: BTreeMap<String, usize>,
    /// What failed.
    pub failures: Failures,
    /// The share of code actions that failed; `None` without any.
    pub failure_rate: Option<f64>,
    /// What ended its episodes, and how often.
    pub ended: BTreeMap<String, usize>,
    /// Mean climbing index of the episodes that have one.
    pub climbing: Option<f64>,
}

/// Figures over some competitions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The anchor of the episodes that they were made from.
    pub anchor: String,
    /// Episodes.
    pub episodes: usize,
    /// Competitions.
    pub competitions: usize,
    /// Mean over competitions of HumanRank over seeds.
    pub human_rank: f64,
    /// Its interval, over competitions and seeds.
    pub interval: Option<Interval>,
    /// Interquartile mean of HumanRank over all episodes.
    pub interquartile_mean: f64,
    /// Its interval.
    pub interquartile_interval: Option<Interval>,
    /// Medals of the episodes.
    pub medals: Medals,
    /// Elo among the players.
    pub elo: Option<Rating>,
    /// Areas under the profiles among the players.
    pub aup: Aup,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// US dollars; `None` where a price is unknown.
    pub cost_usd: Option<f64>,
    /// Times: what differs from run to run.
    pub time: Time,
}

/// Medals and what goes with them, counted over episodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Medals {
    /// Gold medals.
    pub gold: usize,
    /// Silver medals.
    pub silver: usize,
    /// Bronze medals.
    pub bronze: usize,
    /// Episodes with a score better than the board's median.
    pub above_median: usize,
    /// Episodes with a valid submission.
    pub valid: usize,
    /// Episodes.
    pub of: usize,
}

impl Medals {
    /// Medals of any kind.
    #[must_use]
    pub fn any(&self) -> usize {
        self.gold + self.silver + self.bronze
    }
}

/// Areas under performance profiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Aup {
    /// By MLE-Dojo's definition.
    pub mle_dojo: Option<f64>,
    /// By MLGym's.
    pub mlgym: Option<f64>,
}

/// Times of episodes, added up, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Time {
    /// Of the episodes' clocks.
    pub seconds: f64,
    /// Without waiting on models' rate limits and back-off.
    pub working_seconds: f64,
    /// Of the agents' code.
    pub run_seconds: f64,
}

/// Mean HumanRank by step, over competitions and seeds; an episode that has ended keeps its last.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StepCurve {
    /// From step 1 on.
    pub human_rank: Vec<f64>,
}

/// A competition and how the players did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompetitionRow {
    /// Its slug.
    pub competition: String,
    /// The index of its category.
    pub category: usize,
    /// The metric's name.
    pub metric: String,
    /// Which way it gets better.
    pub direction: Direction,
    /// A cell for each player; `None` where it didn't play.
    pub scores: Vec<Option<CompetitionScore>>,
}

/// How a player did in a competition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompetitionScore {
    /// The anchor of its episodes.
    pub anchor: String,
    /// Episodes.
    pub episodes: usize,
    /// The raw score over seeds; `None` without a valid one.
    pub raw_score: Option<f64>,
    /// HumanRank over seeds.
    pub human_rank: f64,
    /// The best medal of any seed.
    pub medal: Option<Medal>,
}

/// One finished episode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EpisodeRow {
    /// Its id.
    pub id: String,
    /// Its folder, below the run.
    pub path: String,
    /// The index of its player.
    pub player: usize,
    /// The index of its category.
    pub category: usize,
    /// Its competition's slug.
    pub competition: String,
    /// Its seed.
    pub seed: u64,
    /// What ended it.
    pub ended: &'static str,
    /// What went wrong with the agent.
    pub error: Option<String>,
    /// The raw score that decides.
    pub raw_score: Option<f64>,
    /// Its HumanRank; 0 without a score.
    pub human_rank: f64,
    /// HumanRank of the shown score, where another one decides.
    pub shown_human_rank: Option<f64>,
    /// Its medal.
    pub medal: Option<Medal>,
    /// The submission that counts, below the run.
    pub submission: Option<String>,
    /// Steps.
    pub steps: u64,
    /// Steps that failed.
    pub failed_steps: usize,
    /// Tokens sent and received.
    pub tokens: u64,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// How often it was begun.
    pub attempts: u32,
    /// Findings of the checks: warnings and notes.
    pub findings: (usize, usize),
    /// Times.
    pub time: Time,
}

/// A finding of the checks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRow {
    /// The index of its episode.
    pub episode: usize,
    /// In words.
    pub message: String,
    /// What it is.
    #[serde(flatten)]
    pub finding: Finding,
    /// The episode's climbing figures, where rows were held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub climbing: Option<Climbing>,
}
