//! Where a search goes next.

use fastrand::Rng;

use super::evolution::Evolution;
use super::greedy::Greedy;
use super::mcts::Mcts;
use super::node::Tree;
use crate::options::AgentOptions;

/// How a node is made, and of which nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// From nothing.
    Draft,
    /// By bettering one that works.
    Improve(usize),
    /// By mending one that failed.
    Debug(usize),
    /// By joining two that work.
    Crossover(usize, usize),
}

impl Move {
    /// The operator's name.
    #[must_use]
    pub fn operator(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Improve(_) => "improve",
            Self::Debug(_) => "debug",
            Self::Crossover(..) => "crossover",
        }
    }

    /// The nodes that it begins with.
    #[must_use]
    pub fn parents(self) -> Vec<usize> {
        match self {
            Self::Draft => Vec::new(),
            Self::Improve(parent) | Self::Debug(parent) => vec![parent],
            Self::Crossover(first, second) => vec![first, second],
        }
    }

    /// The move of a name, as journals have it.
    pub(super) fn named(operator: &str, parents: &[usize]) -> Option<Self> {
        match (operator, parents) {
            ("draft", []) => Some(Self::Draft),
            ("improve", [parent]) => Some(Self::Improve(*parent)),
            ("debug", [parent]) => Some(Self::Debug(*parent)),
            ("crossover", [first, second]) => Some(Self::Crossover(*first, *second)),
            _ => None,
        }
    }
}

/// Chooses what to do next. It decides by the tree and by `rng` alone, so that the same seed gives the same search.
pub trait Policy: Send {
    /// The next move. All nodes of the tree have run.
    fn choose(&mut self, tree: &Tree, rng: &mut Rng) -> Move;
}

/// The policies, by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SearchPolicy {
    /// Some drafts, then always the best node, and now and then a repair.
    #[default]
    Greedy,
    /// A tree descended by upper confidence bounds.
    Mcts,
    /// Generations, with parents drawn by fitness, and crossovers.
    Evolution,
}

impl SearchPolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Greedy, Self::Mcts, Self::Evolution];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Greedy => "greedy",
            Self::Mcts => "mcts",
            Self::Evolution => "evolution",
        }
    }

    pub(super) fn policy(self, options: &AgentOptions) -> Box<dyn Policy> {
        match self {
            Self::Greedy => Box::new(Greedy::new(options)),
            Self::Mcts => Box::new(Mcts::new(options)),
            Self::Evolution => Box::new(Evolution::new(options)),
        }
    }
}

/// The latest node, if it failed and may still be mended: policies that mend at once go on with it.
pub(super) fn unfinished(tree: &Tree, max_debug_depth: usize) -> Option<Move> {
    let last = tree.nodes().last()?;
    (last.is_buggy() && last.debug_depth <= max_debug_depth).then_some(Move::Debug(last.id))
}

/// Values brought to 0..=1 by the least and the greatest of the tree; 0.5 where all are alike.
pub(super) fn normalized(tree: &Tree) -> impl Fn(f64) -> f64 + use<> {
    let values = || tree.good().filter_map(|node| node.value());
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    move |value| if most > least { (value - least) / (most - least) } else { 0.5 }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::tree::Outcome;

    /// Lets a policy search for so many nodes; `value` judges each by its number and origin. Returns the moves in short.
    pub(crate) fn search(
        policy: &mut dyn Policy,
        seed: u64,
        nodes: usize,
        value: impl Fn(usize, Move) -> Option<f64>,
    ) -> (Tree, String) {
        let (mut tree, mut rng) = (Tree::default(), Rng::with_seed(seed));
        let mut told = Vec::new();
        for id in 0..nodes {
            let chosen = policy.choose(&tree, &mut rng);
            let parents: Vec<String> = chosen.parents().iter().map(ToString::to_string).collect();
            told.push(format!("{}{}", &chosen.operator()[..1], parents.join("+")));
            tree.grow(chosen, id as u64, String::new(), String::new());
            tree.judge(Outcome { value: value(id, chosen), ..Outcome::default() });
        }
        (tree, told.join(" "))
    }
}
