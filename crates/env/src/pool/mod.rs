//! Many environments at once.
//!
//! Sessions are cheap and there may be thousands; what is scarce are the *slots* in which agents' code runs. A request
//! that runs code waits its turn for a slot, first come, first served; any other request never waits for one. The time
//! a request waits isn't charged to its episode's budget.

mod queue;
mod stats;
mod worker;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mledojo_sandbox::Cancel;

use crate::action::Call;
use crate::environment::{Environment, ResetOptions};
use crate::error::EnvError;
use crate::observation::Observation;
use crate::slots::Slots;
use crate::step::StepResult;

use self::queue::{Job, Queue};
use self::stats::Recorder;
pub use self::stats::{ActionStats, PoolStats};

/// Where an environment stands in its pool: from 0, in the order in which they were given.
pub type EnvId = usize;

/// What an environment is asked to do.
#[derive(Debug, Clone)]
pub enum Request {
    /// Begin an episode.
    Reset(ResetOptions),
    /// Carry out a call.
    Step(Call),
}

impl Request {
    /// The name under which its latency is counted.
    fn name(&self) -> &str {
        match self {
            Self::Reset(_) => "begin",
            Self::Step(call) => &call.action,
        }
    }

    /// Whether it runs code, and so needs a slot.
    fn needs_slot(&self) -> bool {
        matches!(self, Self::Step(call) if matches!(call.action.as_str(), "validate_code" | "execute_code"))
    }
}

/// What came of a request.
#[derive(Debug)]
pub struct Reply {
    /// The environment.
    pub id: EnvId,
    /// What it answered. An error is a fault of the host, or [`EnvError::Cancelled`]; the step then did not happen.
    pub answer: Result<Answer, EnvError>,
    /// How long the request waited, for its turn and for a slot.
    pub queued: Duration,
}

/// What an environment answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The first observation of a new episode.
    Begun(Box<Observation>),
    /// The result of a step.
    Stepped(Box<StepResult>),
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// No environment has this number.
    #[error("there is no environment {id}; the pool has {len}")]
    NoSuchEnvironment {
        /// What was asked for.
        id: EnvId,
        /// How many there are.
        len: usize,
    },
    /// It has a request already.
    #[error("environment {0} is busy; receive its reply first")]
    Busy(EnvId),
    /// A lockstep needs one call per environment.
    #[error("{calls} calls for {len} environments")]
    WrongNumber {
        /// How many calls there are.
        calls: usize,
        /// How many environments.
        len: usize,
    },
}

/// A pool of environments with a fixed number of slots for agents' code.
///
/// [`send`](Self::send) gives one environment a request and returns at once; [`recv`](Self::recv) collects replies in
/// the order in which they are ready. [`step`](Self::step) does both for all, in lockstep. Dropping the pool cancels
/// what runs and waits for it.
pub struct EnvPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

/// What the pool and its workers share.
struct Shared {
    sessions: Vec<Mutex<Session>>,
    /// Requests that run code.
    runs: Queue,
    /// All others.
    light: Queue,
    replies: Mutex<Replies>,
    arrived: Condvar,
    recorder: Recorder,
    slots: Arc<Slots>,
}

struct Session {
    /// `None` while a worker has it.
    environment: Option<Environment>,
    cancel: Cancel,
    busy: bool,
}

#[derive(Default)]
struct Replies {
    ready: Vec<Reply>,
    /// Requests sent whose replies were not yet received.
    open: usize,
}

/// Threads for requests that run no code; mostly they wait for the disk.
const LIGHT: usize = 4;

/// A poisoned lock means that a worker panicked; what it guards is still whole, as each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EnvPool {
    /// A pool in which `slots` runs of code go on at once; at least one.
    #[must_use]
    pub fn new(environments: Vec<Environment>, slots: usize) -> Self {
        let slots = slots.max(1);
        let places = Arc::new(Slots::new(slots));
        let session = |mut environment: Environment| {
            environment.set_slots(Some(Arc::clone(&places)));
            let cancel = environment.canceller();
            Mutex::new(Session { environment: Some(environment), cancel, busy: false })
        };
        let shared = Arc::new(Shared {
            sessions: environments.into_iter().map(session).collect(),
            runs: Queue::default(),
            light: Queue::default(),
            replies: Mutex::default(),
            arrived: Condvar::new(),
            recorder: Recorder::new(slots),
            slots: places,
        });
        // Some prepare the next runs and write down the last, while others have the slots.
        let runs = (0..2 * slots + 1).map(|_| worker::start(&shared, |shared| &shared.runs));
        let light = (0..LIGHT).map(|_| worker::start(&shared, |shared| &shared.light));
        let workers = runs.chain(light).collect();
        Self { shared, workers }
    }

    /// How many environments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.sessions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.sessions.is_empty()
    }

    /// Gives an environment a request; its reply comes through [`recv`](Self::recv).
    ///
    /// # Errors
    /// A number that no environment has, or one whose last reply was not yet received.
    pub fn send(&self, id: EnvId, request: Request) -> Result<(), PoolError> {
        let session = self.session(id)?;
        let mut session = lock(session);
        if session.busy {
            return Err(PoolError::Busy(id));
        }
        let Some(mut environment) = session.environment.take() else { return Err(PoolError::Busy(id)) };
        session.busy = true;
        session.cancel = Cancel::default();
        environment.set_canceller(session.cancel.clone());
        lock(&self.shared.replies).open += 1;
        let queue = if request.needs_slot() { &self.shared.runs } else { &self.shared.light };
        queue.push(Job { id, environment, request, cancel: session.cancel.clone(), sent: Instant::now() });
        Ok(())
    }

    /// Waits until `least` replies are there, or no more are to come, or `timeout` is over; returns all that are there.
    pub fn recv(&self, least: usize, timeout: Duration) -> Vec<Reply> {
        let deadline = Instant::now().checked_add(timeout);
        let mut replies = lock(&self.shared.replies);
        while replies.ready.len() < least.min(replies.open) {
            let left = deadline.map_or(Duration::from_secs(3600), |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let woken = self.shared.arrived.wait_timeout(replies, left);
            replies = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        let ready = std::mem::take(&mut replies.ready);
        replies.open -= ready.len();
        drop(replies);
        for reply in &ready {
            lock(&self.shared.sessions[reply.id]).busy = false;
        }
        ready
    }

    /// One call for each environment, in their order; returns their replies in the same order.
    ///
    /// # Errors
    /// Another number of calls, or an environment that is busy. Nothing was sent then.
    pub fn step(&self, calls: Vec<Call>) -> Result<Vec<Reply>, PoolError> {
        let len = self.len();
        if calls.len() != len {
            return Err(PoolError::WrongNumber { calls: calls.len(), len });
        }
        if let Some(id) = (0..len).find(|id| lock(&self.shared.sessions[*id]).busy) {
            return Err(PoolError::Busy(id));
        }
        for (id, call) in calls.into_iter().enumerate() {
            self.send(id, Request::Step(call))?;
        }
        let mut replies = Vec::with_capacity(len);
        while replies.len() < len {
            replies.extend(self.recv(len - replies.len(), Duration::MAX));
        }
        replies.sort_by_key(|reply| reply.id);
        Ok(replies)
    }

    /// Ends an environment's request, whether it waits or runs: its reply is [`EnvError::Cancelled`], unless it was
    /// done before. The environment goes on afterwards. Without a request nothing happens.
    ///
    /// # Errors
    /// A number that no environment has.
    pub fn cancel(&self, id: EnvId) -> Result<(), PoolError> {
        let session = lock(self.session(id)?);
        if session.busy {
            session.cancel.cancel();
        }
        Ok(())
    }

    /// What the pool has done so far.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.shared.recorder.stats(self.shared.slots.busy())
    }

    /// The environments, once all is done; what still waits or runs is cancelled.
    #[must_use]
    pub fn into_environments(mut self) -> Vec<Environment> {
        self.stop();
        let mut environments: Vec<_> =
            self.shared.sessions.iter().filter_map(|session| lock(session).environment.take()).collect();
        environments.iter_mut().for_each(|environment| environment.set_slots(None));
        environments
    }

    fn session(&self, id: EnvId) -> Result<&Mutex<Session>, PoolError> {
        self.shared.sessions.get(id).ok_or(PoolError::NoSuchEnvironment { id, len: self.len() })
    }

    fn stop(&mut self) {
        for session in &self.shared.sessions {
            lock(session).cancel.cancel();
        }
        self.shared.runs.close();
        self.shared.light.close();
        for worker in self.workers.drain(..) {
            // A worker that panicked has told so on stderr; there is nothing left to do for it.
            let _ = worker.join();
        }
    }
}

impl Drop for EnvPool {
    fn drop(&mut self) {
        self.stop();
    }
}
