//! Playing an experiment into its run folder.
//!
//! Each episode that goes on has a thread of its own, on which its agent thinks; what is scarce are the [`Slots`] in which
//! code runs. Nothing is kept in memory that the folder doesn't hold: whenever the process ends, the next one goes on.

mod outcome;
mod play;
mod watch;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mledojo_agents::{Agent, AgentError};
use mledojo_env::{Engine, EnvError, PreparedCompetition, Slots};
use mledojo_sandbox::Cancel;
use serde::Serialize;

use self::play::{Played, Seat};
use self::watch::Watch;
use crate::episode_id::{EpisodeId, Player};
use crate::error::RunError;
use crate::event::RunEvent;
use crate::experiment::Experiment;
use crate::outcome::Ended;
use crate::purse::Purse;
use crate::run_folder::{RunFolder, RunLock};

/// What a run needs beside its folder: the competitions, the agents, and what runs code.
pub trait Crew: Sync {
    /// A competition, judged as the experiment says. It is asked for once, unless all its episodes have ended.
    ///
    /// # Errors
    /// Data that cannot be had.
    fn competition(&self, slug: &str, experiment: &Experiment) -> Result<Arc<PreparedCompetition>, EnvError>;

    /// A new agent for an episode.
    ///
    /// # Errors
    /// An agent that cannot be made.
    fn agent(&self, role: &Role<'_>) -> Result<Box<dyn Agent>, AgentError>;

    /// What runs the agents' code.
    fn engine(&self) -> Arc<Engine>;
}

/// The part that an agent is made for.
#[derive(Debug, Clone, Copy)]
pub struct Role<'a> {
    /// Who is to play.
    pub player: &'a Player,
    /// The episode's seed, which decides whatever the agent leaves to chance.
    pub seed: u64,
    /// What a model is paid from: the agent gets it through [`Purse::guard`].
    pub purse: &'a Arc<Purse>,
}

/// What a run came to, as far as it went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Episodes of the experiment.
    pub episodes: usize,
    /// What all calls of models have cost, in US dollars, as far as prices are known.
    pub spent_usd: f64,
    /// Finished ones, those of earlier runs included.
    pub finished: usize,
    /// Finished ones that ended by a fault of their agent.
    pub agent_errors: usize,
    /// Given up for now, with what went wrong last.
    pub failed: Vec<Failure>,
    /// The run was cancelled.
    pub interrupted: bool,
    /// Why no more episodes were begun, if the run ended itself.
    pub stopped: Option<String>,
}

impl RunSummary {
    /// Whether all episodes are finished, and none by a fault of its agent.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.finished == self.episodes && self.agent_errors == 0
    }
}

/// An episode that was given up for now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// Which.
    pub episode: String,
    /// What went wrong last.
    pub error: String,
}

/// Plays what is left of an experiment.
pub struct Runner<'a> {
    folder: RunFolder,
    crew: &'a dyn Crew,
    cancel: Cancel,
    slots: Arc<Slots>,
    purse: Arc<Purse>,
    watch: Watch,
    parallel: usize,
    observe: &'a (dyn Fn(&RunEvent) + Sync),
    competitions: Mutex<HashMap<String, Weak<PreparedCompetition>>>,
    state: Mutex<State>,
    _lock: RunLock,
}

struct State {
    waiting: VecDeque<(Player, EpisodeId)>,
    summary: RunSummary,
    /// Episodes given up since the last one that was finished.
    in_a_row: usize,
}

/// Memory that must be to spare for another run of code beside those that go on: what the scientific stack takes with
/// data of a usual size.
const SPARE_MEMORY: u64 = 1 << 30;

impl<'a> Runner<'a> {
    /// Gets ready to play an experiment into a folder that this process has [locked](RunFolder::lock), and writes it down
    /// there. Nothing is played yet. `cancel` ends playing; what is in flight then goes on with the next run.
    ///
    /// # Errors
    /// Settings that finished episodes were not played by, an agent that can't be made, or a folder that can't be written.
    pub fn new(
        lock: RunLock,
        experiment: Experiment,
        crew: &'a dyn Crew,
        cancel: Cancel,
        observe: &'a (dyn Fn(&RunEvent) + Sync),
    ) -> Result<Self, RunError> {
        experiment.check()?;
        let spent = match RunFolder::open(lock.folder()) {
            Ok(earlier) => {
                experiment.check_unchanged(earlier.experiment(), earlier.outcomes()?.len())?;
                earlier.spent_usd()?
            }
            Err(RunError::NoRun(_)) => 0.0,
            Err(error) => return Err(error),
        };
        let purse = Arc::new(Purse::new(experiment.budget_usd, spent));
        let seed = experiment.seeds.first().copied().unwrap_or_default();
        for player in experiment.players()? {
            let role = Role { player: &player, seed, purse: &purse };
            crew.agent(&role).map_err(|error| RunError::Invalid(error.to_string()))?;
        }
        let folder = RunFolder::create(lock.folder(), experiment)?;
        let experiment = folder.experiment();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Runs on the same GPUs would be in each other's way.
        let usual_slots = if experiment.code.gpus.is_empty() { cores } else { 1 };
        let slots = experiment.slots.unwrap_or(usual_slots);
        let asks_models = !experiment.models.is_empty();
        let parallel = experiment.parallel.unwrap_or(if asks_models { 4 * slots } else { slots });

        let all = experiment.episodes()?;
        let mut summary = RunSummary {
            episodes: all.len(),
            spent_usd: spent,
            finished: 0,
            agent_errors: 0,
            failed: Vec::new(),
            interrupted: false,
            stopped: None,
        };
        let mut waiting = VecDeque::new();
        for (player, id) in all {
            match folder.outcome(&id)? {
                Some(outcome) => {
                    summary.finished += 1;
                    summary.agent_errors += usize::from(outcome.ended == Ended::AgentError);
                }
                None => waiting.push_back((player, id)),
            }
        }
        let spare = experiment.code.limits().memory.map_or(SPARE_MEMORY, |limit| limit.min(SPARE_MEMORY));
        Ok(Self {
            folder,
            crew,
            cancel,
            slots: Arc::new(Slots::new(slots).sparing_memory(spare)),
            purse,
            watch: Watch::default(),
            parallel,
            observe,
            competitions: Mutex::default(),
            state: Mutex::new(State { waiting, summary, in_a_row: 0 }),
            _lock: lock,
        })
    }

    /// The run's folder.
    #[must_use]
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// The places in which code runs.
    #[must_use]
    pub fn slots(&self) -> &Arc<Slots> {
        &self.slots
    }

    /// Plays until all episodes are finished or given up, or the run is cancelled.
    pub fn run(self) -> RunSummary {
        let workers = {
            let state = self.state();
            (self.observe)(&RunEvent::Started {
                episodes: state.summary.episodes,
                finished: state.summary.finished,
                parallel: self.parallel,
                slots: self.slots.total(),
            });
            self.parallel.min(state.waiting.len())
        };
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| self.work())).collect();
            scope.spawn(|| self.watch.look(&self.cancel, &done));
            for worker in workers {
                // Panics of an agent end in its episode; another one is told by the scope.
                let _ = worker.join();
            }
            done.store(true, Ordering::SeqCst);
        });
        let mut summary = self.state().summary.clone();
        summary.interrupted = self.cancel.is_cancelled();
        summary.spent_usd = self.purse.spent_usd();
        if summary.finished < summary.episodes {
            summary.stopped = summary.stopped.or_else(|| self.purse.closed());
        }
        (self.observe)(&RunEvent::Ended(summary.clone()));
        summary
    }

    /// Plays one episode after the other.
    fn work(&self) {
        while let Some((player, id)) = self.next() {
            let played = Seat { runner: self, player: &player, id: &id }.play();
            let event = {
                let mut state = self.state();
                let state = &mut *state;
                match played {
                    Played::Finished(outcome) => {
                        state.in_a_row = 0;
                        state.summary.finished += 1;
                        state.summary.agent_errors += usize::from(outcome.ended == Ended::AgentError);
                        RunEvent::Finished { episode: id, outcome }
                    }
                    Played::Interrupted => RunEvent::Interrupted { episode: id },
                    Played::Failed(error) => {
                        state.in_a_row += 1;
                        state.summary.failed.push(Failure { episode: id.to_string(), error: error.clone() });
                        if state.in_a_row >= MOST_IN_A_ROW.max(self.parallel) && !state.waiting.is_empty() {
                            let reason = format!("{} episodes in a row failed, the last by: {error}", state.in_a_row);
                            state.summary.stopped = Some(reason);
                            state.waiting.clear();
                        }
                        RunEvent::Failed { episode: id, error }
                    }
                }
            };
            (self.observe)(&event);
        }
    }

    fn next(&self) -> Option<(Player, EpisodeId)> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let mut state = self.state();
        // Without money those that ask no model still play.
        let can_play = |(player, _): &(Player, _)| player.model.is_none() || self.purse.closed().is_none();
        let place = state.waiting.iter().position(can_play)?;
        state.waiting.remove(place)
    }

    /// A competition, shared by all episodes that go on with it.
    fn competition(&self, slug: &str) -> Result<Arc<PreparedCompetition>, EnvError> {
        // Others wait meanwhile, most of them for the same.
        let mut known = self.competitions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(competition) = known.get(slug).and_then(Weak::upgrade) {
            return Ok(competition);
        }
        let competition = self.crew.competition(slug, self.folder.experiment())?;
        known.insert(slug.to_owned(), Arc::downgrade(&competition));
        Ok(competition)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After so many failures without a finished episode between them the cause is none of a single episode's.
const MOST_IN_A_ROW: usize = 5;
