//! What the search knows of its competition.

use mledojo_env::{ActionStatus, Grade, Observation};
use serde_json::Value;

use super::node::Node;
use super::solution::shortened;

/// A competition as its observations tell of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Task {
    /// What is to be done.
    pub(super) text: String,
    /// The files, and what is in them.
    pub(super) data: String,
    pub(super) data_path: String,
    pub(super) output_path: String,
    metric: String,
    /// Whether a lower score is better; `None`: not told.
    lower_is_better: Option<bool>,
}

const PREVIEW: &str = include_str!("preview.py");

impl Task {
    /// Reads the answer to `request_info all`.
    pub(super) fn read(observation: &Observation) -> Self {
        let base = observation.feedback.get("base").map(|base| &base.data);
        let all = base.and_then(|data| data.get("data")).cloned().unwrap_or_default();
        let text = |key: &str| all.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let metric = all.get("metadata").and_then(|metadata| metadata.get("metric"));
        let of_metric = |key: &str| metric.and_then(|metric| metric.get(key)).and_then(Value::as_str);
        let lower_is_better = of_metric("direction").map(|direction| direction == "minimize");
        let metric = of_metric("name").unwrap_or_default().to_owned();
        let mut task = text("overview").trim().to_owned();
        if let Some(lower) = lower_is_better {
            let better = if lower { "lower" } else { "higher" };
            task.push_str(&format!("\n\nThe metric is {metric}; {better} is better."));
        }
        let mut data = text("data_structure").trim_end().to_owned();
        if let Some(sample) = all.get("sample_submission").and_then(sample) {
            data.push_str(&format!("\n\nThe sample submission begins:\n{sample}"));
        }
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        Self {
            text: task,
            data,
            data_path: or(text("data_path"), "/kaggle/input"),
            output_path: or(text("output_path"), "submission.csv"),
            metric,
            lower_is_better,
        }
    }

    /// A script that looks at the data.
    pub(super) fn preview(&self) -> String {
        let path = serde_json::to_string(&self.data_path).unwrap_or_default();
        PREVIEW.replace("\"__DATA__\"", &path)
    }

    /// Takes up what the script saw.
    pub(super) fn previewed(&mut self, observation: &Observation) {
        let base = observation.feedback.get("base").map(|base| &base.data);
        let output = base.and_then(|data| data.pointer("/execution/stdout")).and_then(Value::as_str);
        if let Some(output) =
            output.filter(|output| observation.action_status == ActionStatus::Success && !output.is_empty())
        {
            self.data.push_str(&format!("\n\n{}", shortened(output.trim_end())));
        }
    }

    /// A grade as one number of which more is better: the score, or the HumanRank where its direction isn't told.
    pub(super) fn value(&self, grade: &Grade) -> f64 {
        match self.lower_is_better {
            Some(true) => -grade.raw_score,
            Some(false) => grade.raw_score,
            None => grade.standing.human_rank,
        }
    }

    /// A node's result in words.
    pub(super) fn result(&self, node: &Node) -> String {
        let outcome = node.outcome.as_ref();
        match outcome.and_then(|outcome| outcome.raw_score.zip(outcome.human_rank)) {
            Some((score, rank)) => {
                let metric = if self.metric.is_empty() { "score" } else { &self.metric };
                format!("{metric} {score}, better than {:.1} % of the leaderboard", 100.0 * rank)
            }
            None => "it failed".to_owned(),
        }
    }
}

/// The first rows of a sample submission as CSV.
fn sample(value: &Value) -> Option<String> {
    let line = |cells: &Value| {
        let cells = cells.as_array()?.iter().map(|cell| cell.as_str().unwrap_or_default());
        Some(cells.collect::<Vec<_>>().join(","))
    };
    let rows = value.get("rows")?.as_array()?.iter().filter_map(line);
    Some([line(value.get("columns")?)?].into_iter().chain(rows).collect::<Vec<_>>().join("\n"))
}
