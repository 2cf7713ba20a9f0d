//! A search tree as a page: one HTML file, its picture SVG.

use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Environment, context};
use mledojo_env::Episode;
use serde::Serialize;

use super::journal::{FILE, read_journal, tree};
use super::node::{Node, Tree};
use crate::error::AgentError;

/// A search tree, with what its page says.
///
/// ```
/// use mledojo_agents::{AgentError, TreePage};
///
/// let error = TreePage::read("no/such/episode".as_ref()).unwrap_err();
/// assert!(error.to_string().contains("journal.jsonl"));
/// ```
#[derive(Debug, Clone)]
pub struct TreePage {
    tree: Tree,
    agent: String,
    seed: u64,
    competition: String,
}

/// Pixels between the middles of neighbours, and of parents and children.
const APART: f64 = 74.0;
const BELOW: f64 = 92.0;

/// A node as the page shows it.
#[derive(Serialize)]
struct Shown<'a> {
    id: usize,
    x: f64,
    y: f64,
    class: &'static str,
    label: String,
    title: String,
    operator: &'static str,
    parents: Vec<usize>,
    step: u64,
    score: Option<f64>,
    rank: Option<f64>,
    medal: Option<&'a str>,
    plan: &'a str,
    code: &'a str,
    output: &'a str,
}

/// A line from parent to child.
#[derive(Serialize)]
struct Edge {
    path: String,
    class: &'static str,
}

impl TreePage {
    /// Reads the tree of an episode: of its folder, or of the one around it, where runs keep agents' files.
    ///
    /// # Errors
    /// No journal there, or one that cannot be read.
    pub fn read(directory: &Path) -> Result<Self, AgentError> {
        let places = [directory.to_owned(), directory.join("..")];
        let file: PathBuf =
            places.iter().map(|place| place.join(FILE)).find(|file| file.is_file()).ok_or_else(|| {
                let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no tree search was played here");
                AgentError::io("read", &directory.join(FILE), missing)
            })?;
        let lines = read_journal(&file)?;
        let (tree, agent, seed) =
            tree(&lines).map_err(|(line, problem)| AgentError::Record { path: file.clone(), line, problem })?;
        let episode = [directory.to_owned(), directory.join("episode")];
        let competition = episode.iter().find_map(|place| Episode::open(place).ok());
        let competition = competition.map(|episode| episode.header.competition).unwrap_or_default();
        Ok(Self { tree, agent, seed, competition })
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The page: self-contained, light and dark.
    ///
    /// # Errors
    /// None, as long as our template is well-formed.
    pub fn html(&self) -> Result<String, AgentError> {
        let places = places(&self.tree);
        let best = self.tree.best();
        let nodes: Vec<Shown<'_>> = self.tree.nodes().iter().map(|node| shown(node, places[node.id], best)).collect();
        let width = places.iter().map(|(x, _)| x + APART / 2.0).fold(240.0, f64::max);
        let height = places.iter().map(|(_, y)| y + 50.0).fold(100.0, f64::max);
        let failed = self.tree.nodes().iter().filter(|node| node.is_buggy()).count();
        let values = context!(
            nodes => Serde(&nodes), edges => Serde(edges(&self.tree, &places)), width, height, best, failed,
            agent => &self.agent, seed => self.seed, competition => &self.competition
        );
        let mut environment = Environment::new();
        environment
            .add_template("tree.html", include_str!("page.html"))
            .and_then(|()| environment.get_template("tree.html"))
            .and_then(|template| template.render(values))
            .map_err(|error| AgentError::Prompt { name: "tree.html".to_owned(), problem: error.to_string() })
    }
}

fn shown<'a>(node: &'a Node, (x, y): (f64, f64), best: Option<usize>) -> Shown<'a> {
    let outcome = node.outcome.as_ref();
    let score = outcome.and_then(|outcome| outcome.raw_score);
    let class = match outcome {
        _ if best == Some(node.id) => "best",
        None => "running",
        Some(_) if node.is_buggy() => "failed",
        Some(_) => "good",
    };
    let label = match (score, outcome) {
        (Some(score), _) => short(score),
        (None, Some(_)) => "failed".to_owned(),
        (None, None) => "…".to_owned(),
    };
    Shown {
        id: node.id,
        x,
        y,
        class,
        title: format!("{} {}: {label}", node.origin.operator(), node.id),
        label,
        operator: node.origin.operator(),
        parents: node.origin.parents(),
        step: node.step,
        score,
        rank: outcome.and_then(|outcome| outcome.human_rank),
        medal: outcome.and_then(|outcome| outcome.medal.as_deref()),
        plan: node.plan.trim(),
        code: node.code.trim_end(),
        output: outcome.map_or("", |outcome| outcome.output.trim_end()),
    }
}

/// Four digits that tell two scores apart.
fn short(score: f64) -> String {
    if score != 0.0 && !(1e-3..1e5).contains(&score.abs()) {
        return format!("{score:.2e}");
    }
    let digits = if score.abs() < 10.0 { 4 } else { 2 };
    format!("{score:.digits$}")
}

/// Where each node stands: leaves side by side, parents in the middle above their children. Crossovers hang below their
/// first parent.
fn places(tree: &Tree) -> Vec<(f64, f64)> {
    let first_parent = |node: &Node| node.origin.parents().first().copied();
    let below = |id: usize| tree.nodes().iter().filter(move |node| first_parent(node) == Some(id)).map(|node| node.id);
    let mut places = vec![(0.0, 0.0); tree.len()];
    for node in tree.nodes() {
        places[node.id].1 = first_parent(node).map_or(44.0, |parent| places[parent].1 + BELOW);
    }
    let mut next = APART / 2.0;
    let mut stack: Vec<(usize, bool)> =
        tree.nodes().iter().rev().filter(|node| first_parent(node).is_none()).map(|node| (node.id, false)).collect();
    while let Some((id, children_stand)) = stack.pop() {
        let children: Vec<usize> = below(id).collect();
        match (children.first(), children.last()) {
            (Some(first), Some(last)) if children_stand => {
                places[id].0 = f64::midpoint(places[*first].0, places[*last].0)
            }
            (Some(_), _) => {
                stack.push((id, true));
                stack.extend(children.into_iter().rev().map(|child| (child, false)));
            }
            _ => {
                places[id].0 = next;
                next += APART;
            }
        }
    }
    places
}

fn edges(tree: &Tree, places: &[(f64, f64)]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for node in tree.nodes() {
        for (index, parent) in node.origin.parents().into_iter().enumerate() {
            let ((x1, y1), (x2, y2)) = (places[parent], places[node.id]);
            let middle = f64::midpoint(y1, y2);
            let path = format!("M{x1:.1},{y1:.1} C{x1:.1},{middle:.1} {x2:.1},{middle:.1} {x2:.1},{y2:.1}");
            let class = if index > 0 { "second" } else { node.origin.operator() };
            edges.push(Edge { path, class });
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Move, Outcome};

    #[test]
    fn the_page_holds_every_node_and_escapes_what_models_write() {
        let mut tree = Tree::default();
        let judge = |tree: &mut Tree, value: Option<f64>| {
            tree.judge(Outcome { value, raw_score: value, human_rank: value, ..Outcome::default() });
        };
        tree.grow(Move::Draft, 3, "<script>alert(1)</script>".into(), "print('a < b')".into());
        judge(&mut tree, Some(0.5));
        tree.grow(Move::Draft, 4, "b".into(), "x".into());
        judge(&mut tree, None);
        tree.grow(Move::Debug(1), 5, "c".into(), "y".into());
        judge(&mut tree, Some(0.75));
        tree.grow(Move::Crossover(0, 2), 6, "d".into(), "z".into());
        let page = TreePage { tree, agent: "aide".into(), seed: 7, competition: "iris".into() };
        let html = page.html().unwrap();
        assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;"));
        for text in ["id=\"node-0\"", "id=\"node-3\"", "0.7500", "failed", "class=\"second\"", "prefers-color-scheme"] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("http://") || html.contains("http://www.w3.org/2000/svg"));
    }

    #[test]
    fn no_two_nodes_stand_at_one_place() {
        let mut tree = Tree::default();
        for id in 0..40_usize {
            let origin = if id < 4 { Move::Draft } else { Move::Improve(id * 7 % id.div_ceil(2)) };
            tree.grow(origin, id as u64, String::new(), String::new());
        }
        let places = places(&tree);
        for (index, a) in places.iter().enumerate() {
            for b in &places[..index] {
                assert!((a.0 - b.0).abs() > APART / 2.1 || (a.1 - b.1).abs() > BELOW / 2.0, "{a:?} {b:?}");
            }
        }
    }
}
