//! From an episode's log to what it came to.

use mledojo_agents::llm::Usage;
use mledojo_env::{EnvError, Episode, Grade};

use crate::episode_id::{EpisodeId, Player};
use crate::error::RunError;
use crate::outcome::{Ended, EpisodeOutcome};
use crate::run_folder::RunFolder;

/// What ended an episode whose log may not tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// Its environment did, as the log says.
    Logged,
    /// The time ran out while its agent thought.
    Late,
    /// Its agent failed.
    AgentError(String),
}

/// What an episode came to: all from its log, so that it is the same whenever it is asked.
pub(super) fn outcome(
    folder: &RunFolder,
    player: &Player,
    id: &EpisodeId,
    ending: Ending,
) -> Result<EpisodeOutcome, RunError> {
    let episode = Episode::open(&folder.log_dir(id))?;
    let (mut best, mut last, mut held_out): (Option<Grade>, _, _) = (None, None, None);
    let (mut steps, mut seconds, mut terminated) = (0, 0.0, false);
    for record in episode.steps()? {
        let record = record?;
        if best != record.observation.best {
            best = record.observation.best;
            held_out = record.info.held_out;
        }
        last = record.observation.current;
        (steps, seconds, terminated) = (record.step, record.elapsed_seconds, record.terminated);
    }
    let experiment = folder.experiment();
    if ending == Ending::Late {
        seconds = experiment.limits.time.as_secs_f64();
    }
    let (ended, error) = match ending {
        Ending::AgentError(error) => (Ended::AgentError, Some(error)),
        Ending::Late => (Ended::Time, None),
        Ending::Logged if terminated => (Ended::Finished, None),
        Ending::Logged if steps >= experiment.limits.steps => (Ended::Steps, None),
        Ending::Logged => (Ended::Time, None),
    };
    Ok(EpisodeOutcome {
        agent: player.agent.clone(),
        model: player.model.clone(),
        competition: id.competition.clone(),
        seed: id.seed,
        judging: episode.header.judging,
        config_digest: experiment.config_digest(),
        ended,
        best,
        last,
        held_out,
        steps,
        usage: Usage::default(),
        cost_usd: Some(0.0),
        seconds,
        working_seconds: seconds,
        attempts: folder.attempts(id)?,
        error,
    })
}

/// Whether an error tells that a log can't be read, now or ever.
pub(super) fn is_broken_log(error: &EnvError) -> bool {
    matches!(error, EnvError::Log { .. })
}
