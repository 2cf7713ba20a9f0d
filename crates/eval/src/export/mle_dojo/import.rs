//! MLE-Dojo's files as an episode.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mledojo_agents::llm::{self, Usage};
use mledojo_agents::{CallRecord, Purpose};
use mledojo_catalog::{Placing, Spec, Standing};
use mledojo_env::{
    ActionStatus, Artifacts, Budget, Call, EnvConfig, EpisodeHeader, Failure, Feedback, Grade, Judging, Observation,
    RewardMode, StepInfo, StepRecord,
};
use mledojo_metrics::Protocol;
use mledojo_sandbox::SandboxRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;

use super::files::{
    ActionEntry, FAILED, FeedbackEntry, HISTORY, History, Message, Position, PositionScore, Speaker, TRAJECTORY,
};
use crate::export::dataset::new_folder;
use crate::export::error::ExportError;

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// The competition's slug.
    pub competition: String,
    /// Steps of the episode.
    pub steps: u64,
    /// Answers of the model in the conversation.
    pub answers: u64,
    /// The folder of the episode.
    pub episode: PathBuf,
}

/// Makes an episode of the `env_history.json` in a folder, with the conversation of its `agent_trajectory.json` if it is there.
///
/// What MLE-Dojo did not write down stays unsaid: there are no submissions and no settings, code is known where the
/// conversation holds it, the budget counts as used up after the last step, and medals are not awarded. The episode names
/// `mle-dojo` as its sandbox, not isolated, so that nothing goes on with it or replays it.
///
/// # Errors
/// Files that are missing, of another schema, or that contradict each other; each names the file and the place.
pub fn import_mle_dojo(directory: &Path, out: &Path) -> Result<ImportSummary, ExportError> {
    let history_file = directory.join(HISTORY);
    let history: History = read(&history_file)?;
    if !Spec::is_slug(&history.competition) {
        return Err(ExportError::field(&history_file, "competition", format!("`{}` is no slug", history.competition)));
    }
    let created_at = time(&history_file, "created_at", &history.created_at)?;
    let conversation_file = directory.join(TRAJECTORY);
    let messages: Vec<Message> = if conversation_file.is_file() { read(&conversation_file)? } else { Vec::new() };
    let answers = Answers::align(&conversation_file, &messages, &history.actions)?;
    let mut steps = Vec::with_capacity(history.actions.len());
    let (mut grades, mut latest, mut best) = (Vec::new(), None, None);
    for (place, entry) in history.actions.iter().enumerate() {
        let call = answers.call(place).unwrap_or_else(|| known_call(entry, &history));
        let importing = Importing { file: &history_file, place, entry, created_at };
        let grade = importing.grade()?;
        latest = grade.clone().or(latest);
        if is_better(grade.as_ref(), best.as_ref()) {
            best.clone_from(&grade);
        }
        steps.push(importing.record(call, latest.clone(), best.clone())?);
        grades.push(grade);
    }
    let reward = reward_mode(&history_file, &history, &grades)?;
    for (step, grade) in steps.iter_mut().zip(&grades) {
        step.reward = grade.as_ref().map_or(0.0, |grade| match reward {
            RewardMode::Raw => grade.raw_score,
            _ => grade.standing.human_rank,
        });
    }
    if let Some(last) = steps.last_mut() {
        last.truncated = true;
        last.info.outcome_reward = Some(best.as_ref().map_or(0.0, |grade: &Grade| grade.standing.human_rank));
    }
    new_folder(out)?;
    write_steps(out, &steps)?;
    answers.write(out, &messages)?;
    // The header comes last: without it there is no episode.
    write_header(out, &header(&history, created_at, reward))?;
    Ok(ImportSummary {
        competition: history.competition,
        steps: steps.len() as u64,
        answers: answers.places.len() as u64,
        episode: out.to_owned(),
    })
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, ExportError> {
    let text = std::fs::read(file).map_err(|error| ExportError::io("read", file, error))?;
    serde_json::from_slice(&text).map_err(|error| ExportError::line(file, error.line(), error.to_string()))
}

/// A time as Python writes it, without a zone, or with one. Without one it counts as UTC.
fn time(file: &Path, field: &str, text: &str) -> Result<Timestamp, ExportError> {
    let zoned = text.parse::<Timestamp>();
    let parsed = zoned.or_else(|_| TimeZone::UTC.to_timestamp(text.parse::<DateTime>()?));
    parsed.map_err(|error| ExportError::field(file, field, format!("`{text}` is no ISO 8601 time: {error}")))
}

/// The answers of the conversation, each beside the action that came of it.
struct Answers {
    /// Where the answers stand in the conversation.
    places: Vec<usize>,
    /// What each says as an action, if it is one.
    calls: Vec<Option<Call>>,
    /// Answers that came before the first action, such as those of an example that the conversation began with.
    before: usize,
}

impl Answers {
    fn align(file: &Path, messages: &[Message], actions: &[ActionEntry]) -> Result<Self, ExportError> {
        let is_answer = |(_, message): &(usize, &Message)| message.role == Speaker::Assistant;
        let places: Vec<usize> = messages.iter().enumerate().filter(is_answer).map(|(place, _)| place).collect();
        let calls: Vec<Option<Call>> = places.iter().map(|place| parse(&messages[*place].content)).collect();
        if places.is_empty() {
            return Ok(Self { places, calls, before: 0 });
        }
        let fits = |before: usize| {
            // An answer that was no action was repaired out of sight; any action may have come of it.
            actions
                .iter()
                .zip(&calls[before..])
                .all(|(entry, call)| call.as_ref().is_none_or(|call| call.action == entry.action))
        };
        let offsets = 0..=places.len().saturating_sub(actions.len());
        match offsets.into_iter().find(|before| calls.len() >= before + actions.len() && fits(*before)) {
            Some(before) => Ok(Self { places, calls, before }),
            None => {
                let reason = format!(
                    "its {} answers are not those that led to the {} actions of `{HISTORY}`",
                    places.len(),
                    actions.len()
                );
                Err(ExportError::line(file, 1, reason))
            }
        }
    }

    /// The call of an action, as its answer has it.
    fn call(&self, action: usize) -> Option<Call> {
        self.calls.get(self.before + action)?.clone()
    }

    /// Writes the conversation as a transcript: a line for each answer.
    fn write(&self, out: &Path, messages: &[Message]) -> Result<(), ExportError> {
        if self.places.is_empty() {
            return Ok(());
        }
        let file = out.join("transcript.jsonl");
        let failed = |error| ExportError::io("write", &file, error);
        let mut lines = Vec::new();
        let mut told = 0;
        for (index, &place) in self.places[self.before..].iter().enumerate() {
            let record = CallRecord {
                index,
                step: index as u64,
                purpose: Purpose::Act,
                node: None,
                parent: None,
                keep: told,
                append: messages[told..place].iter().map(message).collect(),
                reply: Some(message(&messages[place])),
                error: None,
                finish: None,
                // Nobody counted them.
                usage: Usage { estimated: true, ..Usage::default() },
                cost_usd: None,
                latency_seconds: 0.0,
                waited_seconds: 0.0,
                model: String::new(),
                logprobs: None,
            };
            serde_json::to_writer(&mut lines, &record).map_err(|error| failed(error.into()))?;
            lines.push(b'\n');
            told = place + 1;
        }
        std::fs::write(&file, lines).map_err(failed)
    }
}

fn message(message: &Message) -> llm::Message {
    match message.role {
        Speaker::User => llm::Message::user(&message.content),
        Speaker::Assistant => llm::Message::assistant(&message.content),
    }
}

/// An answer as an action: JSON, in a fence or bare.
fn parse(content: &str) -> Option<Call> {
    let text = content.trim();
    let fenced = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    let text = fenced.and_then(|text| text.strip_suffix("```")).unwrap_or(text);
    serde_json::from_str(text.trim()).ok()
}

/// What is known of a call without its answer.
fn known_call(entry: &ActionEntry, history: &History) -> Call {
    let mut params = Map::new();
    if let Some(info_type) = entry.result["data"].as_object().and_then(|data| data.keys().next())
        && entry.action == "request_info"
    {
        params.insert("info_type".to_owned(), info_type.as_str().into());
    }
    let score = entry.result["submission"]["raw_score"].as_f64();
    let is_best = score.is_some() && score == history.best_raw_score;
    if let (true, Some(code)) = (is_best, &history.best_code) {
        params.insert("code".to_owned(), code.as_str().into());
    }
    Call { action: entry.action.clone(), params }
}

/// An action on its way to a step.
struct Importing<'a> {
    file: &'a Path,
    place: usize,
    entry: &'a ActionEntry,
    created_at: Timestamp,
}

impl Importing<'_> {
    /// `reward` is left at 0.
    fn record(&self, call: Call, current: Option<Grade>, best: Option<Grade>) -> Result<StepRecord, ExportError> {
        let entry = self.entry;
        let step = self.place as u64 + 1;
        let at = time(self.file, &self.field("timestamp"), &entry.timestamp)?;
        let failed = entry.result["status"] == FAILED || entry.result["syntax"]["status"] == FAILED;
        let mut history = format!("{step} steps taken");
        if let Some(best) = &best {
            let (raw, rank) = (best.raw_score, best.standing.human_rank);
            history.push_str(&format!(", best raw score {raw} (HumanRank {rank:.4})"));
        }
        Ok(StepRecord {
            step,
            at: at.to_string(),
            elapsed_seconds: (at.as_duration() - self.created_at.as_duration()).as_secs_f64().max(0.0),
            call,
            reward: 0.0,
            terminated: false,
            truncated: false,
            observation: Observation {
                step,
                action_status: if failed { ActionStatus::Failed } else { ActionStatus::Success },
                feedback: entry.feedback.iter().map(|(name, said)| (name.clone(), self.feedback(said))).collect(),
                current,
                best,
                steps_left: None,
                seconds_left: None,
                history,
            },
            info: StepInfo { failure: failed.then(|| self.failure()), ..StepInfo::default() },
            artifacts: Artifacts::default(),
        })
    }

    fn field(&self, name: &str) -> String {
        format!("actions[{}].{name}", self.place)
    }

    fn feedback(&self, said: &FeedbackEntry) -> Feedback {
        let text = said.feedback.as_ref().or(said.error.as_ref()).cloned().unwrap_or_default();
        Feedback { text, data: self.entry.result.clone() }
    }

    fn failure(&self) -> Failure {
        match self.entry.action.as_str() {
            "request_info" => Failure::Info,
            "validate_code" | "execute_code" if self.entry.result["syntax"]["status"] == FAILED => Failure::Syntax,
            "execute_code" if self.entry.result["submission"]["status"] == FAILED => Failure::SubmissionInvalid,
            "validate_code" | "execute_code" => Failure::Run,
            _ => Failure::Custom,
        }
    }

    /// The grade in a result, if there is one.
    fn grade(&self) -> Result<Option<Grade>, ExportError> {
        let submission = &self.entry.result["submission"];
        let Some(raw_score) = submission["raw_score"].as_f64() else { return Ok(None) };
        let field = self.field("result.submission.position_score");
        let position: PositionScore = serde_json::from_value(submission["position_score"].clone())
            .map_err(|error| ExportError::field(self.file, field, error.to_string()))?;
        let placing = |place: Position| Placing {
            position: place.position,
            teams: place.total,
            human_rank: place.position_score,
        };
        let standing = Standing {
            human_rank: position.avg_score,
            public: position.public.map(placing),
            private: position.private.map(placing),
            medal: None,
        };
        let note = submission["details"].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Some(Grade { raw_score, standing, note }))
    }
}

/// By HumanRank, since the files don't say whether more or less of the raw score is better.
fn is_better(grade: Option<&Grade>, best: Option<&Grade>) -> bool {
    let rank = |grade: &Grade| grade.standing.human_rank;
    grade.is_some_and(|grade| best.is_none_or(|best| rank(grade) > rank(best)))
}

/// The rewards that sum up to the total: position scores, or raw scores.
fn reward_mode(file: &Path, history: &History, grades: &[Option<Grade>]) -> Result<RewardMode, ExportError> {
    let sum = |value: fn(&Grade) -> f64| grades.iter().flatten().map(value).sum::<f64>();
    let (positions, raw) = (sum(|grade| grade.standing.human_rank), sum(|grade| grade.raw_score));
    let is = |sum: f64| (sum - history.total_reward).abs() <= 1e-6 * history.total_reward.abs().max(1.0);
    if is(positions) {
        return Ok(RewardMode::HumanRank);
    }
    if is(raw) {
        return Ok(RewardMode::Raw);
    }
    let reason = format!(
        "it is {}, but the actions' position scores sum up to {positions} and their raw scores to {raw}",
        history.total_reward
    );
    Err(ExportError::field(file, "total_reward", reason))
}

fn header(history: &History, created_at: Timestamp, reward: RewardMode) -> EpisodeHeader {
    EpisodeHeader {
        format: EpisodeHeader::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: created_at.to_string(),
        competition: history.competition.clone(),
        data: PathBuf::new(),
        agent: "mle-dojo".to_owned(),
        seed: 0,
        judging: Judging { protocol: Protocol::MleDojo, public_fraction: 1.0 },
        config: EnvConfig { budget: Budget { steps: None, seconds: None }, reward, ..EnvConfig::default() },
        sandbox: SandboxRecord { name: "mle-dojo".to_owned(), isolated: false, image: None },
        interpreter: PathBuf::new(),
        runtime: Default::default(),
    }
}

fn write_steps(out: &Path, steps: &[StepRecord]) -> Result<(), ExportError> {
    let file = out.join("steps.jsonl");
    let write = || {
        let mut writer = BufWriter::new(File::create(&file)?);
        for step in steps {
            serde_json::to_writer(&mut writer, step)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()
    };
    write().map_err(|error| ExportError::io("write", &file, error))
}

fn write_header(out: &Path, header: &EpisodeHeader) -> Result<(), ExportError> {
    let file = out.join("episode.json");
    let write = || std::fs::write(&file, serde_json::to_vec_pretty(header)?);
    write().map_err(|error| ExportError::io("write", &file, error))
}
