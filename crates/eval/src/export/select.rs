//! What of the episodes goes into a data set, and into which split of it.

use std::collections::{BTreeMap, HashMap};

use mledojo_agents::Purpose;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::conversation::Turn;
use super::error::ExportError;
use super::source::{Facts, Source};
use super::trajectory::{Step, Trajectory};

/// Which episodes are taken, and which of them trainers validate on. Episodes that have not ended are left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EpisodeSelection {
    /// Only these competitions; all where none is named.
    pub competitions: Vec<String>,
    /// Only agents with these names.
    pub agents: Vec<String>,
    /// Of each competition only so many, those with the highest HumanRank.
    pub best_of: Option<usize>,
    /// Only those whose best HumanRank is at least this.
    pub min_human_rank: Option<f64>,
    /// Take those that have not ended as well.
    pub unfinished: bool,
    /// Choose by, and show, the scores on the rows that are held out. Those who train on the result have then seen them.
    pub held_out: bool,
    /// Share of the competitions that are the validation split, 0 to 1. Which, follows from their names.
    pub validation: f64,
    /// The competitions of the validation split by name, in place of a share.
    pub validation_competitions: Vec<String>,
}

impl Default for EpisodeSelection {
    /// All ended episodes; a tenth of the competitions for validation.
    fn default() -> Self {
        Self {
            competitions: Vec::new(),
            agents: Vec::new(),
            best_of: None,
            min_human_rank: None,
            unfinished: false,
            held_out: false,
            validation: 0.1,
            validation_competitions: Vec::new(),
        }
    }
}

/// Which answers of an episode are trained on. The others stay in the conversation as what came before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepSelection {
    /// All that `failures` leaves.
    #[default]
    All,
    /// Those whose step made the best submission so far.
    Improving,
}

/// What becomes of answers whose step failed, or that were no action at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureSelection {
    /// They aren't trained on.
    #[default]
    Drop,
    /// Those are trained on that were repaired: later code of the episode ran.
    KeepRepaired,
    /// All are trained on.
    Keep,
}

/// How like another a conversation must be to be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deduplication {
    /// Nothing is left out.
    None,
    /// The same texts.
    Exact,
    /// The same but for times and blanks.
    #[default]
    Normalised,
}

/// Episodes that were taken, and how many were not.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) sources: Vec<(Source, Facts)>,
    pub(crate) splits: Splits,
    /// Why others were left out, and how many.
    pub(crate) left_out: BTreeMap<&'static str, u64>,
}

/// The split of each competition.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Splits(BTreeMap<String, Split>);

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    Train,
    Validation,
}

impl Split {
    pub(crate) const ALL: [Self; 2] = [Self::Train, Self::Validation];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
        }
    }
}

impl Splits {
    pub(crate) fn of(&self, competition: &str) -> Split {
        self.0.get(competition).copied().unwrap_or(Split::Train)
    }

    /// Those whose names have the smallest SHA-256 are for validation.
    fn new(mut competitions: Vec<String>, selection: &EpisodeSelection) -> Self {
        competitions.sort_by_cached_key(|name| Sha256::digest(name.as_bytes()));
        competitions.dedup();
        let share = (selection.validation * competitions.len() as f64).round() as usize;
        let is_validation = |(place, name): (usize, &String)| match selection.validation_competitions.as_slice() {
            [] => place < share,
            named => named.contains(name),
        };
        let splits = competitions.iter().enumerate().map(|place| {
            let split = if is_validation(place) { Split::Validation } else { Split::Train };
            (place.1.clone(), split)
        });
        Self(splits.collect())
    }
}

impl EpisodeSelection {
    fn check(&self) -> Result<(), ExportError> {
        let out_of_range = |name: &str, value: f64| {
            Err(ExportError::Setting(format!("{name} is {value}; expected a number from 0 to 1")))
        };
        if !(0.0..=1.0).contains(&self.validation) {
            return out_of_range("the share of validation", self.validation);
        }
        match self.min_human_rank {
            Some(rank) if !(0.0..=1.0).contains(&rank) => out_of_range("the smallest HumanRank", rank),
            _ => Ok(()),
        }
    }

    /// Reads every episode's log once and chooses. Keeps a few figures of each, not the episodes.
    pub(crate) fn select(&self, sources: Vec<Source>) -> Result<Selected, ExportError> {
        self.check()?;
        let mut left_out = BTreeMap::new();
        let mut taken = Vec::new();
        for source in sources {
            let facts = source.facts()?;
            match self.refusal(&facts) {
                Some(reason) => *left_out.entry(reason).or_default() += 1,
                None => taken.push((source, facts)),
            }
        }
        if let Some(best_of) = self.best_of {
            let mut order: Vec<usize> = (0..taken.len()).collect();
            // Stable: of equals the first by name stays.
            order.sort_by(|&a, &b| self.rank(&taken[b].1).total_cmp(&self.rank(&taken[a].1)));
            let mut counts: HashMap<String, usize> = HashMap::new();
            let mut keep = vec![false; taken.len()];
            for place in order {
                let count = counts.entry(taken[place].1.competition.clone()).or_default();
                *count += 1;
                keep[place] = *count <= best_of;
            }
            let before = taken.len();
            let mut keep = keep.into_iter();
            taken.retain(|_| keep.next().unwrap_or(false));
            if taken.len() < before {
                left_out.insert("not among the best of their competition", (before - taken.len()) as u64);
            }
        }
        let splits = Splits::new(taken.iter().map(|(_, facts)| facts.competition.clone()).collect(), self);
        Ok(Selected { sources: taken, splits, left_out })
    }

    fn rank(&self, facts: &Facts) -> f64 {
        let rank = if self.held_out { facts.held_out } else { facts.human_rank };
        rank.unwrap_or(-1.0)
    }

    fn refusal(&self, facts: &Facts) -> Option<&'static str> {
        let named = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        if !named(&self.competitions, &facts.competition) {
            return Some("another competition");
        }
        if !named(&self.agents, &facts.agent) {
            return Some("another agent");
        }
        if !(facts.ended || self.unfinished) {
            return Some("not ended");
        }
        self.min_human_rank.is_some_and(|least| self.rank(facts) < least).then_some("HumanRank too low")
    }
}

/// Whether an answer is trained on. `decides`: its call became its step's action.
pub(crate) fn is_trained(
    trajectory: &Trajectory,
    turn: &Turn,
    decides: bool,
    steps: StepSelection,
    failures: FailureSelection,
) -> bool {
    let Some(answer) = turn.answer.as_ref().filter(|answer| answer.purpose != Purpose::Feedback) else { return false };
    let came = trajectory.steps_of(turn);
    if came.is_empty() {
        // The model answered, and the episode ended before the step.
        return steps == StepSelection::All && failures == FailureSelection::Keep;
    }
    // An answer that acts but does not decide was no action, and was repaired.
    let superseded = answer.acts() && !decides;
    let failed = superseded || came.iter().any(Step::failed);
    let repaired = came.iter().all(|step| step.repaired || !step.failed());
    let kept = match failures {
        FailureSelection::Drop => !failed,
        FailureSelection::KeepRepaired => !failed || repaired,
        FailureSelection::Keep => true,
    };
    kept && match steps {
        StepSelection::All => true,
        StepSelection::Improving => {
            came.iter().any(|step| step.improved) || (failed && failures != FailureSelection::Drop)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_follow_from_names_alone() {
        let names = |count: usize| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>();
        let share = |validation| EpisodeSelection { validation, ..EpisodeSelection::default() };
        let mut turned = names(10);
        turned.reverse();
        turned.extend(names(3));
        let splits = Splits::new(names(10), &share(0.2));
        assert_eq!(splits, Splits::new(turned, &share(0.2)));
        assert_eq!(splits.0.values().filter(|split| **split == Split::Validation).count(), 2);
        assert!(Splits::new(names(3), &share(0.1)).0.values().all(|split| *split == Split::Train));
        let named = EpisodeSelection { validation_competitions: vec!["c2".to_owned()], ..share(0.5) };
        let splits = Splits::new(names(4), &named);
        assert_eq!((splits.of("c2"), splits.of("c1")), (Split::Validation, Split::Train));
        assert!(share(1.5).check().unwrap_err().to_string().contains("from 0 to 1"));
    }
}
