//! One episode as training sees it: its steps, and the conversations that led to them.

use std::collections::{BTreeSet, HashMap};

use mledojo_agents::Purpose;
use mledojo_env::{
    ACTION_NAMES, ActionStatus, Episode, EpisodeHeader, Failure, Feedback, Grade, Judging, StepRecord, tool_schemas,
};
use serde_json::Value;

use super::chat::{ChatMessage, Role};
use super::conversation::{Answer, Conversation, Transcript, Turn};
use super::error::ExportError;
use super::scrub::{Scrubber, public_name};
use super::source::Source;

/// An episode, clean of the host's paths and keys.
#[derive(Debug)]
pub(crate) struct Trajectory {
    pub(crate) id: String,
    pub(crate) competition: String,
    pub(crate) agent: String,
    pub(crate) model: Option<String>,
    pub(crate) seed: u64,
    pub(crate) judging: Judging,
    pub(crate) created_at: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) conversations: Vec<Conversation>,
    /// The conversations were written from the steps: the episode has no transcript.
    pub(crate) rendered: bool,
    deciding: HashMap<u64, (usize, usize)>,
}

/// A finished step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) number: u64,
    pub(crate) at: String,
    /// The call, as JSON.
    pub(crate) call: Value,
    /// What the agent saw of it.
    pub(crate) observation: String,
    pub(crate) feedback: Value,
    pub(crate) reward: f64,
    pub(crate) terminated: bool,
    pub(crate) truncated: bool,
    pub(crate) failure: Option<Failure>,
    pub(crate) status: ActionStatus,
    /// The grade that this step's submission earned.
    pub(crate) grade: Option<Grade>,
    pub(crate) held_out: Option<Grade>,
    /// It made the best submission so far.
    pub(crate) improved: bool,
    /// It ran code without success, and a later one ran code with it.
    pub(crate) repaired: bool,
}

impl Step {
    pub(crate) fn failed(&self) -> bool {
        self.status == ActionStatus::Failed
    }

    fn runs_code(&self) -> bool {
        matches!(self.call["action"].as_str(), Some("validate_code" | "execute_code"))
    }
}

impl Trajectory {
    /// Reads an episode with what lies beside it.
    pub(crate) fn read(source: &Source) -> Result<Self, ExportError> {
        let episode = source.open()?;
        let header = &episode.header;
        let scrubber = Scrubber::new(header, &source.directory);
        let mut steps = read_steps(&episode, &scrubber)?;
        let outcome = source.outcome()?;
        if let (Some(last), Some(_)) = (steps.last_mut(), &outcome) {
            // A limit on tokens or cost ends an episode between two steps.
            last.truncated |= !last.terminated;
        }
        let transcript = source.transcript.as_deref().map(Transcript::read).transpose()?;
        let rendered = transcript.is_none();
        let Transcript { mut conversations, model } = match transcript {
            Some(transcript) => transcript,
            None => Transcript { conversations: vec![render(header, &steps)], model: None },
        };
        for turn in conversations.iter_mut().flat_map(|conversation| &mut conversation.turns) {
            turn.message.map_texts(|text| scrubber.clean(text));
        }
        Ok(Self {
            id: source.id.clone(),
            competition: header.competition.clone(),
            agent: public_name(&header.agent),
            model: outcome.and_then(|outcome| outcome.model).or(model).map(|model| public_name(&model)),
            seed: header.seed,
            judging: header.judging,
            created_at: header.created_at.clone(),
            steps,
            deciding: deciding(&conversations),
            conversations,
            rendered,
        })
    }

    /// Puts the conversation that calls and observations make in place of those that there are.
    pub(crate) fn render(&mut self, header: &EpisodeHeader) {
        self.conversations = vec![render(header, &self.steps)];
        self.deciding = deciding(&self.conversations);
        self.rendered = true;
    }

    /// Where the answer stands whose call became the step's action: the last one that acts, as (conversation, turn).
    pub(crate) fn deciding(&self, number: u64) -> Option<(usize, usize)> {
        self.deciding.get(&number).copied()
    }

    /// The steps that came of an answer: the first is its own; a model that calls several tools at once has several.
    pub(crate) fn steps_of(&self, turn: &Turn) -> &[Step] {
        let Some(answer) = &turn.answer else { return &[] };
        let Some(first) = usize::try_from(answer.step).ok().and_then(|step| step.checked_sub(1)) else { return &[] };
        let most = if answer.acts() { turn.message.tool_calls.len().max(1) } else { 1 };
        let Some(steps) = self.steps.get(first..) else { return &[] };
        let others = steps.iter().skip(1).take_while(|step| self.deciding(step.number).is_none());
        &steps[..steps.len().min(1 + others.count()).min(most)]
    }

    /// HumanRank of the best submission, by what the agent saw.
    pub(crate) fn best(&self) -> Option<&Grade> {
        self.steps.iter().rev().find(|step| step.improved).and_then(|step| step.grade.as_ref())
    }

    /// The decisive grade: the best submission's on the rows that are held out, if some are.
    pub(crate) fn decisive(&self) -> Option<&Grade> {
        let best = self.steps.iter().rev().find(|step| step.improved)?;
        best.held_out.as_ref().or(best.grade.as_ref())
    }

    /// The tools that a conversation's model had, as OpenAI's schemas in one JSON text; `None` when it called none.
    pub(crate) fn tools(&self, conversation: &Conversation) -> Option<String> {
        if conversation.turns.iter().all(|turn| turn.message.tool_calls.is_empty()) {
            return None;
        }
        // Actions of an environment's own are known where a step was one.
        let taken = self.steps.iter().filter(|step| step.failure != Some(Failure::BadAction));
        let own = taken.filter_map(|step| step.call["action"].as_str()).filter(|name| !ACTION_NAMES.contains(name));
        let own: BTreeSet<String> = own.map(str::to_owned).collect();
        let own: Vec<String> = own.into_iter().collect();
        serde_json::to_string(&tool_schemas(&own, &[])).ok()
    }

    pub(crate) fn total_reward(&self) -> f64 {
        self.steps.iter().map(|step| step.reward).sum()
    }
}

fn deciding(conversations: &[Conversation]) -> HashMap<u64, (usize, usize)> {
    let mut deciding = HashMap::new();
    for (place, conversation) in conversations.iter().enumerate() {
        for (turn, Turn { answer, .. }) in conversation.turns.iter().enumerate() {
            if let Some(answer) = answer.as_ref().filter(|answer| answer.acts()) {
                deciding.insert(answer.step, (place, turn));
            }
        }
    }
    deciding
}

fn read_steps(episode: &Episode, scrubber: &Scrubber) -> Result<Vec<Step>, ExportError> {
    let mut steps = Vec::new();
    let mut best: Option<Grade> = None;
    for record in episode.steps()? {
        let record = record?;
        let improved = record.observation.best != best;
        best.clone_from(&record.observation.best);
        steps.push(step_of(episode, record, improved, scrubber)?);
    }
    let mut runs_later = false;
    for step in steps.iter_mut().rev() {
        step.repaired = step.failed() && runs_later;
        runs_later |= step.runs_code() && !step.failed();
    }
    Ok(steps)
}

fn step_of(episode: &Episode, record: StepRecord, improved: bool, scrubber: &Scrubber) -> Result<Step, ExportError> {
    let call = episode.call(&record)?;
    let observation = record.observation;
    // An episode that was imported has no submissions, but their scores.
    let has_score = |base: &Feedback| base.data["submission"]["raw_score"].is_number();
    let graded = observation.action_status == ActionStatus::Success
        && (record.info.submission_sha256.is_some() || observation.feedback.get("base").is_some_and(has_score));
    let mut call = serde_json::json!({ "action": call.action, "params": call.params });
    clean_texts(&mut call, scrubber);
    let mut feedback = serde_json::json!(observation.feedback);
    clean_texts(&mut feedback, scrubber);
    Ok(Step {
        number: record.step,
        at: record.at,
        call,
        observation: scrubber.clean(&observation.text()),
        feedback,
        reward: record.reward,
        terminated: record.terminated,
        truncated: record.truncated,
        failure: record.info.failure,
        status: observation.action_status,
        grade: observation.current.filter(|_| graded),
        held_out: record.info.held_out,
        improved,
        repaired: false,
    })
}

fn clean_texts(value: &mut Value, scrubber: &Scrubber) {
    match value {
        Value::String(text) => *text = scrubber.clean(text),
        Value::Array(values) => values.iter_mut().for_each(|value| clean_texts(value, scrubber)),
        Value::Object(values) => values.values_mut().for_each(|value| clean_texts(value, scrubber)),
        _ => {}
    }
}

/// The conversation of an agent without a model, as one with a model would have led it: a task, then calls as JSON and
/// observations as text, in turn. The last observation leads to no answer and is left out.
fn render(header: &EpisodeHeader, steps: &[Step]) -> Conversation {
    let mut turns = vec![
        Turn::context(ChatMessage::new(Role::System, INSTRUCTIONS)),
        Turn::context(ChatMessage::new(Role::User, task(header))),
    ];
    for (place, step) in steps.iter().enumerate() {
        let answer =
            Answer { step: step.number, purpose: Purpose::Act, parent: None, provider_tokens: None, logprobs: None };
        let message = ChatMessage::new(Role::Assistant, step.call.to_string());
        turns.push(Turn { message, answer: Some(answer) });
        if place + 1 < steps.len() {
            turns.push(Turn::context(ChatMessage::new(Role::User, step.observation.clone())));
        }
    }
    Conversation { turns }
}

const INSTRUCTIONS: &str = "\
You do machine-learning engineering on a competition. Answer each message with one action as JSON and nothing else:
{\"action\": \"request_info\", \"params\": {\"info_type\": \"overview\"}}
{\"action\": \"validate_code\", \"params\": {\"code\": \"…a whole Python script, run without grading…\"}}
{\"action\": \"execute_code\", \"params\": {\"code\": \"…a whole Python script that writes submission.csv…\"}}
{\"action\": \"get_history\", \"params\": {}}
{\"action\": \"reset\", \"params\": {}}
{\"action\": \"finish\", \"params\": {}}";

fn task(header: &EpisodeHeader) -> String {
    let mut text = format!("Competition `{}`. Make the best submission that you can.", header.competition);
    if let Some(steps) = header.config.budget.steps {
        text.push_str(&format!("\nSteps: {steps}"));
    }
    if let Some(seconds) = header.config.budget.seconds {
        text.push_str(&format!("\nSeconds: {seconds:.0}"));
    }
    text
}
