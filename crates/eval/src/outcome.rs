//! What an episode came to.

use mledojo_agents::llm::Usage;
use mledojo_env::{Grade, Judging};
use serde::{Deserialize, Serialize};

use crate::episode_id::{EpisodeId, Player};

/// What a finished episode came to: `outcome.json` in its folder. Written once; an episode that has one is never played
/// again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpisodeOutcome {
    /// The agent, as the experiment names it.
    pub agent: String,
    /// The model that it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The competition's slug.
    pub competition: String,
    /// The episode's seed.
    pub seed: u64,
    /// How it was judged.
    pub judging: Judging,
    /// [`Experiment::config_digest`](crate::Experiment::config_digest) of the settings it was played by.
    pub config_digest: String,
    /// What ended it.
    pub ended: Ended,
    /// The best shown grade.
    pub best: Option<Grade>,
    /// The latest shown grade, as the last observation had it.
    pub last: Option<Grade>,
    /// The grade of the submission behind `best` on the rows that are held out; `None` where none are.
    pub held_out: Option<Grade>,
    /// Steps taken.
    pub steps: u64,
    /// Tokens of all calls of models.
    pub usage: Usage,
    /// What they cost, in US dollars; `None` if a price is unknown.
    pub cost_usd: Option<f64>,
    /// Seconds of the episode's clock: from its beginning on, without interruptions and without waiting for a slot.
    pub seconds: f64,
    /// `seconds` without waiting on models' rate limits and back-off.
    pub working_seconds: f64,
    /// How often the episode was begun: 1, and one more for each time that it could not go on where it was interrupted.
    pub attempts: u32,
    /// What went wrong, for [`Ended::AgentError`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl EpisodeOutcome {
    /// Which episode it is of.
    #[must_use]
    pub fn id(&self) -> EpisodeId {
        EpisodeId::new(&self.player(), &self.competition, self.seed)
    }

    /// Who played.
    #[must_use]
    pub fn player(&self) -> Player {
        Player { agent: self.agent.clone(), model: self.model.clone() }
    }

    /// The grade that decides: on the rows that are held out, or the best one where none are.
    #[must_use]
    pub fn decisive(&self) -> Option<&Grade> {
        self.held_out.as_ref().or(self.best.as_ref())
    }
}

/// What ended an episode. A limit is no failure: the score that was reached by then counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The agent declared itself done.
    Finished,
    /// All steps are taken.
    Steps,
    /// The wall-clock time is used up.
    Time,
    /// The working time is used up.
    WorkingTime,
    /// The tokens are used up.
    Tokens,
    /// The episode's money is used up.
    Cost,
    /// The conversation came to be longer than the agent's model is shown.
    PromptTokens,
    /// The agent failed by a fault of its own.
    AgentError,
}

impl Ended {
    /// Its name, as files have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Steps => "steps",
            Self::Time => "time",
            Self::WorkingTime => "working_time",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::PromptTokens => "prompt_tokens",
            Self::AgentError => "agent_error",
        }
    }
}
