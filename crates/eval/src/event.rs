//! What happens while an experiment is played, for those who watch.

use mledojo_env::ActionStatus;
use serde::Serialize;

use crate::episode_id::EpisodeId;
use crate::outcome::EpisodeOutcome;
use crate::runner::RunSummary;

/// One thing that happened. As JSON, an object whose `event` says what.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// Playing begins.
    Started {
        /// Episodes of the experiment.
        episodes: usize,
        /// Episodes that were finished before.
        finished: usize,
        /// How many episodes go on at once.
        parallel: usize,
        /// How many runs of code go on at once.
        slots: usize,
    },
    /// An episode begins, or goes on.
    Begun {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// Steps that were taken before.
        step: u64,
        /// Most steps.
        steps: u64,
        /// How often it has begun.
        attempt: u32,
    },
    /// What was there of an episode can't go on: it was moved aside, and the episode begins anew.
    Anew {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// Why.
        reason: String,
    },
    /// The agent has chosen; the step begins.
    Chosen {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// The step's number.
        step: u64,
        /// The action.
        action: String,
    },
    /// A step is done, and on disk.
    Stepped {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// The step's number.
        step: u64,
        /// The action.
        action: String,
        /// Whether it did what it was meant to.
        status: ActionStatus,
        /// Seconds that it took.
        seconds: f64,
        /// The latest shown score.
        score: Option<f64>,
        /// The best shown score.
        best: Option<f64>,
        /// Its HumanRank.
        human_rank: Option<f64>,
        /// What all calls of models of the run have cost, in US dollars, as far as prices are known.
        spent_usd: f64,
    },
    /// A fault of the host, the network or a provider; the episode goes on in a while.
    Retrying {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// What went wrong.
        error: String,
        /// Which retry it will be, from 1.
        retry: u32,
        /// In how many seconds.
        seconds: f64,
    },
    /// An episode is finished, and its outcome on disk.
    Finished {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// What it came to.
        outcome: Box<EpisodeOutcome>,
    },
    /// An episode is given up for now; the next run goes on with it.
    Failed {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
        /// What went wrong last.
        error: String,
    },
    /// An episode was interrupted; the next run goes on with it.
    Interrupted {
        /// Which.
        #[serde(serialize_with = "shown")]
        episode: EpisodeId,
    },
    /// Playing is over.
    Ended(RunSummary),
}

fn shown<S: serde::Serializer>(id: &EpisodeId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
