//! Interpreters and jails at hand, and the threads that make more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::level::Level;
use super::zygote::{self, Zygote};
use crate::interpreter::Interpreter;
use crate::namespace::{Blank, NamespaceSandbox, Nursery, SealedExecutable};
use crate::preload::Preload;

/// Variables that an interpreter has from its start on.
pub(super) type Variables = BTreeMap<String, String>;
/// By which interpreters differ.
pub(super) type Key = (Level, Variables);

/// How many of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Jails kept ready for each interpreter.
    pub(super) spares: usize,
    /// Forks of one interpreter before another takes its place.
    pub(super) forks: u64,
}

/// Sets of variables for which interpreters are kept at once.
const KEPT: usize = 2;
/// Jails that may fail to be made, one after the other, before no more are tried.
const FAILURES: u32 = 3;
/// How long after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// What is shared by those who run jobs and those who make jails.
pub(super) struct Shared {
    pub(super) cold: NamespaceSandbox,
    pub(super) interpreter: Interpreter,
    pub(super) preload: Preload,
    pub(super) executable: SealedExecutable,
    pub(super) plan: Plan,
    state: Mutex<State>,
    /// Told of every change that makers wait for.
    changed: Condvar,
    /// Where jails are made; `None` inside: by the program itself.
    nursery: OnceLock<Option<Nursery>>,
    /// Jails can be waited for by the process alone that made them.
    owner: u32,
}

#[derive(Default)]
struct State {
    stocks: Vec<Stock>,
    starting: BTreeSet<Key>,
    makers: Vec<JoinHandle<()>>,
    notes: Vec<String>,
    /// Why none could be started; not tried again.
    broken: Option<String>,
    cold_reason: Option<String>,
    ended: bool,
}

/// One interpreter, and jails that its forks have entered. They outlive it.
struct Stock {
    key: Key,
    zygote: Arc<Zygote>,
    blanks: VecDeque<Blank>,
    making: usize,
    failures: u32,
    not_before: Option<Instant>,
}

impl Shared {
    pub(super) fn new(
        cold: NamespaceSandbox,
        interpreter: Interpreter,
        preload: Preload,
        executable: SealedExecutable,
        plan: Plan,
    ) -> Self {
        let (state, changed, nursery) = (Mutex::default(), Condvar::new(), OnceLock::new());
        Self { cold, interpreter, preload, executable, plan, state, changed, nursery, owner: std::process::id() }
    }

    /// Whether this is the process that the sandbox was made in, and not a fork of it.
    pub(super) fn is_owner(&self) -> bool {
        std::process::id() == self.owner
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cold_reason(&self) -> Option<String> {
        self.state().cold_reason.clone()
    }

    pub(super) fn set_cold_reason(&self, reason: String) {
        let mut state = self.state();
        if state.cold_reason.as_ref() != Some(&reason) {
            log::info!("a run starts a new interpreter: {reason}");
        }
        state.cold_reason = Some(reason);
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.state().notes.clone()
    }

    pub(super) fn interpreters(&self) -> Vec<u32> {
        let state = self.state();
        state.stocks.iter().filter(|stock| stock.zygote.is_alive()).map(|stock| stock.zygote.pid()).collect()
    }

    /// The first processes of the jails that wait.
    pub(super) fn jails(&self) -> Vec<u32> {
        self.state().stocks.iter().flat_map(|stock| stock.blanks.iter().map(Blank::pid)).collect()
    }

    /// A jail for a job: one that waits, or else a new one. `None`: the interpreter is still importing.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn blank(self: &Arc<Self>, key: &Key, in_background: bool) -> Result<Option<Blank>, String> {
        if let Some(blank) = self.waiting(key) {
            return Ok(Some(blank));
        }
        let Some(zygote) = self.zygote(key, in_background)? else { return Ok(None) };
        // Those that are being made are somebody else's by the time that they are done.
        let made = self.make_blank(&zygote);
        made.map(Some).map_err(|error| {
            if error.kind() == io::ErrorKind::TimedOut {
                zygote.kill();
            }
            format!("a jail for the warm interpreter cannot be made: {error}")
        })
    }

    fn make_blank(&self, zygote: &Zygote) -> io::Result<Blank> {
        let nursery = self.nursery.get_or_init(|| {
            let started = Nursery::start(&self.cold);
            started.inspect_err(|error| log::warn!("a process that makes jails cannot be started: {error}")).ok()
        });
        Blank::make(&self.cold, nursery.as_ref(), &|jail| zygote.fork(&jail))
    }

    /// A jail that waits.
    fn waiting(&self, key: &Key) -> Option<Blank> {
        let mut state = self.state();
        let stock = state.stocks.iter_mut().find(|stock| stock.key == *key)?;
        let (mut dead, mut found) = (Vec::new(), None);
        while let Some(blank) = stock.blanks.pop_front() {
            if blank.is_alive() {
                found = Some(blank);
                break;
            }
            dead.push(blank);
        }
        drop(state);
        self.changed.notify_all();
        found
    }

    /// The interpreter for a key, started if there is none. `None`: it is being started.
    pub(super) fn zygote(self: &Arc<Self>, key: &Key, in_background: bool) -> Result<Option<Arc<Zygote>>, String> {
        let mut state = self.state();
        if let Some(reason) = &state.broken {
            return Err(reason.clone());
        }
        let at_hand = state.stocks.iter().find(|stock| stock.key == *key && stock.zygote.is_alive());
        if let Some(zygote) = at_hand.map(|stock| Arc::clone(&stock.zygote)) {
            if zygote.forks() >= self.plan.forks {
                self.start_in_background(&mut state, key);
            }
            return Ok(Some(zygote));
        }
        let others = state.stocks.iter().filter(|stock| stock.key.0 == key.0 && stock.key != *key).count();
        if others >= KEPT {
            return Err("the job's variables differ from those of the interpreters that are kept".into());
        }
        if in_background {
            self.start_in_background(&mut state, key);
            return Ok(None);
        }
        // Under the lock: whoever comes meanwhile needs the same interpreter.
        let started = self.launch(key);
        self.keep(&mut state, key, started).map(Some)
    }

    fn start_in_background(self: &Arc<Self>, state: &mut State, key: &Key) {
        if !state.starting.insert(key.clone()) {
            return;
        }
        let (shared, starting) = (Arc::clone(self), key.clone());
        let starter = std::thread::Builder::new().name("warm start".into()).spawn(move || {
            let started = shared.launch(&starting);
            let mut state = shared.state();
            state.starting.remove(&starting);
            let _ = shared.keep(&mut state, &starting, started);
        });
        if starter.is_err() {
            state.starting.remove(key);
        }
    }

    fn launch(&self, (level, variables): &Key) -> Started {
        let entry = self.cold.entry().map_err(|error| io::Error::other(error.to_string()))?;
        zygote::start(&self.executable, &self.interpreter, variables, level.modules(&self.preload), &entry)
    }

    /// Remembers the interpreter for this key, or why there is none.
    fn keep(self: &Arc<Self>, state: &mut State, key: &Key, started: Started) -> Result<Arc<Zygote>, String> {
        let (zygote, notes) = started.map_err(|error| {
            let reason = format!("a warm interpreter cannot be started: {error}");
            log::warn!("{reason}; each run starts a new interpreter instead");
            state.broken = Some(reason.clone());
            reason
        })?;
        let zygote = Arc::new(zygote);
        if state.ended {
            return Ok(zygote);
        }
        if key.0 == Level::Full || state.notes.is_empty() {
            state.notes = notes;
        }
        let blanks = match state.stocks.iter().position(|stock| stock.key == *key) {
            Some(place) => state.stocks.swap_remove(place).blanks,
            None => VecDeque::new(),
        };
        let stock =
            Stock { key: key.clone(), zygote: Arc::clone(&zygote), blanks, making: 0, failures: 0, not_before: None };
        state.stocks.push(stock);
        self.hire(state);
        self.changed.notify_all();
        Ok(zygote)
    }

    /// Starts the threads that make jails, one for each two of a stock.
    fn hire(self: &Arc<Self>, state: &mut State) {
        for _ in state.makers.len()..self.plan.spares.div_ceil(2) {
            let shared = Arc::clone(self);
            if let Ok(maker) = std::thread::Builder::new().name("jail maker".into()).spawn(move || shared.make()) {
                state.makers.push(maker);
            }
        }
    }

    /// Keeps stocks full. Jails end with the thread that made them, so this one stays until there is no more to do.
    fn make(&self) {
        let mut state = self.state();
        while !state.ended {
            let now = Instant::now();
            let lacking = state.stocks.iter_mut().find(|stock| stock.lacks(self.plan.spares, now));
            let Some(stock) = lacking else {
                state = self.changed.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            };
            stock.making += 1;
            let zygote = Arc::clone(&stock.zygote);
            drop(state);
            let made = self.make_blank(&zygote);
            if made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
                zygote.kill();
            }
            state = self.state();
            let Some(stock) = state.stocks.iter_mut().find(|stock| Arc::ptr_eq(&stock.zygote, &zygote)) else {
                continue;
            };
            stock.making -= 1;
            match made {
                Ok(blank) => {
                    stock.failures = 0;
                    stock.blanks.push_back(blank);
                }
                Err(error) => {
                    stock.failures += 1;
                    stock.not_before = Some(Instant::now() + PAUSE);
                    if stock.failures == FAILURES && stock.zygote.is_alive() {
                        let reason = format!("jails for warm interpreters cannot be made: {error}");
                        log::warn!("{reason}; each run starts a new interpreter instead");
                        state.broken = Some(reason);
                    }
                }
            }
        }
    }

    /// Ends all that waits, and the threads.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        let (makers, stocks) = (std::mem::take(&mut state.makers), std::mem::take(&mut state.stocks));
        drop(state);
        self.changed.notify_all();
        drop(stocks);
        for maker in makers {
            let _ = maker.join();
        }
    }

    /// In a fork of the process that made this: nothing here is its own, so nothing is ended.
    pub(super) fn forget(&self) {
        if let Ok(mut state) = self.state.try_lock() {
            std::mem::forget(std::mem::take(&mut *state));
        }
    }
}

impl Stock {
    fn lacks(&self, spares: usize, now: Instant) -> bool {
        self.blanks.len() + self.making < spares
            && self.failures < FAILURES
            && self.not_before.is_none_or(|then| now >= then)
            && self.zygote.is_alive()
    }
}

/// An interpreter, and what it could not import.
type Started = io::Result<(Zygote, Vec<String>)>;
