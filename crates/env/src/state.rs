//! What an episode has come to: a fold over its steps, the same whether they are played or read back.

use std::time::Duration;

use mledojo_metrics::Direction;

use crate::episode::StepRecord;
use crate::grade::Grade;
use crate::history::{History, HistoryLine};
use crate::observation::ActionStatus;

/// A grade and the bytes that earned it.
#[derive(Debug, Clone)]
pub(crate) struct Graded {
    pub(crate) grade: Grade,
    /// On the rows that are held out.
    pub(crate) held_out: Option<Grade>,
    pub(crate) sha256: Option<String>,
}

/// The state of an episode after its latest step.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) step: u64,
    pub(crate) elapsed: Duration,
    pub(crate) current: Option<Graded>,
    pub(crate) best: Option<Graded>,
    pub(crate) history: History,
    /// `(terminated, truncated)` once the episode has ended.
    pub(crate) ended: Option<(bool, bool)>,
}

impl State {
    /// The best grade after `grade` came, by raw score; of equals the earlier one stays.
    pub(crate) fn best_with<'a>(&'a self, grade: Option<&'a Grade>, direction: Direction) -> Option<&'a Grade> {
        match (self.best.as_ref().map(|best| &best.grade), grade) {
            (Some(best), Some(new)) if direction.is_better(new.raw_score, best.raw_score) => Some(new),
            (None, new) => new,
            (best, _) => best,
        }
    }

    /// The grade that an episode is paid by in the end, whose best shown grade is `best`: that of the same submission on
    /// the rows that are held out, if some are. `new` is such a grade of the latest step.
    pub(crate) fn decisive<'a>(&'a self, best: Option<&'a Grade>, new: Option<&'a Grade>) -> Option<&'a Grade> {
        match &self.best {
            Some(known) if Some(&known.grade) == best => known.held_out.as_ref().or(best),
            _ => new.or(best),
        }
    }

    /// Whether a submission has the bytes of the current or of the best one.
    pub(crate) fn is_repeat(&self, sha256: &str) -> bool {
        [&self.current, &self.best].into_iter().flatten().any(|graded| graded.sha256.as_deref() == Some(sha256))
    }

    /// Takes in a finished step.
    pub(crate) fn apply(&mut self, record: &StepRecord) {
        let observation = &record.observation;
        let graded = record.info.submission_sha256.is_some() && observation.action_status == ActionStatus::Success;
        let new = |grade: &Grade| Graded {
            grade: grade.clone(),
            held_out: record.info.held_out.clone(),
            sha256: record.info.submission_sha256.clone(),
        };
        let best_changed = observation.best != self.best.as_ref().map(|best| best.grade.clone());
        if graded {
            self.current = observation.current.as_ref().map(new);
        } else if observation.current.is_none() {
            self.current = None;
        }
        if best_changed {
            self.best = observation.best.as_ref().map(new);
        }
        self.step = record.step;
        self.elapsed = Duration::try_from_secs_f64(record.elapsed_seconds).unwrap_or_default();
        self.history.push(HistoryLine {
            step: record.step,
            action: record.call.action.clone(),
            status: observation.action_status,
            failure: record.info.failure,
            grade: if graded { observation.current.clone() } else { None },
        });
        if record.terminated || record.truncated {
            self.ended = Some((record.terminated, record.truncated));
        }
    }
}
