//! The environment: one step, top to bottom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use mledojo_sandbox::{Cancel, Runtime};
use serde_json::{Value, json};

use crate::action::{ACTION_NAMES, Action, Call, shortened};
use crate::budget::EpisodeClock;
use crate::code::{CodeRun, Purpose};
use crate::competition::PreparedCompetition;
use crate::config::EnvConfig;
use crate::custom::{CustomAction, CustomActions, CustomContext};
use crate::engine::Engine;
use crate::episode::{Artifacts, Episode, EpisodeHeader, EpisodeLog, LONGEST_IN_LINE, StepRecord};
use crate::error::EnvError;
use crate::feedback::{Feedback, FeedbackContext, FeedbackProviders};
use crate::grade::Grade;
use crate::info::InfoProviders;
use crate::observation::{ActionStatus, Observation};
use crate::result::{ActionResult, Refusal};
use crate::slots::Slots;
use crate::state::State;
use crate::step::{StepInfo, StepResult};
use crate::workspace::Workspace;

/// A competition as a Gym-style environment.
///
/// [`reset`](Self::reset) begins an episode and [`step`](Self::step) carries out one call of the agent. A step is on
/// disk before it returns; [`resume`](Self::resume) goes on with an episode that was interrupted. Whatever the agent
/// does wrong is an observation with status `FAILED`; an `Err` is a fault of the host, and the step did not happen.
pub struct Environment {
    competition: Arc<PreparedCompetition>,
    engine: Arc<Engine>,
    config: EnvConfig,
    info: InfoProviders,
    feedback: FeedbackProviders,
    custom: CustomActions,
    cancel: Cancel,
    slots: Option<Arc<Slots>>,
    /// How long the last step waited for a slot.
    waited: Duration,
    playing: Option<Playing>,
}

/// An episode that is being played.
struct Playing {
    seed: u64,
    log: EpisodeLog,
    workspace: Workspace,
    clock: EpisodeClock,
    state: State,
}

/// How an episode begins.
#[derive(Debug, Clone)]
pub struct ResetOptions {
    /// A new or empty folder for the episode.
    pub directory: PathBuf,
    /// Seed for the agent and for its code (`MLEDOJO_SEED`).
    pub seed: u64,
    /// The agent's name, for the record.
    pub agent: String,
}

/// What came of an action, with what it left behind.
struct Performed {
    result: ActionResult,
    info: StepInfo,
    artifacts: Artifacts,
}

impl From<ActionResult> for Performed {
    fn from(result: ActionResult) -> Self {
        Self { result, info: StepInfo::default(), artifacts: Artifacts::default() }
    }
}

impl Environment {
    /// An environment of a competition. No episode has begun yet.
    #[must_use]
    pub fn new(competition: Arc<PreparedCompetition>, engine: Arc<Engine>, config: EnvConfig) -> Self {
        let info = InfoProviders::new(engine.sandbox().paths());
        Self {
            competition,
            engine,
            config,
            info,
            feedback: FeedbackProviders::default(),
            custom: CustomActions::default(),
            cancel: Cancel::default(),
            slots: None,
            waited: Duration::ZERO,
            playing: None,
        }
    }

    /// The types of information, to register more.
    pub fn info_providers(&mut self) -> &mut InfoProviders {
        &mut self.info
    }

    /// The feedback providers, to register more.
    pub fn feedback_providers(&mut self) -> &mut FeedbackProviders {
        &mut self.feedback
    }

    /// Registers an action of one's own.
    ///
    /// # Errors
    /// The name of a built-in action.
    pub fn register_action(&mut self, name: impl Into<String>, action: Box<dyn CustomAction>) -> Result<(), String> {
        self.custom.register(name.into(), action)
    }

    /// Ends the run in progress from another thread. The step fails with [`EnvError::Cancelled`] and is not recorded.
    #[must_use]
    pub fn canceller(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Takes another handle for [`canceller`](Self::canceller): one that was used stays used, and one that several
    /// environments have ends them all.
    pub fn set_canceller(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// Lets code run only in one of these slots. Waiting for one isn't charged to the episode's budget.
    pub fn set_slots(&mut self, slots: Option<Arc<Slots>>) {
        self.slots = slots;
    }

    /// How long the last step waited for its slot, of which its episode's budget was not charged; told once.
    pub(crate) fn take_waited(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }

    /// Time that the episode's budget is not charged for.
    pub(crate) fn exclude_from_budget(&mut self, time: Duration) {
        if let Some(playing) = &mut self.playing {
            playing.clock.exclude(time);
        }
    }

    /// The competition.
    #[must_use]
    pub fn competition(&self) -> &Arc<PreparedCompetition> {
        &self.competition
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &EnvConfig {
        &self.config
    }

    /// Begins an episode.
    ///
    /// # Errors
    /// A folder that cannot be made or is not empty.
    pub fn reset(&mut self, options: ResetOptions) -> Result<Observation, EnvError> {
        self.playing = None;
        let (interpreter, runtime) = self.python();
        let header = EpisodeHeader {
            format: EpisodeHeader::FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: Timestamp::now().to_string(),
            competition: self.competition.spec().slug.clone(),
            data: self.competition.data().root().to_owned(),
            agent: options.agent,
            seed: options.seed,
            judging: self.competition.judge().judging(),
            config: self.config.clone(),
            sandbox: self.engine.sandbox().record(),
            interpreter,
            runtime,
        };
        let log = EpisodeLog::create(&options.directory, &header)?;
        self.play(&options.directory, options.seed, log, State::default())
    }

    /// Goes on with the episode in a folder: after its last finished step, with its settings and what is left of its
    /// budget. Returns the observation of that step, or the first one.
    ///
    /// # Errors
    /// No episode there, one of another competition, or one that another process is playing.
    pub fn resume(&mut self, directory: &Path) -> Result<Observation, EnvError> {
        self.playing = None;
        let episode = Episode::open(directory)?;
        let slug = &self.competition.spec().slug;
        if episode.header.competition != *slug {
            let reason = format!("its competition is `{}`, not `{slug}`", episode.header.competition);
            return Err(EnvError::Episode { directory: directory.to_owned(), reason });
        }
        if episode.header.judging != self.competition.judge().judging() {
            let reason = "its submissions are judged in another way: make the competition by its header's `judging`";
            return Err(EnvError::Episode { directory: directory.to_owned(), reason: reason.to_owned() });
        }
        if episode.header.sandbox.isolated && !self.engine.sandbox().record().isolated {
            let reason = format!(
                "its code ran in the `{}` sandbox, so it can't go on without isolation",
                episode.header.sandbox.name
            );
            return Err(EnvError::Episode { directory: directory.to_owned(), reason });
        }
        let mut log = EpisodeLog::open(directory)?;
        let mut state = State::default();
        let mut last = None;
        let mut steps = episode.steps()?;
        for record in &mut steps {
            let record = record?;
            state.apply(&record);
            last = Some(record.observation);
        }
        log.truncate(steps.whole_bytes())?;
        self.config = episode.header.config;
        let first = self.play(directory, episode.header.seed, log, state)?;
        Ok(last.unwrap_or(first))
    }

    /// The Python that runs the agent's code, and the versions of what it has.
    fn python(&self) -> (PathBuf, BTreeMap<String, String>) {
        match self.engine.sandbox().own_python() {
            Some(python) => (python.executable.clone(), python.versions.clone()),
            None => {
                let runtime = self.engine.runtime();
                (runtime.interpreter().executable.clone(), versions(runtime))
            }
        }
    }

    fn play(&mut self, directory: &Path, seed: u64, log: EpisodeLog, state: State) -> Result<Observation, EnvError> {
        let workspace = Workspace::open(directory, state.step)?;
        let clock = EpisodeClock::start(state.elapsed);
        self.playing = Some(Playing { seed, log, workspace, clock, state });
        self.first_observation()
    }

    /// What the agent saw, or sees, before its first step: the whole budget is left, so that it is the same whenever it
    /// is asked for.
    ///
    /// # Errors
    /// No episode.
    pub fn first_observation(&self) -> Result<Observation, EnvError> {
        if self.playing.is_none() {
            return Err(EnvError::NotReset);
        }
        let mut actions: Vec<String> = ACTION_NAMES.map(str::to_owned).to_vec();
        actions.extend(self.custom.names());
        let info_types = self.info.types();
        let spec = self.competition.spec();
        let text = format!(
            "Competition `{}`: {}\nActions: {}\nInformation: {}",
            spec.slug,
            spec.title,
            actions.join(", "),
            info_types.join(", ")
        );
        let data = json!({ "status": "SUCCESS", "actions": actions, "info_types": info_types });
        let feedback = [("base".to_owned(), Feedback { text, data })].into();
        let steps_left = self.config.budget.steps_left(0);
        let seconds_left = self.config.budget.seconds_left(Duration::ZERO);
        Ok(Observation {
            step: 0,
            action_status: ActionStatus::Success,
            feedback,
            current: None,
            best: None,
            steps_left,
            seconds_left,
            history: history(0, None, steps_left, seconds_left),
        })
    }

    /// Time of the episode's clock; `None` before one begins.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.playing.as_ref().map(|playing| playing.clock.elapsed())
    }

    /// Whether the episode has ended, as `(terminated, truncated)`; `None` while it goes on or before one begins.
    #[must_use]
    pub fn ended(&self) -> Option<(bool, bool)> {
        self.playing.as_ref().and_then(|playing| playing.state.ended)
    }

    /// Carries out one call of the agent.
    ///
    /// # Errors
    /// No episode, a cancelled run, or a fault of the host such as a full disk. The step then did not happen.
    pub fn step(&mut self, call: Call) -> Result<StepResult, EnvError> {
        let started = Instant::now();
        self.waited = Duration::ZERO;
        let mut playing = self.playing.take().ok_or(EnvError::NotReset)?;
        let stepped = self.step_in(&mut playing, call, started);
        self.playing = Some(playing);
        stepped
    }

    fn step_in(&mut self, playing: &mut Playing, call: Call, started: Instant) -> Result<StepResult, EnvError> {
        let (action, mut performed) = match self.admit(playing, call.clone()) {
            Ok(action) => {
                let performed = self.perform(playing, &action).or_else(|error| playing.undo(error))?;
                (Some(action), performed)
            }
            Err(refusal) => (None, ActionResult::Refused(refusal).into()),
        };

        let direction = self.competition.spec().metric.direction;
        let result = &performed.result;
        let best_before = playing.state.best.as_ref().map(|best| best.grade.standing.human_rank);
        let reward = result.grade().map_or(0.0, |grade| self.config.reward.reward(grade, best_before, direction));
        let best = playing.state.best_with(result.grade(), direction).cloned();
        let current = match (result.grade(), result) {
            (Some(grade), _) => Some(grade.clone()),
            (None, ActionResult::Reset) => None,
            (None, _) => playing.state.current.as_ref().map(|current| current.grade.clone()),
        };
        let status = if result.failure().is_none() { ActionStatus::Success } else { ActionStatus::Failed };
        let asked = Instant::now();
        let feedback = self.feedback.all(FeedbackContext {
            spec: self.competition.spec(),
            action: action.as_ref(),
            result,
            best: best.as_ref(),
        });
        // What reviewers take is not the agent's time.
        let reviewing = asked.elapsed();
        playing.clock.exclude(reviewing);

        if let Some((terminated, truncated)) = playing.state.ended {
            let observation = playing.observe(&self.config, playing.state.step, status, feedback, current, best);
            let info = StepInfo { failure: result.failure(), ..StepInfo::default() };
            return Ok(StepResult { observation, reward: 0.0, terminated, truncated, info });
        }

        let elapsed = playing.clock.elapsed();
        let taken = playing.state.step + 1;
        let terminated = matches!(result, ActionResult::Finish);
        let truncated = !terminated && self.config.budget.is_used_up(taken, elapsed);
        performed.info.failure = result.failure();
        performed.info.seconds = started.elapsed().saturating_sub(self.waited + reviewing).as_secs_f64();
        if terminated || truncated {
            let decisive = playing.state.decisive(best.as_ref(), performed.info.held_out.as_ref());
            performed.info.outcome_reward = Some(decisive.map_or(0.0, |grade| grade.standing.human_rank));
        }
        let observation = playing.observe(&self.config, taken, status, feedback, current, best);

        let record = StepRecord {
            step: taken,
            at: Timestamp::now().to_string(),
            elapsed_seconds: elapsed.as_secs_f64(),
            call: recorded(call),
            reward,
            terminated,
            truncated,
            observation,
            info: performed.info,
            artifacts: performed.artifacts,
        };
        playing.log.append(&record).or_else(|error| playing.undo(error))?;
        playing.state.apply(&record);
        playing.workspace.commit();
        let StepRecord { observation, info, .. } = record;
        Ok(StepResult { observation, reward, terminated, truncated, info })
    }

    /// Whether a call may be carried out, as an action.
    fn admit(&self, playing: &Playing, call: Call) -> Result<Action, Refusal> {
        if playing.state.ended.is_some() {
            return Err(Refusal::EpisodeOver);
        }
        if self.config.budget.seconds_left(playing.clock.elapsed()) == Some(0.0) {
            return Err(Refusal::TimeUsedUp);
        }
        let action = call.parse(&self.custom.names()).map_err(Refusal::BadAction)?;
        if let Some(code) = action.code() {
            if code.trim().is_empty() {
                return Err(Refusal::EmptyCode);
            }
            let limit = self.config.max_code_bytes;
            if code.len() > limit {
                return Err(Refusal::CodeTooLong { bytes: code.len(), limit });
            }
        }
        Ok(action)
    }

    fn perform(&mut self, playing: &mut Playing, action: &Action) -> Result<Performed, EnvError> {
        Ok(match action {
            Action::RequestInfo { info_type } => self.request_info(info_type).into(),
            Action::ValidateCode { code } => self.run(playing, code, Purpose::Validate)?,
            Action::ExecuteCode { code } => self.run(playing, code, Purpose::Grade)?,
            Action::GetHistory => ActionResult::History(playing.state.history.lines()).into(),
            Action::Reset => {
                playing.workspace.clear(playing.state.step + 1)?;
                ActionResult::Reset.into()
            }
            Action::Finish => ActionResult::Finish.into(),
            Action::Custom { name, params } => {
                let context = CustomContext {
                    competition: &self.competition,
                    work_dir: playing.workspace.path(),
                    best: playing.state.best.as_ref().map(|best| &best.grade),
                };
                let done = self.custom.get_mut(name).map(|action| action.perform(params, context));
                match done {
                    Some(Ok(Feedback { text, data })) => ActionResult::Custom { text, data }.into(),
                    Some(Err(reason)) => ActionResult::Refused(Refusal::CustomFailed(reason)).into(),
                    None => ActionResult::Refused(Refusal::CustomFailed(format!("`{name}` is gone"))).into(),
                }
            }
        })
    }

    fn request_info(&self, info_type: &str) -> ActionResult {
        match self.info.get(info_type, &self.competition) {
            Some(Ok(value)) => ActionResult::Info { info_type: info_type.to_owned(), value },
            Some(Err(reason)) => ActionResult::Refused(Refusal::InfoFailed { info_type: info_type.to_owned(), reason }),
            None => ActionResult::Refused(Refusal::UnknownInfo {
                info_type: shortened(info_type),
                known: self.info.types(),
            }),
        }
    }

    fn run(&mut self, playing: &mut Playing, code: &str, purpose: Purpose) -> Result<Performed, EnvError> {
        let left = self.config.budget.seconds_left(playing.clock.elapsed());
        let run = CodeRun {
            competition: &self.competition,
            engine: &self.engine,
            slots: self.slots.as_deref(),
            config: &self.config,
            workspace: &mut playing.workspace,
            log: &playing.log,
            step: playing.state.step + 1,
            seed: playing.seed,
            wall: left.map_or(self.config.limits.wall, |left| {
                self.config.limits.wall.min(Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))
            }),
        };
        let done = run.run(code, purpose, &self.cancel)?;
        self.waited = done.waited;
        playing.clock.exclude(done.waited);
        let mut info = StepInfo {
            run: done.run_info,
            held_out: done.held_out,
            submission_sha256: done.sha256,
            ..StepInfo::default()
        };
        info.repeated_submission = info.submission_sha256.as_deref().is_some_and(|sha| playing.state.is_repeat(sha));
        Ok(Performed { result: done.result, info, artifacts: done.artifacts })
    }
}

impl Playing {
    /// After an error in a step: as if the step had not been begun. The error stays one.
    fn undo<T>(&self, error: EnvError) -> Result<T, EnvError> {
        self.workspace.roll_back()?;
        Err(error)
    }

    fn observe(
        &self,
        config: &EnvConfig,
        step: u64,
        action_status: ActionStatus,
        feedback: BTreeMap<String, Feedback>,
        current: Option<Grade>,
        best: Option<Grade>,
    ) -> Observation {
        let steps_left = config.budget.steps_left(step);
        let seconds_left = config.budget.seconds_left(self.clock.elapsed());
        let history = history(step, best.as_ref(), steps_left, seconds_left);
        Observation { step, action_status, feedback, current, best, steps_left, seconds_left, history }
    }
}

/// The episode so far in one short line.
fn history(step: u64, best: Option<&Grade>, steps_left: Option<u64>, seconds_left: Option<f64>) -> String {
    let mut history = format!("{step} steps taken");
    if let Some(best) = best {
        history.push_str(&format!(", best raw score {} (HumanRank {:.4})", best.raw_score, best.standing.human_rank));
    }
    if let Some(left) = steps_left {
        history.push_str(&format!(", {left} steps left"));
    }
    if let Some(left) = seconds_left {
        history.push_str(&format!(", {left:.0} s left"));
    }
    history
}

/// Versions of Python and of its packages.
fn versions(runtime: &Runtime) -> BTreeMap<String, String> {
    let mut versions = runtime.packages().clone();
    versions.insert("python".to_owned(), runtime.python_version().to_owned());
    versions
}

/// The call as the log has it: long code lies in an artifact alone, and a flood of parameters is left out.
fn recorded(mut call: Call) -> Call {
    // Of JSON, in which a character of code may take six bytes.
    const MOST: usize = (64 << 10) + 6 * LONGEST_IN_LINE;
    let runs_code = call.action == "validate_code" || call.action == "execute_code";
    let is_long = |code: &Value| code.as_str().is_some_and(|code| code.len() > LONGEST_IN_LINE);
    if runs_code && call.params.get("code").is_some_and(is_long) {
        call.params.shift_remove("code");
    }
    let bytes = serde_json::to_string(&call.params).map_or(0, |text| text.len());
    if bytes > MOST {
        call.params = [("left_out_bytes".to_owned(), bytes.into())].into_iter().collect();
    }
    call.action = shortened(&call.action);
    call
}
