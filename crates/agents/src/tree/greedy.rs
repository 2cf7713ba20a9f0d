//! The greedy policy, AIDE's own.

use fastrand::Rng;

use super::node::Tree;
use super::policy::{Move, Policy};
use crate::options::AgentOptions;

/// Drafts first; then, by chance, a failed leaf is mended; else the best node is improved.
pub(super) struct Greedy {
    drafts: usize,
    debug_probability: f64,
    max_debug_depth: usize,
}

impl Greedy {
    pub(super) fn new(options: &AgentOptions) -> Self {
        Self {
            drafts: options.drafts,
            debug_probability: options.debug_probability,
            max_debug_depth: options.max_debug_depth,
        }
    }
}

impl Policy for Greedy {
    fn choose(&mut self, tree: &Tree, rng: &mut Rng) -> Move {
        if tree.drafts().count() < self.drafts {
            return Move::Draft;
        }
        if rng.f64() < self.debug_probability {
            let is_candidate = |node: &&super::Node| {
                node.is_buggy() && node.children.is_empty() && node.debug_depth <= self.max_debug_depth
            };
            let failed: Vec<usize> = tree.nodes().iter().filter(is_candidate).map(|node| node.id).collect();
            if !failed.is_empty() {
                return Move::Debug(failed[rng.usize(..failed.len())]);
            }
        }
        tree.best().map_or(Move::Draft, Move::Improve)
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::testing::search;
    use super::*;

    fn greedy(debug_probability: f64) -> Greedy {
        Greedy::new(&AgentOptions { drafts: 2, debug_probability, max_debug_depth: 1, ..AgentOptions::default() })
    }

    #[test]
    fn after_the_drafts_the_best_is_improved() {
        let (_, told) = search(&mut greedy(1.0), 1, 6, |id, _| Some([1.0, 3.0, 2.0, 4.0, 4.0, 0.0][id]));
        assert_eq!(told, "d d i1 i1 i3 i3");
    }

    #[test]
    fn failed_leaves_are_mended_up_to_a_depth_and_never_twice() {
        let (tree, told) = search(&mut greedy(1.0), 1, 6, |id, _| (id == 0).then_some(1.0));
        assert_eq!(told, "d d d1 d2 i0 d4");
        assert_eq!(tree.node(3).debug_depth, 2);
        let (_, told) = search(&mut greedy(0.0), 1, 5, |id, _| (id == 0).then_some(1.0));
        assert_eq!(told, "d d i0 i0 i0");
    }

    #[test]
    fn without_anything_that_works_it_drafts_on() {
        let (_, told) = search(&mut greedy(0.0), 1, 4, |_, _| None);
        assert_eq!(told, "d d d d");
    }

    #[test]
    fn the_seed_decides() {
        let told = |seed| search(&mut greedy(0.5), seed, 30, |id, _| (id % 3 == 0).then_some(id as f64)).1;
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }
}
