//! The latest steps of an episode, as the agent may ask for them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::grade::Grade;
use crate::observation::ActionStatus;
use crate::result::Failure;

/// One step in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The step's number, from 1.
    pub step: u64,
    /// The action's name, as it was called.
    pub action: String,
    /// Whether it worked.
    pub status: ActionStatus,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The grade it earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
}

impl std::fmt::Display for HistoryLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = match self.status {
            ActionStatus::Success => "ok",
            ActionStatus::Failed => "failed",
        };
        write!(f, "step {}: {} {status}", self.step, self.action)?;
        if let Some(grade) = &self.grade {
            write!(f, ", raw score {}, HumanRank {:.4}", grade.raw_score, grade.standing.human_rank)?;
        }
        Ok(())
    }
}

/// The last steps, a bounded number of them: an episode's memory doesn't grow with its length.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    lines: VecDeque<HistoryLine>,
}

impl History {
    /// How many steps are kept.
    pub(crate) const KEPT: usize = 50;

    pub(crate) fn push(&mut self, line: HistoryLine) {
        if self.lines.len() == Self::KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(crate) fn lines(&self) -> Vec<HistoryLine> {
        self.lines.iter().cloned().collect()
    }
}
