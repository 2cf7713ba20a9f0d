//! Playing an episode's actions again, to see whether the same comes of them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::environment::{Environment, ResetOptions};
use crate::episode::{Episode, StepRecord};
use crate::error::EnvError;
use crate::step::StepResult;

/// Something that came out otherwise the second time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The step.
    pub step: u64,
    /// What differs: `status`, `failure`, `outcome`, `raw_score`, `human_rank`, `held_out_score`, `reward`,
    /// `submission_sha256`.
    pub field: &'static str,
    /// As it is in the log.
    pub recorded: Value,
    /// As it was now.
    pub replayed: Value,
}

/// Begins an episode in `environment`, which must have the settings of `episode`, and takes its calls one by one.
/// `observer` hears of each step and of what differs. Times and resource use are not compared.
///
/// # Errors
/// An unreadable episode, or a fault of the host.
pub fn replay(
    episode: &Episode,
    environment: &mut Environment,
    mut options: ResetOptions,
    observer: &mut dyn FnMut(&StepRecord, &[Difference]),
) -> Result<Vec<Difference>, EnvError> {
    options.seed = episode.header.seed;
    environment.reset(options)?;
    let mut all = Vec::new();
    for record in episode.steps()? {
        let record = record?;
        let result = environment.step(episode.call(&record)?)?;
        let differences = compare(&record, &result);
        observer(&record, &differences);
        all.extend(differences);
    }
    Ok(all)
}

fn compare(record: &StepRecord, result: &StepResult) -> Vec<Difference> {
    let (then, now) = (&record.observation, &result.observation);
    // The current grade is that of this step only where a submission was graded in it.
    let grade = |observation: &crate::observation::Observation, sha256: &Option<String>| {
        sha256.as_ref().and(observation.current.clone())
    };
    let (old, new) = (grade(then, &record.info.submission_sha256), grade(now, &result.info.submission_sha256));
    let outcome = |info: &crate::step::StepInfo| info.run.as_ref().map(|run| run.outcome.clone());
    let held_out = |info: &crate::step::StepInfo| info.held_out.as_ref().map(|grade| grade.raw_score);
    let pairs = [
        ("status", json!(then.action_status), json!(now.action_status)),
        ("failure", json!(record.info.failure), json!(result.info.failure)),
        ("outcome", json!(outcome(&record.info)), json!(outcome(&result.info))),
        ("raw_score", json!(old.as_ref().map(|g| g.raw_score)), json!(new.as_ref().map(|g| g.raw_score))),
        (
            "human_rank",
            json!(old.as_ref().map(|g| g.standing.human_rank)),
            json!(new.as_ref().map(|g| g.standing.human_rank)),
        ),
        ("held_out_score", json!(held_out(&record.info)), json!(held_out(&result.info))),
        ("reward", json!(record.reward), json!(result.reward)),
        ("submission_sha256", json!(record.info.submission_sha256), json!(result.info.submission_sha256)),
    ];
    let different = pairs.into_iter().filter(|(_, recorded, replayed)| recorded != replayed);
    different.map(|(field, recorded, replayed)| Difference { step: record.step, field, recorded, replayed }).collect()
}
