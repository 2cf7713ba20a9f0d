//! Monte Carlo tree search over solutions.

use fastrand::Rng;

use super::node::Tree;
use super::policy::{Move, Policy, normalized, unfinished};
use crate::options::AgentOptions;

/// Descends from a root without a solution to the child with the greatest upper confidence bound, until it comes to a
/// place with fewer than `children` children; there it drafts (at the root) or improves. A failure is mended at once, and
/// the chain of its repairs is one place of the tree. A place is worth the mean of the graded solutions at and below it.
pub(super) struct Mcts {
    children: usize,
    exploration: f64,
    max_debug_depth: usize,
}

/// A solution with its failed forerunners.
struct Place {
    /// The node that works, if the chain came to one.
    good: Option<usize>,
    children: Vec<usize>,
    /// Graded solutions at and below it, and the sum of their normalized values.
    visits: f64,
    sum: f64,
}

impl Mcts {
    pub(super) fn new(options: &AgentOptions) -> Self {
        Self { children: options.children, exploration: options.exploration, max_debug_depth: options.max_debug_depth }
    }

    /// The place with the greatest bound among the children of one; the first of several.
    fn descend(&self, places: &[Place], at: usize) -> Option<usize> {
        let bound = |place: &Place| {
            place.sum / place.visits + self.exploration * (places[at].visits.max(1.0).ln() / place.visits).sqrt()
        };
        let mut best: Option<(usize, f64)> = None;
        for child in places[at].children.iter().copied().filter(|child| places[*child].visits > 0.0) {
            let bound = bound(&places[child]);
            if best.is_none_or(|(_, most)| bound > most) {
                best = Some((child, bound));
            }
        }
        best.map(|(child, _)| child)
    }
}

/// The places of a tree, the root first.
fn places(tree: &Tree) -> Vec<Place> {
    let normalized = normalized(tree);
    let mut places = vec![Place { good: None, children: Vec::new(), visits: 0.0, sum: 0.0 }];
    let mut above = vec![None];
    let mut place_of = Vec::with_capacity(tree.len());
    for node in tree.nodes() {
        let place = match node.origin {
            Move::Debug(parent) => place_of[parent],
            origin => {
                let parent = origin.parents().first().map_or(0, |parent: &usize| place_of[*parent]);
                places.push(Place { good: None, children: Vec::new(), visits: 0.0, sum: 0.0 });
                above.push(Some(parent));
                let place = places.len() - 1;
                places[parent].children.push(place);
                place
            }
        };
        place_of.push(place);
        if let Some(value) = node.value() {
            places[place].good = Some(node.id);
            let mut up = Some(place);
            while let Some(at) = up {
                places[at].visits += 1.0;
                places[at].sum += normalized(value);
                up = above[at];
            }
        }
    }
    places
}

impl Policy for Mcts {
    fn choose(&mut self, tree: &Tree, _: &mut Rng) -> Move {
        if let Some(debug) = unfinished(tree, self.max_debug_depth) {
            return debug;
        }
        let places = places(tree);
        let mut at = 0;
        while places[at].children.len() >= self.children {
            let Some(below) = self.descend(&places, at) else { break };
            at = below;
        }
        places[at].good.map_or(Move::Draft, Move::Improve)
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::testing::search;
    use super::*;

    fn mcts(exploration: f64) -> Mcts {
        Mcts::new(&AgentOptions { children: 2, exploration, max_debug_depth: 1, ..AgentOptions::default() })
    }

    #[test]
    fn without_exploration_it_goes_where_the_mean_is_best() {
        let (_, told) = search(&mut mcts(0.0), 0, 6, |id, _| Some([1.0, 5.0, 4.0, 6.0, 5.5, 0.0][id]));
        // The first draft is the worst; both children of the second are made, then those of the better one.
        assert_eq!(told, "d d i1 i1 i3 i3");
    }

    #[test]
    fn exploration_comes_back_to_what_is_seldom_tried() {
        let judge = |id: usize, _| Some([5.0, 4.9, 5.0, 5.0, 4.9, 4.9, 0.0, 0.0][id]);
        let (_, told) = search(&mut mcts(50.0), 0, 6, judge);
        assert_eq!(told, "d d i0 i1 i0 i1");
    }

    #[test]
    fn a_failure_is_mended_at_once_and_its_chain_is_one_place() {
        let (_, told) = search(&mut mcts(0.0), 0, 6, |id, _| [None, None, Some(1.0), Some(2.0), None, None][id]);
        assert_eq!(told, "d d0 d1 d i3 d4");
        let (_, told) = search(&mut mcts(0.0), 0, 8, |_, _| None);
        assert_eq!(told, "d d0 d1 d d3 d4 d d6");
    }
}
