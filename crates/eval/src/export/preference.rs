//! Pairs of a better and a worse answer, in TRL's conversational format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chat::ChatMessage;
use super::conversation::Turn;
use super::error::ExportError;
use super::request::{ExportRequest, ExportSummary, Job};
use super::schema::{Field, Kind, field, message};
use super::text::{Fingerprint, fingerprint, prompt_fingerprint};
use super::trajectory::{Step, Trajectory};

/// What is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairKind {
    /// Steps with the same prompt, and steps whose nodes of the search tree have one parent, by the HumanRank that they
    /// earned.
    Steps,
    /// Episodes of one competition with the same first prompt, by their best HumanRank.
    Episodes,
    /// Both.
    #[default]
    Both,
}

/// Which pairs are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PreferenceOptions {
    /// What is compared.
    pub pairs: PairKind,
    /// By how much the scores of a pair differ at least. Equal scores make no pair.
    pub min_margin: f64,
}

impl Default for PreferenceOptions {
    /// Both kinds, at least 0.01 of HumanRank apart.
    fn default() -> Self {
        Self { pairs: PairKind::default(), min_margin: 0.01 }
    }
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    kind: &'static str,
    competition: &'a str,
    prompt: Vec<&'a ChatMessage>,
    chosen: Vec<&'a ChatMessage>,
    rejected: Vec<&'a ChatMessage>,
    tools: Option<String>,
    chosen_id: String,
    rejected_id: String,
    chosen_agent: &'a str,
    rejected_agent: &'a str,
    chosen_score: f64,
    rejected_score: f64,
    margin: f64,
}

fn fields() -> Vec<Field> {
    vec![
        field("id", Kind::Text),
        field("kind", Kind::Text),
        field("competition", Kind::Text),
        field("prompt", Kind::list(message(false))),
        field("chosen", Kind::list(message(false))),
        field("rejected", Kind::list(message(false))),
        field("tools", Kind::Text),
        field("chosen_id", Kind::Text),
        field("rejected_id", Kind::Text),
        field("chosen_agent", Kind::Text),
        field("rejected_agent", Kind::Text),
        field("chosen_score", Kind::Number),
        field("rejected_score", Kind::Number),
        field("margin", Kind::Number),
    ]
}

/// What two answers have in common that makes them a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Step,
    Node,
    Episode,
}

/// Something to compare, without its text: a few bytes for each step of each episode.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    episode: usize,
    /// 0 for the whole episode.
    step: u64,
    score: f64,
    /// Of its answer: the same answers make no pair.
    answer: Fingerprint,
}

/// Writes pairs. The best of what is comparable is paired with the worst, the next best with the next worst, and so on,
/// so that each is in one pair at most.
///
/// # Errors
/// No episodes, a file that is not what it should be, or a folder that can't be written.
pub fn export_preference(
    request: ExportRequest<'_>,
    options: &PreferenceOptions,
) -> Result<ExportSummary, ExportError> {
    if !(0.0..=1.0).contains(&options.min_margin) {
        let message = format!("the smallest margin is {}; expected a number from 0 to 1", options.min_margin);
        return Err(ExportError::Setting(message));
    }
    let mut job = Job::begin(request, fields())?;
    let mut groups: BTreeMap<(Sort, Fingerprint), Vec<Candidate>> = BTreeMap::new();
    for place in 0..job.selected.sources.len() {
        let trajectory = job.read(place)?;
        if options.pairs != PairKind::Episodes {
            steps(&trajectory, place, |sort, group, candidate| {
                groups.entry((sort, group)).or_default().push(candidate)
            });
        }
        if options.pairs != PairKind::Steps {
            match whole(&trajectory, place) {
                Some((group, candidate)) => groups.entry((Sort::Episode, group)).or_default().push(candidate),
                None => job.leave_out("episode of several conversations, or without an answer"),
            }
        }
        job.tell(place + 1);
    }
    let mut pairs: Vec<(Candidate, Candidate, Sort)> = Vec::new();
    for ((sort, _), mut candidates) in groups {
        // Stable: of equals the first by the episode's name stays first.
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        let half = candidates.len() / 2;
        let opposite = candidates.iter().rev();
        for (chosen, rejected) in candidates.iter().zip(opposite).take(half) {
            let margin = chosen.score - rejected.score;
            if margin > 0.0 && margin >= options.min_margin && chosen.answer != rejected.answer {
                pairs.push((*chosen, *rejected, sort));
            }
        }
    }
    pairs.sort_by_key(|(chosen, rejected, sort)| (chosen.episode, *sort, chosen.step, rejected.episode, rejected.step));
    let mut written = std::collections::HashSet::new();
    for (chosen, rejected, sort) in pairs {
        if !written.insert((chosen.episode, chosen.step, rejected.episode, rejected.step)) {
            // Steps of one parent that had one prompt.
            continue;
        }
        let (better, worse) = (job.read(chosen.episode)?, job.read(rejected.episode)?);
        if let Some(row) = row((&better, chosen), (&worse, rejected), sort) {
            job.add(&row, &better)?;
        }
    }
    job.finish("preference", options)
}

/// The steps of an episode that can be compared: those that were to make a submission.
fn steps(trajectory: &Trajectory, episode: usize, mut found: impl FnMut(Sort, Fingerprint, Candidate)) {
    for step in trajectory.steps.iter().filter(|step| step.call["action"] == "execute_code") {
        let Some((conversation, turn)) = trajectory.deciding(step.number) else { continue };
        let (prompt, answer) = trajectory.conversations[conversation].turns.split_at(turn);
        let Some(answer) = answer.first() else { continue };
        let candidate =
            Candidate { episode, step: step.number, score: score(step), answer: fingerprint([answer.message.text()]) };
        let group = prompt_fingerprint(&trajectory.competition, prompt.iter().map(|turn| &turn.message));
        found(Sort::Step, group, candidate);
        if let Some(parent) = answer.answer.as_ref().and_then(|answer| answer.parent.as_deref()) {
            found(Sort::Node, fingerprint([&trajectory.id, parent]), candidate);
        }
    }
}

/// HumanRank; 0, as for the reward, where there is no grade.
fn score(step: &Step) -> f64 {
    step.grade.as_ref().map_or(0.0, |grade| grade.standing.human_rank)
}

/// The episode as a whole, if it is one conversation.
fn whole(trajectory: &Trajectory, episode: usize) -> Option<(Fingerprint, Candidate)> {
    let (prompt, answers) = prompt_and_answers(trajectory)?;
    let candidate = Candidate {
        episode,
        step: 0,
        score: trajectory.best().map_or(0.0, |grade| grade.standing.human_rank),
        answer: fingerprint(answers.iter().map(|turn| turn.message.text())),
    };
    let group = prompt_fingerprint(&trajectory.competition, prompt.iter().map(|turn| &turn.message));
    Some((group, candidate))
}

fn prompt_and_answers(trajectory: &Trajectory) -> Option<(&[Turn], &[Turn])> {
    let [conversation] = trajectory.conversations.as_slice() else { return None };
    let first = conversation.turns.iter().position(|turn| turn.answer.is_some())?;
    Some(conversation.turns.split_at(first))
}

/// What came before a candidate, and itself.
fn texts(trajectory: &Trajectory, candidate: Candidate) -> Option<(Vec<&ChatMessage>, Vec<&ChatMessage>)> {
    let (prompt, answers) = if candidate.step == 0 {
        prompt_and_answers(trajectory)?
    } else {
        let (conversation, turn) = trajectory.deciding(candidate.step)?;
        trajectory.conversations[conversation].turns[..=turn].split_at(turn)
    };
    Some((prompt.iter().map(|turn| &turn.message).collect(), answers.iter().map(|turn| &turn.message).collect()))
}

fn row<'a>(
    (better, chosen): (&'a Trajectory, Candidate),
    (worse, rejected): (&'a Trajectory, Candidate),
    sort: Sort,
) -> Option<Row<'a>> {
    let (prompt, chosen_messages) = texts(better, chosen)?;
    let (_, rejected_messages) = texts(worse, rejected)?;
    let id = |trajectory: &Trajectory, candidate: Candidate| match candidate.step {
        0 => trajectory.id.clone(),
        step => format!("{}/step-{step}", trajectory.id),
    };
    let (chosen_id, rejected_id) = (id(better, chosen), id(worse, rejected));
    let tools = [better, worse]
        .into_iter()
        .flat_map(|trajectory| trajectory.conversations.iter().map(move |conversation| (trajectory, conversation)))
        .find_map(|(trajectory, conversation)| trajectory.tools(conversation));
    Some(Row {
        id: format!("{chosen_id} over {rejected_id}"),
        kind: match sort {
            Sort::Step => "step",
            Sort::Node => "node",
            Sort::Episode => "episode",
        },
        competition: &better.competition,
        prompt,
        chosen: chosen_messages,
        rejected: rejected_messages,
        tools,
        chosen_id,
        rejected_id,
        chosen_agent: &better.agent,
        rejected_agent: &worse.agent,
        chosen_score: chosen.score,
        rejected_score: rejected.score,
        margin: chosen.score - rejected.score,
    })
}
