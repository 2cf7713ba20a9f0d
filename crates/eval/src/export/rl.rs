//! Steps for reinforcement learning: one row a step.

use mledojo_env::{ActionStatus, Failure};
use serde::Serialize;

use super::chat::ChatMessage;
use super::conversation::Turn;
use super::error::ExportError;
use super::request::{ExportRequest, ExportSummary, Job, identity_fields};
use super::schema::{Field, Kind, field, message};
use super::text::{hex, prompt_fingerprint};
use super::trajectory::{Step, Trajectory};

/// How steps are valued.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RlOptions {
    /// What a reward of the next step counts, 0 to 1.
    pub gamma: f64,
}

impl Default for RlOptions {
    /// 0.99.
    fn default() -> Self {
        Self { gamma: 0.99 }
    }
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    episode: &'a str,
    competition: &'a str,
    agent: &'a str,
    model: Option<&'a str>,
    seed: u64,
    step: u64,
    steps: usize,
    group: String,
    episode_group: &'a str,
    prompt: Vec<&'a ChatMessage>,
    completion: [&'a ChatMessage; 1],
    mask: Vec<u8>,
    tools: Option<String>,
    action: String,
    call: String,
    action_status: ActionStatus,
    failure: Option<Failure>,
    reward: f64,
    #[serde(rename = "return")]
    undiscounted: f64,
    discounted_return: f64,
    episode_return: f64,
    terminated: bool,
    truncated: bool,
    tokens: Option<Vec<&'a str>>,
    logprobs: Option<Vec<f64>>,
    human_rank: Option<f64>,
    raw_score: Option<f64>,
    held_out_human_rank: Option<f64>,
}

fn fields() -> Vec<Field> {
    let mut fields = identity_fields();
    fields.extend([
        field("step", Kind::Whole),
        field("steps", Kind::Whole),
        field("group", Kind::Text),
        field("episode_group", Kind::Text),
        field("prompt", Kind::list(message(false))),
        field("completion", Kind::list(message(false))),
        field("mask", Kind::list(Kind::Whole)),
        field("tools", Kind::Text),
        field("action", Kind::Text),
        field("call", Kind::Text),
        field("action_status", Kind::Text),
        field("failure", Kind::Text),
        field("reward", Kind::Number),
        field("return", Kind::Number),
        field("discounted_return", Kind::Number),
        field("episode_return", Kind::Number),
        field("terminated", Kind::Flag),
        field("truncated", Kind::Flag),
        field("tokens", Kind::list(Kind::Text)),
        field("logprobs", Kind::list(Kind::Number)),
        field("human_rank", Kind::Number),
        field("raw_score", Kind::Number),
        field("held_out_human_rank", Kind::Number),
    ]);
    fields
}

/// Writes the steps of episodes with their rewards and returns.
///
/// # Errors
/// No episodes, a file that is not what it should be, or a folder that can't be written.
pub fn export_rl(request: ExportRequest<'_>, options: &RlOptions) -> Result<ExportSummary, ExportError> {
    if !(0.0..=1.0).contains(&options.gamma) {
        return Err(ExportError::Setting(format!("gamma is {}; expected a number from 0 to 1", options.gamma)));
    }
    let held_out = request.selection.held_out;
    let mut job = Job::begin(request, fields())?;
    for place in 0..job.selected.sources.len() {
        let trajectory = job.read(place)?;
        let rewards: Vec<f64> = trajectory.steps.iter().map(|step| step.reward).collect();
        let undiscounted = returns(&rewards, 1.0);
        let discounted = returns(&rewards, options.gamma);
        let answered: Vec<_> = trajectory.steps.iter().map(|step| trajectory.deciding(step.number)).collect();
        let last = answered.iter().rposition(Option::is_some);
        let mut covered = 0;
        let mut episode_group = None;
        for (at, (step, answer)) in trajectory.steps.iter().zip(&answered).enumerate() {
            let Some((conversation, turn)) = *answer else {
                if at >= covered {
                    // Such as `finish`, which is called for an agent that has nothing more to do.
                    job.leave_out("step without an answer of the model");
                }
                continue;
            };
            let conversation = &trajectory.conversations[conversation];
            let prompt: Vec<_> = conversation.turns[..turn].iter().map(|turn| &turn.message).collect();
            let group = hex(prompt_fingerprint(&trajectory.competition, prompt.iter().copied()));
            let episode_group = episode_group.get_or_insert_with(|| group.clone()).clone();
            let steps = trajectory.steps_of(&conversation.turns[turn]);
            covered = at + steps.len();
            // The end belongs to the last step that a model chose.
            let end = if last == Some(at) { trajectory.steps.last() } else { steps.last() };
            let row = Row {
                id: format!("{}/step-{}", trajectory.id, step.number),
                mask: std::iter::repeat_n(0, prompt.len()).chain([1]).collect(),
                tools: trajectory.tools(conversation),
                group,
                episode_group: &episode_group,
                undiscounted: undiscounted[at],
                discounted_return: discounted[at],
                episode_return: undiscounted[0],
                terminated: end.is_some_and(|step| step.terminated),
                truncated: end.is_some_and(|step| step.truncated),
                ..row(&trajectory, steps, &conversation.turns[turn], prompt, held_out)
            };
            job.add(&row, &trajectory)?;
        }
        job.tell(place + 1);
    }
    job.finish("rl", options)
}

/// The row of an answer and the steps that came of it, without what other steps decide.
fn row<'a>(
    trajectory: &'a Trajectory,
    steps: &'a [Step],
    turn: &'a Turn,
    prompt: Vec<&'a ChatMessage>,
    held_out: bool,
) -> Row<'a> {
    let grade = steps.iter().rev().find_map(|step| step.grade.as_ref());
    let held_out_grade = steps.iter().rev().find_map(|step| step.held_out.as_ref()).filter(|_| held_out);
    let failed = steps.iter().find(|step| step.failed());
    let logprobs = turn.answer.as_ref().and_then(|answer| answer.logprobs.as_ref());
    Row {
        id: String::new(),
        episode: &trajectory.id,
        competition: &trajectory.competition,
        agent: &trajectory.agent,
        model: trajectory.model.as_deref(),
        seed: trajectory.seed,
        step: steps.first().map_or(0, |step| step.number),
        steps: steps.len(),
        group: String::new(),
        episode_group: "",
        prompt,
        completion: [&turn.message],
        mask: Vec::new(),
        tools: None,
        action: turn.message.text(),
        call: steps.iter().map(|step| step.call.to_string()).collect::<Vec<_>>().join("\n"),
        action_status: if failed.is_some() { ActionStatus::Failed } else { ActionStatus::Success },
        failure: failed.and_then(|step| step.failure),
        reward: steps.iter().map(|step| step.reward).sum(),
        undiscounted: 0.0,
        discounted_return: 0.0,
        episode_return: 0.0,
        terminated: false,
        truncated: false,
        tokens: logprobs.map(|tokens| tokens.iter().map(|token| token.token.as_str()).collect()),
        logprobs: logprobs.map(|tokens| tokens.iter().map(|token| token.logprob).collect()),
        human_rank: grade.map(|grade| grade.standing.human_rank),
        raw_score: grade.map(|grade| grade.raw_score),
        held_out_human_rank: held_out_grade.map(|grade| grade.standing.human_rank),
    }
}

/// For each step the rewards from it on, each step later counting `gamma` of the one before.
fn returns(rewards: &[f64], gamma: f64) -> Vec<f64> {
    let mut sum = 0.0;
    let mut returns: Vec<f64> = rewards
        .iter()
        .rev()
        .map(|reward| {
            sum = reward + gamma * sum;
            sum
        })
        .collect();
    returns.reverse();
    returns
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn returns_are_sums(rewards in prop::collection::vec(-1.0..1.0f64, 0..20), gamma in 0.0..=1.0f64) {
            let plain = returns(&rewards, 1.0);
            let discounted = returns(&rewards, gamma);
            for at in 0..rewards.len() {
                let sum: f64 = rewards[at..].iter().sum();
                let powers = rewards[at..].iter().enumerate().map(|(n, reward)| gamma.powi(n as i32) * reward);
                prop_assert!((plain[at] - sum).abs() < 1e-9);
                prop_assert!((discounted[at] - powers.sum::<f64>()).abs() < 1e-9);
            }
        }
    }
}
