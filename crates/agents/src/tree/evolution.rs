//! Evolution of solutions.

use fastrand::Rng;

use super::node::Tree;
use super::policy::{Move, Policy, normalized, unfinished};
use crate::options::AgentOptions;

/// A first generation of drafts; each later one is bred from all before it. Parents are drawn the likelier, the fitter they
/// are; one is improved, or two are joined. A failure is mended at once.
pub(super) struct Evolution {
    individuals: usize,
    crossover: f64,
    max_debug_depth: usize,
}

/// How strongly fitness weighs: the best is drawn e^(1/this) times as often as the worst.
const TEMPERATURE: f64 = 0.25;

impl Evolution {
    pub(super) fn new(options: &AgentOptions) -> Self {
        Self {
            individuals: options.individuals,
            crossover: options.crossover,
            max_debug_depth: options.max_debug_depth,
        }
    }
}

/// Draws one of `from` by its normalized fitness.
fn draw(from: &[(usize, f64)], rng: &mut Rng) -> Option<usize> {
    let weight = |fitness: f64| (fitness / TEMPERATURE).exp();
    let mut left = rng.f64() * from.iter().map(|(_, fitness)| weight(*fitness)).sum::<f64>();
    for (id, fitness) in from {
        left -= weight(*fitness);
        if left < 0.0 {
            return Some(*id);
        }
    }
    from.last().map(|(id, _)| *id)
}

impl Policy for Evolution {
    fn choose(&mut self, tree: &Tree, rng: &mut Rng) -> Move {
        if let Some(debug) = unfinished(tree, self.max_debug_depth) {
            return debug;
        }
        // An individual is a node with its repairs.
        let mut born = Vec::with_capacity(tree.len());
        let mut count = 0;
        for node in tree.nodes() {
            born.push(match node.origin {
                Move::Debug(parent) => born[parent],
                _ => {
                    count += 1;
                    count - 1
                }
            });
        }
        let generation = count / self.individuals;
        let normalized = normalized(tree);
        let parents: Vec<(usize, f64)> = tree
            .good()
            .filter(|node| born[node.id] / self.individuals < generation)
            .filter_map(|node| Some((node.id, normalized(node.value()?))))
            .collect();
        let joins = generation >= 2 && parents.len() >= 2 && rng.f64() < self.crossover;
        let Some(first) = draw(&parents, rng) else { return Move::Draft };
        if joins {
            let others: Vec<_> = parents.into_iter().filter(|(id, _)| *id != first).collect();
            if let Some(second) = draw(&others, rng) {
                return Move::Crossover(first, second);
            }
        }
        Move::Improve(first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::testing::search;
    use super::*;

    fn evolution(crossover: f64) -> Evolution {
        Evolution::new(&AgentOptions { individuals: 3, crossover, max_debug_depth: 0, ..AgentOptions::default() })
    }

    #[test]
    fn generations_are_bred_from_those_before() {
        let (tree, _) = search(&mut evolution(1.0), 3, 12, |id, _| Some(id as f64));
        let moves: Vec<Move> = tree.nodes().iter().map(|node| node.origin).collect();
        assert_eq!(moves[..3], [Move::Draft; 3]);
        assert!(moves[3..6].iter().all(|made| matches!(made, Move::Improve(parent) if *parent < 3)), "{moves:?}");
        assert!(moves[6..9].iter().all(|made| matches!(made, Move::Crossover(a, b) if a != b && *a < 6 && *b < 6)));
        assert!(moves[9..].iter().all(|made| matches!(made, Move::Crossover(a, b) if a != b && *a < 9 && *b < 9)));
    }

    #[test]
    fn the_fitter_are_drawn_more_often() {
        let (tree, _) = search(&mut evolution(0.0), 5, 300, |id, _| Some((id % 3) as f64));
        let improved = |value: f64| {
            tree.nodes()
                .iter()
                .flat_map(|node| node.origin.parents())
                .filter(|id| tree.node(*id).value() == Some(value))
                .count()
        };
        assert!(improved(2.0) > 2 * improved(1.0) && improved(1.0) > 2 * improved(0.0));
    }

    #[test]
    fn a_generation_in_which_all_failed_is_drafted_again() {
        let (_, told) = search(&mut evolution(1.0), 5, 8, |_, _| None);
        assert_eq!(told, "d d0 d d2 d d4 d d6");
    }
}
