//! Conversations for supervised fine-tuning.

use mledojo_catalog::Medal;
use serde::Serialize;

use super::chat::ChatMessage;
use super::conversation::{Conversation, Turn};
use super::error::ExportError;
use super::request::{ExportRequest, ExportSummary, Job, Seen, identity_fields};
use super::schema::{Field, Kind, field, message};
use super::select::{Deduplication, FailureSelection, StepSelection, is_trained};
use super::text::{Rendered, estimated_tokens};
use super::trajectory::Trajectory;

/// What is trained on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SftOptions {
    /// Answers of which steps.
    pub steps: StepSelection,
    /// What becomes of failures.
    pub failures: FailureSelection,
    /// Which repeated conversations are left out.
    pub deduplication: Deduplication,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    episode: &'a str,
    competition: &'a str,
    agent: &'a str,
    model: Option<&'a str>,
    seed: u64,
    messages: Vec<MaskedMessage<'a>>,
    tools: Option<String>,
    text: String,
    spans: Vec<Span>,
    rendered: bool,
    tokens: u64,
    trained_tokens: u64,
    provider_input_tokens: Option<u64>,
    provider_output_tokens: Option<u64>,
    human_rank: Option<f64>,
    raw_score: Option<f64>,
    medal: Option<Medal>,
    total_reward: f64,
    held_out_human_rank: Option<f64>,
}

#[derive(Debug, Serialize)]
struct MaskedMessage<'a> {
    #[serde(flatten)]
    message: &'a ChatMessage,
    train: bool,
    step: Option<u64>,
}

/// A part of `text` that is trained on, in characters.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Span {
    message: usize,
    start: usize,
    end: usize,
}

fn fields() -> Vec<Field> {
    let mut fields = identity_fields();
    let span = ["message", "start", "end"].map(|name| field(name, Kind::Whole)).to_vec();
    fields.extend([
        field("messages", Kind::list(message(true))),
        field("tools", Kind::Text),
        field("text", Kind::Text),
        field("spans", Kind::list(Kind::Record(span))),
        field("rendered", Kind::Flag),
        field("tokens", Kind::Whole),
        field("trained_tokens", Kind::Whole),
        field("provider_input_tokens", Kind::Whole),
        field("provider_output_tokens", Kind::Whole),
        field("human_rank", Kind::Number),
        field("raw_score", Kind::Number),
        field("medal", Kind::Text),
        field("total_reward", Kind::Number),
        field("held_out_human_rank", Kind::Number),
    ]);
    fields
}

/// Writes the conversations of episodes, with marks on what is to be learned: answers of the agent's model, each in one
/// row.
///
/// # Errors
/// No episodes, a file that is not what it should be, or a folder that can't be written.
pub fn export_sft(request: ExportRequest<'_>, options: &SftOptions) -> Result<ExportSummary, ExportError> {
    let held_out = request.selection.held_out;
    let mut job = Job::begin(request, fields())?;
    let mut seen = Seen::default();
    for place in 0..job.selected.sources.len() {
        let trajectory = job.read(place)?;
        for (number, conversation) in trajectory.conversations.iter().enumerate() {
            let Some(row) = row(&trajectory, number, conversation, options, held_out) else {
                job.leave_out("no answer to train on");
                continue;
            };
            let new = match options.deduplication {
                Deduplication::None => true,
                how => {
                    let messages = conversation.turns.iter().map(|turn| &turn.message);
                    seen.is_new(messages, how == Deduplication::Normalised)
                }
            };
            if new {
                job.add(&row, &trajectory)?;
            } else {
                job.leave_out("repeated conversation");
            }
        }
        job.tell(place + 1);
    }
    job.finish("sft", options)
}

/// The row of a conversation; `None` when nothing of it is trained on.
fn row<'a>(
    trajectory: &'a Trajectory,
    number: usize,
    conversation: &'a Conversation,
    options: &SftOptions,
    held_out: bool,
) -> Option<Row<'a>> {
    let train: Vec<bool> = conversation
        .turns
        .iter()
        .enumerate()
        .map(|(place, turn)| {
            turn.answer.as_ref().is_some_and(|answer| {
                let decides = trajectory.deciding(answer.step) == Some((number, place));
                is_trained(trajectory, turn, decides, options.steps, options.failures)
            })
        })
        .collect();
    // What comes after the last answer that is trained on teaches nothing.
    let length = train.iter().rposition(|train| *train)? + 1;
    let turns = &conversation.turns[..length];
    let rendered = Rendered::new(turns.iter().map(|turn| &turn.message));
    let spans: Vec<Span> = trained(&train)
        .map(|place| Span { message: place, start: rendered.spans[place].start, end: rendered.spans[place].end })
        .collect();
    let answers = || turns.iter().filter_map(|turn| turn.answer.as_ref()?.provider_tokens);
    let best = trajectory.best();
    Some(Row {
        id: format!("{}#{number}", trajectory.id),
        episode: &trajectory.id,
        competition: &trajectory.competition,
        agent: &trajectory.agent,
        model: trajectory.model.as_deref(),
        seed: trajectory.seed,
        messages: turns.iter().zip(&train).map(masked).collect(),
        tools: trajectory.tools(conversation),
        spans,
        rendered: trajectory.rendered,
        tokens: estimated_tokens(&rendered.text),
        trained_tokens: trained(&train).map(|place| estimated_tokens(&turns[place].message.text())).sum(),
        text: rendered.text,
        provider_input_tokens: answers().next_back().map(|(input, _)| input),
        provider_output_tokens: answers().map(|(_, output)| output).reduce(|sum, output| sum + output),
        human_rank: best.map(|grade| grade.standing.human_rank),
        raw_score: best.map(|grade| grade.raw_score),
        medal: best.and_then(|grade| grade.standing.medal),
        total_reward: trajectory.total_reward(),
        held_out_human_rank: trajectory.decisive().filter(|_| held_out).map(|grade| grade.standing.human_rank),
    })
}

fn trained(train: &[bool]) -> impl Iterator<Item = usize> {
    train.iter().enumerate().filter(|(_, train)| **train).map(|(place, _)| place)
}

fn masked<'a>((turn, train): (&'a Turn, &bool)) -> MaskedMessage<'a> {
    MaskedMessage { message: &turn.message, train: *train, step: turn.answer.as_ref().map(|answer| answer.step) }
}
