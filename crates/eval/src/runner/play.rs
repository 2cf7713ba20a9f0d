//! Playing one episode, from wherever it stands to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mledojo_agents::{Agent, PlayError, PlayEvent, play, restore};
use mledojo_env::{Environment, Episode, Observation, ResetOptions};

use super::outcome::{Ending, is_broken_log, outcome};
use super::{Role, Runner};
use crate::episode_id::{EpisodeId, Player};
use crate::error::RunError;
use crate::event::RunEvent;
use crate::outcome::EpisodeOutcome;

/// What came of an episode in this run.
pub(super) enum Played {
    /// It is finished.
    Finished(Box<EpisodeOutcome>),
    /// The run was cancelled meanwhile, or its money is used up.
    Interrupted,
    /// It is given up for now, after faults that are none of its agent's.
    Failed(String),
}

/// One episode, and who plays it.
pub(super) struct Seat<'a, 'r> {
    pub(super) runner: &'a Runner<'r>,
    pub(super) player: &'a Player,
    pub(super) id: &'a EpisodeId,
}

/// An agent with its memory, and what it saw last.
type Ready = (Box<dyn Agent>, Observation);

/// The first wait before a retry; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Seat<'_, '_> {
    /// Plays; what is no fault of the agent's is tried again, where the episode stands by then.
    pub(super) fn play(&self) -> Played {
        let mut wait = FIRST_WAIT;
        let mut retry = 0;
        loop {
            let error = match catch_unwind(AssertUnwindSafe(|| self.play_once())) {
                Ok(Ok(Some(outcome))) => return Played::Finished(Box::new(outcome)),
                Ok(Ok(None)) => return Played::Interrupted,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => return Played::Failed(format!("panicked: {}", panic_message(panic.as_ref()))),
            };
            retry += 1;
            if retry > self.runner.folder.experiment().retries {
                return Played::Failed(error);
            }
            let seconds = wait.as_secs_f64();
            self.tell(&RunEvent::Retrying { episode: self.id.clone(), error, retry, seconds });
            if !self.sleep(wait) {
                return Played::Interrupted;
            }
            wait = (2 * wait).min(LONGEST_WAIT);
        }
    }

    /// Plays to the end. `None`: cancelled.
    fn play_once(&self) -> Result<Option<EpisodeOutcome>, RunError> {
        let runner = self.runner;
        let competition = runner.competition(&self.id.competition)?;
        let config = runner.folder.experiment().env_config();
        let mut environment = Environment::new(competition, runner.crew.engine(), config);
        let watched = runner.watch.add();
        environment.set_canceller(watched.cancel.clone());
        environment.set_slots(Some(Arc::clone(&runner.slots)));

        let (mut agent, observation) = match self.go_on(&mut environment)? {
            Some(ready) => ready,
            None => self.begin(&mut environment)?,
        };
        self.tell(&RunEvent::Begun {
            episode: self.id.clone(),
            step: observation.step,
            steps: runner.folder.experiment().limits.steps,
            attempt: runner.folder.attempts(self.id)?,
        });
        watched.thinks(observation.seconds_left);
        let played = play(&mut environment, agent.as_mut(), observation, &mut |event| {
            match &event {
                PlayEvent::Chosen { .. } => watched.has_chosen(),
                PlayEvent::Stepped { result, .. } => watched.thinks(result.observation.seconds_left),
            }
            self.tell(&self.event(&event));
        });
        let ending = match played {
            Ok(summary) if !summary.cancelled => Ending::Logged,
            _ if runner.cancel.is_cancelled() => return Ok(None),
            Err(PlayError::Environment(error)) => return Err(error.into()),
            _ if watched.is_late() => Ending::Late,
            // Without money the agent's calls are cancelled.
            Ok(_) => return Ok(None),
            Err(PlayError::Agent(_)) if self.player.model.is_some() && runner.purse.closed().is_some() => {
                return Ok(None);
            }
            Err(PlayError::Agent(error)) => Ending::AgentError(error.to_string()),
        };
        drop(environment);
        let outcome = outcome(&runner.folder, self.player, self.id, ending)?;
        runner.folder.finish(&outcome)?;
        Ok(Some(outcome))
    }

    /// Goes on with what is there of the episode. `None`: nothing that can go on is there, or it was moved aside.
    fn go_on(&self, environment: &mut Environment) -> Result<Option<Ready>, RunError> {
        let folder = &self.runner.folder;
        let directory = folder.log_dir(self.id);
        if !directory.join("episode.json").exists() {
            // A transcript without its episode is what a crash left of moving both aside.
            if folder.transcript_file(self.id).exists() {
                folder.set_aside(self.id)?;
            }
            return Ok(None);
        }
        let episode = match Episode::open(&directory) {
            Err(error) if is_broken_log(&error) => return self.anew(error.to_string()),
            episode => episode?,
        };
        let judging = environment.competition().judge().judging();
        if episode.header.config != *environment.config() || episode.header.judging != judging {
            return self.anew("it was begun by other settings".to_owned());
        }
        let latest = match environment.resume(&directory) {
            Err(error) if is_broken_log(&error) => return self.anew(error.to_string()),
            latest => latest?,
        };
        let mut agent = match self.runner.crew.agent(&self.role()) {
            Ok(agent) => agent,
            Err(error) => return self.anew(error.to_string()),
        };
        if environment.ended().is_none() {
            match restore(agent.as_mut(), environment.first_observation()?, &episode) {
                Ok(()) => {}
                Err(PlayError::Agent(error)) => return self.anew(error.to_string()),
                Err(PlayError::Environment(error)) if is_broken_log(&error) => return self.anew(error.to_string()),
                Err(PlayError::Environment(error)) => return Err(error.into()),
            }
        }
        Ok(Some((agent, latest)))
    }

    fn begin(&self, environment: &mut Environment) -> Result<Ready, RunError> {
        // It was made before, when the run began.
        let agent = self.runner.crew.agent(&self.role());
        let agent = agent.map_err(|error| RunError::Invalid(error.to_string()))?;
        let directory = self.runner.folder.log_dir(self.id);
        let options = ResetOptions { directory, seed: self.id.seed, agent: self.player.agent.clone() };
        Ok((agent, environment.reset(options)?))
    }

    fn role(&self) -> Role<'_> {
        Role { player: self.player, seed: self.id.seed, purse: &self.runner.purse }
    }

    /// Moves aside what is there.
    fn anew<T>(&self, reason: String) -> Result<Option<T>, RunError> {
        self.runner.folder.set_aside(self.id)?;
        self.tell(&RunEvent::Anew { episode: self.id.clone(), reason });
        Ok(None)
    }

    fn event(&self, event: &PlayEvent<'_>) -> RunEvent {
        let episode = self.id.clone();
        match event {
            PlayEvent::Chosen { observation, call } => {
                RunEvent::Chosen { episode, step: observation.step + 1, action: call.action.clone() }
            }
            PlayEvent::Stepped { call, result } => {
                let observation = &result.observation;
                RunEvent::Stepped {
                    episode,
                    step: observation.step,
                    action: call.action.clone(),
                    status: observation.action_status,
                    seconds: result.info.seconds,
                    score: observation.current.as_ref().map(|grade| grade.raw_score),
                    best: observation.best.as_ref().map(|grade| grade.raw_score),
                    spent_usd: self.runner.purse.spent_usd(),
                    human_rank: observation.best.as_ref().map(|grade| grade.standing.human_rank),
                }
            }
        }
    }

    fn tell(&self, event: &RunEvent) {
        (self.runner.observe)(event);
    }

    /// `false`: cancelled meanwhile.
    fn sleep(&self, time: Duration) -> bool {
        const TICK: Duration = Duration::from_millis(50);
        let started = Instant::now();
        while !self.runner.cancel.is_cancelled() {
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(TICK));
        }
        false
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
