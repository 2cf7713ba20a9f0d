//! The tree of solutions.

use serde::{Deserialize, Serialize};

use super::policy::Move;

/// A solution and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its number, from 0, in the order of making.
    pub id: usize,
    /// How it was made, and of what.
    pub origin: Move,
    /// The step of the episode that ran it.
    pub step: u64,
    /// The plan, in the model's words.
    pub plan: String,
    /// The script.
    pub code: String,
    /// What came of it; `None` while it runs.
    pub outcome: Option<Outcome>,
    /// How many failed solutions in a row it comes from by debugging.
    pub debug_depth: usize,
    /// Nodes made of it.
    pub children: Vec<usize>,
}

/// What came of a solution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The step that ran it.
    pub step: u64,
    /// Its score, turned so that more is better; `None` if it failed.
    pub value: Option<f64>,
    /// Its score as the metric has it.
    pub raw_score: Option<f64>,
    /// Its HumanRank.
    pub human_rank: Option<f64>,
    /// The medal that it would have won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medal: Option<String>,
    /// What the environment said, head and tail.
    pub output: String,
}

impl Node {
    /// Whether it ran and was graded.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.value().is_some()
    }

    /// Whether it ran and failed.
    #[must_use]
    pub fn is_buggy(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.value.is_none())
    }

    /// Its score, turned so that more is better.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.outcome.as_ref().and_then(|outcome| outcome.value)
    }
}

/// All solutions of an episode. Drafts have no parent; a crossover has two.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, oldest first.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node.
    ///
    /// # Panics
    /// If there is none of this number.
    #[must_use]
    pub fn node(&self, id: usize) -> &Node {
        &self.nodes[id]
    }

    /// The nodes that were graded, oldest first.
    pub fn good(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_good())
    }

    /// The nodes without parents.
    pub fn drafts(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.origin == Move::Draft)
    }

    /// The best graded node; the first of several.
    #[must_use]
    pub fn best(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for node in self.good() {
            if let Some(value) = node.value()
                && best.is_none_or(|(_, most)| value > most)
            {
                best = Some((node.id, value));
            }
        }
        best.map(|(id, _)| id)
    }

    /// Adds a node that is about to run.
    pub fn grow(&mut self, origin: Move, step: u64, plan: String, code: String) -> &Node {
        let id = self.nodes.len();
        let debug_depth = match origin {
            Move::Debug(parent) => self.nodes[parent].debug_depth + 1,
            _ => 0,
        };
        for parent in origin.parents() {
            self.nodes[parent].children.push(id);
        }
        self.nodes.push(Node { id, origin, step, plan, code, outcome: None, debug_depth, children: Vec::new() });
        &self.nodes[id]
    }

    /// Says what came of the latest node; `None` if that is known already.
    pub fn judge(&mut self, outcome: Outcome) -> Option<&Node> {
        let node = self.nodes.last_mut().filter(|node| node.outcome.is_none())?;
        node.outcome = Some(outcome);
        Some(node)
    }
}
