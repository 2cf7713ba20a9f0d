//! Playing one episode, from wherever it stands to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mledojo_agents::{Agent, AgentError, PlayError, PlayEvent, PlaySummary, play_within, restore};
use mledojo_env::{EnvError, Environment, Episode, Observation, ResetOptions};

use super::outcome::{Ending, is_broken_log, outcome};
use super::watch::Watched;
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

/// An agent with its memory, unless nothing is left to play, and what it saw last.
type Ready = (Option<Box<dyn Agent>>, Observation);

/// The first wait before a retry; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why an episode doesn't go on just now.
enum Halt {
    /// The run was cancelled, or its money is used up.
    Interrupted,
    /// A fault that says nothing of the agent.
    Fault(RunError),
}

impl<E: Into<RunError>> From<E> for Halt {
    fn from(error: E) -> Self {
        match error.into() {
            RunError::Environment(EnvError::Cancelled) | RunError::Agent(AgentError::Cancelled) => Self::Interrupted,
            error => Self::Fault(error),
        }
    }
}

/// Whether a fault may pass. The client has asked a model several times by then, unless there is no use in it.
fn may_pass(error: &RunError) -> bool {
    match error {
        RunError::Agent(AgentError::Model(error)) => error.is_transient(),
        RunError::Agent(AgentError::UnknownCost) => false,
        _ => true,
    }
}

impl Seat<'_, '_> {
    /// Plays; what is no fault of the agent's is tried again, where the episode stands by then.
    pub(super) fn play(&self) -> Played {
        let mut wait = FIRST_WAIT;
        let mut retry = 0;
        loop {
            let error = match catch_unwind(AssertUnwindSafe(|| self.play_once())) {
                Ok(Ok(outcome)) => return Played::Finished(Box::new(outcome)),
                Ok(Err(Halt::Interrupted)) => return Played::Interrupted,
                Ok(Err(Halt::Fault(error))) => error,
                Err(panic) => return Played::Failed(format!("panicked: {}", panic_message(panic.as_ref()))),
            };
            retry += 1;
            if retry > self.runner.folder.experiment().retries || !may_pass(&error) {
                return Played::Failed(error.to_string());
            }
            let (error, seconds) = (error.to_string(), wait.as_secs_f64());
            self.tell(&RunEvent::Retrying { episode: self.id.clone(), error, retry, seconds });
            if !self.sleep(wait) {
                return Played::Interrupted;
            }
            wait = (2 * wait).min(LONGEST_WAIT);
        }
    }

    /// Plays to the end.
    fn play_once(&self) -> Result<EpisodeOutcome, Halt> {
        let runner = self.runner;
        let experiment = runner.folder.experiment();
        let competition = runner.competition(&self.id.competition)?;
        let mut environment = Environment::new(competition, runner.crew.engine(), experiment.env_config());
        let watched = runner.watch.add();
        environment.set_canceller(watched.cancel.clone());
        environment.set_slots(Some(Arc::clone(&runner.slots)));

        let (agent, observation) = match self.go_on(&mut environment)? {
            Some(ready) => ready,
            None => self.begin(&mut environment)?,
        };
        self.tell(&RunEvent::Begun {
            episode: self.id.clone(),
            step: observation.step,
            steps: experiment.limits.steps,
            attempt: runner.folder.attempts(self.id)?,
        });
        let ending = match agent {
            Some(mut agent) => self.play_on(&mut environment, agent.as_mut(), observation, &watched)?,
            None => Ending::Logged,
        };
        drop(environment);
        let outcome = outcome(&runner.folder, self.player, self.id, ending)?;
        runner.folder.finish(&outcome)?;
        Ok(outcome)
    }

    /// Plays from where the environment stands.
    fn play_on(
        &self,
        environment: &mut Environment,
        agent: &mut dyn Agent,
        observation: Observation,
        watched: &Watched,
    ) -> Result<Ending, Halt> {
        let limits = self.runner.folder.experiment().play_limits();
        watched.thinks(observation.seconds_left);
        let played = play_within(environment, agent, observation, &limits, &mut |event| {
            match &event {
                PlayEvent::Chosen { .. } => watched.has_chosen(),
                PlayEvent::Stepped { result, .. } => watched.thinks(result.observation.seconds_left),
            }
            self.tell(&self.event(&event));
        });
        Ok(match played {
            Ok(PlaySummary { cancelled: false, limit: Some(limit), .. }) => Ending::Limit(limit),
            Ok(PlaySummary { cancelled: false, .. }) => Ending::Logged,
            _ if self.runner.cancel.is_cancelled() => return Err(Halt::Interrupted),
            Err(PlayError::Environment(error)) => return Err(error.into()),
            _ if watched.is_late() => Ending::Late,
            Ok(_) => return Err(Halt::Interrupted),
            Err(PlayError::Agent(error)) if error.is_infrastructure() => return Err(error.into()),
            Err(PlayError::Agent(error)) => Ending::AgentError(error.to_string()),
        })
    }

    /// Goes on with what is there of the episode. `None`: nothing that can go on is there, or it was moved aside.
    fn go_on(&self, environment: &mut Environment) -> Result<Option<Ready>, Halt> {
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
            Err(error) if is_broken_log(&error) => return self.anew(&error),
            episode => episode?,
        };
        let judging = environment.competition().judge().judging();
        if episode.header.config != *environment.config() || episode.header.judging != judging {
            return self.anew(&"it was begun by other settings");
        }
        let latest = match environment.resume(&directory) {
            Err(error) if is_broken_log(&error) => return self.anew(&error),
            latest => latest?,
        };
        let mut agent = self.runner.crew.agent(&self.role())?;
        agent.cancel_by(environment.canceller());
        match agent.keep_in(&folder.episode_dir(self.id)) {
            Err(error) if !error.is_infrastructure() => return self.anew(&error),
            kept => kept?,
        }
        let ended = environment.ended().is_some();
        match restore(agent.as_mut(), environment.first_observation()?, &episode) {
            Ok(()) => Ok(Some((Some(agent), latest))),
            // Its agent can't end its own files then; the episode needs it no more.
            Err(_) if ended => Ok(Some((None, latest))),
            Err(PlayError::Agent(error)) if error.is_infrastructure() => Err(error.into()),
            Err(PlayError::Environment(error)) if !is_broken_log(&error) => Err(error.into()),
            Err(error) => self.anew(&error),
        }
    }

    fn begin(&self, environment: &mut Environment) -> Result<Ready, Halt> {
        let mut agent = self.runner.crew.agent(&self.role())?;
        let folder = &self.runner.folder;
        let agent_name = self.player.agent.clone();
        let options = ResetOptions { directory: folder.log_dir(self.id), seed: self.id.seed, agent: agent_name };
        let first = environment.reset(options)?;
        agent.keep_in(&folder.episode_dir(self.id))?;
        Ok((Some(agent), first))
    }

    fn role(&self) -> Role<'_> {
        let options = &self.runner.folder.experiment().agent;
        Role { player: self.player, seed: self.id.seed, options, purse: &self.runner.purse }
    }

    /// Moves aside what is there.
    fn anew<T>(&self, reason: &dyn std::fmt::Display) -> Result<Option<T>, Halt> {
        let reason = reason.to_string();
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
