//! One finished episode, read for a report.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use mledojo_env::{Episode, Grade};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::report::failures::Tally;
use crate::report::options::ReportError;
use crate::report::source::Finished;

/// What a report needs to know of an episode's steps.
pub(crate) struct Entry {
    pub(crate) finished: Finished,
    /// HumanRank of the submission that would count after each step; 0 before there is one.
    pub(crate) by_step: Vec<f64>,
    /// The same after each step that ran, or was to run, code.
    pub(crate) by_code_step: Vec<f64>,
    pub(crate) actions: BTreeMap<String, usize>,
    pub(crate) failures: Tally,
    /// Seconds that the agent's code ran.
    pub(crate) run_seconds: f64,
    /// When the last step ended.
    pub(crate) ended_at: String,
    /// Whether any submission was written, valid or not.
    pub(crate) submitted: bool,
    /// The submission that counts, below the report's folder.
    pub(crate) submission: Option<String>,
}

/// What of a transcript's line a report looks at.
#[derive(Deserialize)]
struct ModelCall {
    #[serde(default)]
    purpose: String,
    /// None if the call failed.
    #[serde(default)]
    reply: Option<IgnoredAny>,
}

impl Entry {
    pub(crate) fn read(finished: Finished) -> Result<Self, ReportError> {
        let episode = Episode::open(&finished.directory)?;
        let mut entry = Self {
            by_step: Vec::new(),
            by_code_step: Vec::new(),
            actions: BTreeMap::new(),
            failures: Tally::default(),
            run_seconds: 0.0,
            ended_at: episode.header.created_at.clone(),
            submitted: false,
            submission: None,
            finished,
        };
        let mut best: Option<Grade> = None;
        let mut rank = 0.0;
        for record in episode.steps()? {
            let record = record?;
            if record.observation.best != best {
                best.clone_from(&record.observation.best);
                let decisive = record.info.held_out.as_ref().or(best.as_ref());
                rank = decisive.map_or(0.0, |grade| grade.standing.human_rank);
                entry.submission =
                    record.artifacts.submission.as_ref().map(|file| format!("{}/{file}", entry.finished.path));
            }
            entry.submitted |= record.artifacts.submission.is_some();
            entry.by_step.push(rank);
            if matches!(record.call.action.as_str(), "validate_code" | "execute_code") {
                entry.by_code_step.push(rank);
            }
            *entry.actions.entry(action(&record.call.action)).or_default() += 1;
            entry.run_seconds += record.info.run.as_ref().map_or(0.0, |run| run.wall_seconds);
            entry.failures.step(&record);
            entry.ended_at = record.at;
        }
        read_transcript(&entry.finished.transcript, &mut entry.failures);
        Ok(entry)
    }

    /// HumanRank of the grade that decides; 0 without one.
    pub(crate) fn human_rank(&self) -> f64 {
        self.finished.outcome.decisive().map_or(0.0, |grade| grade.standing.human_rank)
    }

    /// The raw score that decides.
    pub(crate) fn raw_score(&self) -> Option<f64> {
        self.finished.outcome.decisive().map(|grade| grade.raw_score)
    }
}

/// Actions as they are counted; names that a model made up are one kind.
fn action(name: &str) -> String {
    let is_known = mledojo_env::ACTION_NAMES.contains(&name);
    if is_known { name.to_owned() } else { "other".to_owned() }
}

/// Counts the repairs and errors of a transcript, if there is one. A line that was cut off, or that another version wrote,
/// counts as none: the episode's own log is complete without it.
fn read_transcript(file: &Path, tally: &mut Tally) {
    let Ok(file) = File::open(file) else { return };
    for line in BufReader::new(file).lines().map_while(Result::ok) {
        let Ok(call) = serde_json::from_str::<ModelCall>(&line) else { continue };
        if call.purpose == "repair" {
            tally.repair();
        }
        if call.reply.is_none() {
            tally.model_error();
        }
    }
}
