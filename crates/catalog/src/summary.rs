//! What a list of competitions needs to know of each.

use mledojo_metrics::Direction;
use serde::{Deserialize, Serialize};

use crate::spec::{Complexity, Modality, Spec, Task};

/// The facts of a competition that are known without reading all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its name.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// Kind of data.
    pub modality: Modality,
    /// Kind of prediction.
    pub task: Task,
    /// How hard it is, where somebody said so.
    pub complexity: Option<Complexity>,
    /// The benchmarks that it is part of.
    pub suites: Vec<String>,
    /// The metric's name.
    pub metric: String,
    /// Which way scores get better.
    pub direction: Direction,
    /// Size of the data in megabytes, about.
    pub data_size_mb: f64,
    /// Teams that took part on Kaggle.
    pub teams: Option<usize>,
    /// Whether its data can be prepared.
    pub recipe: bool,
}

impl Summary {
    /// The summary of a spec.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self {
            slug: spec.slug.clone(),
            title: spec.title.clone(),
            modality: spec.modality,
            task: spec.task,
            complexity: spec.complexity,
            suites: spec.suites.clone(),
            metric: spec.metric.metric.name().to_owned(),
            direction: spec.metric.direction,
            data_size_mb: spec.data_size_mb,
            teams: spec.teams,
            recipe: spec.has_recipe(),
        }
    }
}
