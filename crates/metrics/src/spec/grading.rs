//! The grading tables of a competition, and what a protocol changes in them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answers::AnswersSpec;
use super::filter::RowFilter;
use super::metric::{MaskDistance, Metric, RowWeights};
use super::metric_spec::MetricSpec;
use super::submission::SubmissionSpec;

/// Whose rules a submission is graded by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// The official metric, without leaks or loopholes.
    #[default]
    Corrected,
    /// MLE-Dojo's behaviour, so that scores are comparable with published ones.
    MleDojo,
}

impl std::fmt::Display for Protocol {
    /// As it is written in files and on the command line.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Corrected => "corrected",
            Self::MleDojo => "mle-dojo",
        })
    }
}

/// The tables of a competition's file that say how it grades.
///
/// ```
/// use mledojo_metrics::spec::{Grading, Metric, Protocol};
/// let text = r#"{
///     "metric": { "name": "rmse", "direction": "minimize" },
///     "submission": { "id_columns": ["key"], "target_columns": ["fare"], "sample": ["key,fare", "a,1"] },
///     "mle-dojo": { "metric": { "name": "mse", "direction": "minimize" }, "submission": { "id_place": "first" } }
/// }"#;
/// let grading: Grading = serde_json::from_str(text)?;
/// assert_eq!(grading.rules(Protocol::Corrected)?.metric, Metric::Rmse);
/// assert_eq!(grading.rules(Protocol::MleDojo)?.metric, Metric::Mse);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// The formula, and which way is better.
    pub metric: MetricSpec,
    /// What a submission looks like.
    pub submission: SubmissionSpec,
    /// What the answers look like, where they differ from a submission.
    #[serde(default)]
    pub answers: AnswersSpec,
    /// What protocol `mle-dojo` changes.
    #[serde(default, rename = "mle-dojo")]
    pub mle_dojo: Changes,
}

/// What a protocol changes: another metric, and single keys of the other tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// The metric in place of the other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricSpec>,
    /// Keys of `[submission]`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub submission: Map<String, Value>,
    /// Keys of `[answers]`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub answers: Map<String, Value>,
}

/// What a grader needs to know: the tables under one protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The formula.
    pub metric: Metric,
    /// What a submission looks like.
    pub submission: SubmissionSpec,
    /// What the answers look like.
    pub answers: AnswersSpec,
}

impl Rules {
    /// Rules for one row an id, columns found by name, answers laid out as submissions are.
    #[must_use]
    pub fn new(metric: Metric, ids: &[&str], targets: &[&str]) -> Self {
        Self { metric, submission: SubmissionSpec::new(ids, targets), answers: AnswersSpec::default() }
    }
}

/// Grading tables that contradict each other or themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key `{key}`: {message}")]
pub struct GradingError {
    /// The key, with the tables it is in.
    pub key: String,
    /// What is wrong with it, and what was expected.
    pub message: String,
}

impl Grading {
    /// The tables under a protocol.
    ///
    /// # Errors
    /// If a change is no key of its table, or the tables do not fit each other.
    pub fn rules(&self, protocol: Protocol) -> Result<Rules, GradingError> {
        let metric = |spec: &MetricSpec, key: &str| {
            let direction = spec.metric.direction();
            if spec.direction != direction {
                let message = format!("expected `{direction}` for this metric");
                return Err(GradingError { key: format!("{key}.direction"), message });
            }
            Ok(spec.metric.clone())
        };
        let rules = match protocol {
            Protocol::Corrected => Rules {
                metric: metric(&self.metric, "metric")?,
                submission: self.submission.clone(),
                answers: self.answers.clone(),
            },
            Protocol::MleDojo => Rules {
                metric: match &self.mle_dojo.metric {
                    Some(changed) => metric(changed, "mle-dojo.metric")?,
                    None => metric(&self.metric, "metric")?,
                },
                submission: changed(&self.submission, &self.mle_dojo.submission, "mle-dojo.submission")?,
                answers: changed(&self.answers, &self.mle_dojo.answers, "mle-dojo.answers")?,
            },
        };
        rules.check()?;
        Ok(rules)
    }

    /// Checks the tables under both protocols.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), GradingError> {
        self.rules(Protocol::Corrected)?;
        self.rules(Protocol::MleDojo).map(drop)
    }
}

fn changed<T>(base: &T, changes: &Map<String, Value>, table: &str) -> Result<T, GradingError>
where
    T: Serialize + for<'de> Deserialize<'de> + Clone,
{
    if changes.is_empty() {
        return Ok(base.clone());
    }
    let invalid = |error: serde_json::Error| GradingError { key: table.to_owned(), message: error.to_string() };
    let mut value = serde_json::to_value(base).map_err(invalid)?;
    if let Value::Object(map) = &mut value {
        map.extend(changes.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    serde_json::from_value(value).map_err(invalid)
}

impl Rules {
    /// Columns of the answers that metric and filter name.
    pub(crate) fn named_columns(&self) -> Vec<String> {
        let mut names: Vec<String> = match &self.metric {
            Metric::BiasWeightedAuc { identities, .. } => identities.clone(),
            Metric::Wmae { weights, .. } => match weights {
                RowWeights::Column { column } => vec![column.clone()],
                RowWeights::Flag { flag, .. } => vec![flag.clone()],
                RowWeights::Index { column, then, .. } => vec![column.clone(), then.clone()],
            },
            Metric::MeanGroupLogMae { group, .. } => vec![group.clone()],
            Metric::DiceHausdorff { distance: MaskDistance::Volumes { height_column, width_column }, .. } => {
                vec![height_column.clone(), width_column.clone()]
            }
            Metric::GameOfLifeError { steps, .. } => vec![steps.clone()],
            _ => Vec::new(),
        };
        match &self.answers.scored {
            Some(RowFilter::Is { column, .. } | RowFilter::Above { column, .. }) => names.push(column.clone()),
            Some(RowFilter::Last { of, .. }) => names.push(of.clone()),
            _ => {}
        }
        names
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), GradingError> {
        let error = |key: &str, message: String| Err(GradingError { key: key.to_owned(), message });
        let submission = &self.submission;
        if submission.id_columns.is_empty() {
            return error("submission.id_columns", "expected at least one column".to_owned());
        }
        let named: Vec<&String> =
            submission.id_columns.iter().chain(&submission.target_columns).chain(&submission.unused_columns).collect();
        if let Some(index) = (1..named.len()).find(|&index| named[..index].contains(&named[index])) {
            return error("submission.target_columns", format!("the column `{}` is named twice", named[index]));
        }
        let (least, most) = self.metric.target_columns();
        let targets = submission.target_columns.len();
        if targets > 0 && !(least..=most).contains(&targets) {
            let expected = match (least, most) {
                (1, 1) => "one column".to_owned(),
                (least, most) if least == most => format!("{least} columns"),
                (least, _) => format!("{least} columns or more"),
            };
            let name = self.metric.name();
            return error("submission.target_columns", format!("the metric `{name}` takes {expected}, not {targets}"));
        }
        Ok(())
    }
}
