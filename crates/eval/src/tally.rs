//! What a player's finished episodes come to, in a few figures for a first look.

use std::collections::BTreeMap;

use mledojo_agents::llm::Usage;
use mledojo_catalog::Medal;
use serde::Serialize;

use crate::episode_id::Player;
use crate::outcome::{Ended, EpisodeOutcome};

/// The finished episodes of one player.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// The agent.
    pub agent: String,
    /// The model that it asks.
    pub model: Option<String>,
    /// Finished episodes.
    pub finished: usize,
    /// How many of them each [`Ended`] ended.
    pub ended: BTreeMap<Ended, usize>,
    /// Episodes without any graded submission.
    pub ungraded: usize,
    /// Mean of the decisive HumanRanks over the finished episodes; 0 for one without a graded submission.
    pub human_rank: f64,
    /// Episodes with a medal: gold, silver, bronze.
    pub medals: [usize; 3],
    /// Steps of all of them.
    pub steps: u64,
    /// Seconds of all of them.
    pub seconds: f64,
    /// Tokens of all of them.
    pub usage: Usage,
    /// Cost of all of them, in US dollars; `None` if that of one is unknown.
    pub cost_usd: Option<f64>,
}

impl Tally {
    /// A tally for each player, in the order of their names.
    #[must_use]
    pub fn of(outcomes: &[EpisodeOutcome]) -> Vec<Self> {
        let mut players: BTreeMap<Player, Self> = BTreeMap::new();
        for outcome in outcomes {
            let player = outcome.player();
            let tally = players.entry(player.clone()).or_insert_with(|| Self {
                agent: player.agent,
                model: player.model,
                cost_usd: Some(0.0),
                ..Self::default()
            });
            tally.add(outcome);
        }
        players
            .into_values()
            .map(|tally| Self { human_rank: tally.human_rank / tally.finished as f64, ..tally })
            .collect()
    }

    fn add(&mut self, outcome: &EpisodeOutcome) {
        self.finished += 1;
        *self.ended.entry(outcome.ended).or_default() += 1;
        match outcome.decisive() {
            None => self.ungraded += 1,
            Some(grade) => {
                self.human_rank += grade.standing.human_rank;
                if let Some(place) = Medal::ALL.iter().position(|medal| grade.standing.medal == Some(*medal)) {
                    self.medals[place] += 1;
                }
            }
        }
        self.steps += outcome.steps;
        self.seconds += outcome.seconds;
        self.usage += outcome.usage;
        self.cost_usd = self.cost_usd.zip(outcome.cost_usd).map(|(sum, cost)| sum + cost);
    }
}
