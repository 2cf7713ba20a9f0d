//! An episode in a few figures.

use mledojo_sandbox::SandboxRecord;
use serde::Serialize;

use crate::episode::reader::Episode;
use crate::error::EnvError;
use crate::grade::Grade;
use crate::observation::ActionStatus;

/// What an episode came to, read from its log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EpisodeSummary {
    /// The competition's slug.
    pub competition: String,
    /// The agent.
    pub agent: String,
    /// In what the agent's code ran.
    pub sandbox: SandboxRecord,
    /// Steps taken.
    pub steps: u64,
    /// Steps that failed.
    pub failed_steps: u64,
    /// Grade of the first graded submission.
    pub first: Option<Grade>,
    /// Grade of the best one.
    pub best: Option<Grade>,
    /// The grade that decides: the best one's on the rows that are held out, or that one itself where none are.
    pub result: Option<Grade>,
    /// Sum of the steps' rewards.
    pub total_reward: f64,
    /// HumanRank of `result`, once the episode has ended; 0 without any.
    pub outcome_reward: Option<f64>,
    /// Seconds of the episode's clock.
    pub seconds: f64,
    /// The agent declared itself done.
    pub terminated: bool,
    /// The budget was used up.
    pub truncated: bool,
}

impl EpisodeSummary {
    /// Sums up an episode.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn read(episode: &Episode) -> Result<Self, EnvError> {
        let mut summary = Self {
            competition: episode.header.competition.clone(),
            agent: episode.header.agent.clone(),
            sandbox: episode.header.sandbox.clone(),
            steps: 0,
            failed_steps: 0,
            first: None,
            best: None,
            result: None,
            total_reward: 0.0,
            outcome_reward: None,
            seconds: 0.0,
            terminated: false,
            truncated: false,
        };
        for record in episode.steps()? {
            let record = record?;
            summary.steps = record.step;
            summary.failed_steps += u64::from(record.observation.action_status == ActionStatus::Failed);
            summary.first = summary.first.or_else(|| record.observation.current.clone());
            if summary.best != record.observation.best {
                summary.best = record.observation.best;
                summary.result = record.info.held_out.or_else(|| summary.best.clone());
            }
            summary.total_reward += record.reward;
            summary.outcome_reward = record.info.outcome_reward;
            summary.seconds = record.elapsed_seconds;
            summary.terminated = record.terminated;
            summary.truncated = record.truncated;
        }
        Ok(summary)
    }
}
