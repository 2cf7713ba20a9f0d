//! `journal.jsonl`: the search as it went.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::node::{Outcome, Tree};
use super::policy::Move;
use crate::error::AgentError;
use crate::transcript::{LineFile, whole_lines};

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JournalLine {
    /// The search began.
    Search {
        /// The agent, as [`AgentSpec`](crate::AgentSpec) reads it.
        agent: String,
        /// Its seed.
        seed: u64,
    },
    /// A node was made, and is about to run.
    Node {
        /// Its number.
        node: usize,
        /// The step that runs it.
        step: u64,
        /// The operator that made it.
        operator: String,
        /// Of which nodes.
        parents: Vec<usize>,
        /// The plan.
        plan: String,
        /// The script.
        code: String,
    },
    /// A node's result is known.
    Result {
        /// The node.
        node: usize,
        /// The result.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// Reads a journal. A last line that a crash has cut off is left out.
///
/// # Errors
/// A file that cannot be read, or a line that is none of a journal.
pub fn read_journal(file: &Path) -> Result<Vec<JournalLine>, AgentError> {
    Ok(whole_lines(file)?.0)
}

/// A journal at work: what it holds already is told again on resume, and then only compared.
#[derive(Debug, Default)]
pub(super) struct Journal {
    lines: Option<LineFile>,
    held: std::collections::VecDeque<JournalLine>,
    folder: std::path::PathBuf,
    told: usize,
}

pub(super) const FILE: &str = "journal.jsonl";

impl Journal {
    /// The journal in a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, AgentError> {
        let (lines, held) = LineFile::open(folder.join(FILE))?;
        Ok(Self { lines: Some(lines), held: held.into(), folder: folder.to_owned(), told: 0 })
    }

    /// Records a line, unless it stands there from before.
    pub(super) fn record(&mut self, line: &JournalLine) -> Result<(), AgentError> {
        self.told += 1;
        match (self.held.pop_front(), &mut self.lines) {
            (Some(held), _) if held == *line => Ok(()),
            (Some(_), _) => Err(AgentError::Record {
                path: self.folder.join(FILE),
                line: self.told,
                problem: "the search goes another way now; go on with the options and version that it began with"
                    .to_owned(),
            }),
            (None, Some(lines)) => lines.append(line),
            (None, None) => Ok(()),
        }
    }
}

/// The tree that a journal tells of, and who searched.
///
/// # Errors
/// What is wrong with a line, and its number from 1.
pub(super) fn tree(lines: &[JournalLine]) -> Result<(Tree, String, u64), (usize, String)> {
    let mut tree = Tree::default();
    let (mut agent, mut seed) = (String::new(), 0);
    for (index, line) in lines.iter().enumerate() {
        let wrong = |problem: &str| (index + 1, problem.to_owned());
        match line {
            JournalLine::Search { agent: name, seed: number } => (agent, seed) = (name.clone(), *number),
            JournalLine::Node { node, step, operator, parents, plan, code } => {
                let origin =
                    Move::named(operator, parents).ok_or_else(|| wrong("unknown operator, or wrong parents"))?;
                if *node != tree.len() || parents.iter().any(|parent| *parent >= tree.len()) {
                    return Err(wrong("the node's number or a parent's is out of order"));
                }
                tree.grow(origin, *step, plan.clone(), code.clone());
            }
            JournalLine::Result { node, outcome } => {
                if node + 1 != tree.len() || tree.judge(outcome.clone()).is_none() {
                    return Err(wrong("the result is of no node that waits for one"));
                }
            }
        }
    }
    Ok((tree, agent, seed))
}
