//! What the agent has read of the competition.

use serde_json::Value;

/// Facts out of the answers to `request_info`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Folder of the data, as scripts see it.
    pub(super) data_path: Option<String>,
    /// File to write, as scripts see it.
    pub(super) output_path: Option<String>,
    /// Kind of prediction, such as `regression`.
    pub(super) task: String,
    /// The metric's name.
    pub(super) metric: Option<String>,
    /// How F1 averages its classes.
    pub(super) average: Option<String>,
    /// Whether a larger score is better.
    pub(super) maximize: bool,
    /// The column that names a row.
    pub(super) id: Option<String>,
    /// The predicted columns.
    pub(super) targets: Vec<String>,
}

impl Facts {
    /// Takes in one answer. What is missing or odd in it stays unknown.
    pub(super) fn learn(&mut self, info_type: &str, value: &Value) {
        match info_type {
            "metadata" => self.learn_metadata(value),
            "sample_submission" if self.id.is_none() => {
                let mut columns = texts(value.get("columns")).into_iter();
                self.id = columns.next();
                self.targets = columns.collect();
            }
            _ => {}
        }
    }

    fn learn_metadata(&mut self, value: &Value) {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        self.data_path = text("/data_path");
        self.output_path = text("/output_path");
        self.task = text("/task").unwrap_or_default();
        self.metric = text("/metric/name");
        self.average = text("/metric/params/average");
        self.maximize = text("/metric/direction").as_deref() == Some("maximize");
        self.id = texts(value.pointer("/submission/id_columns")).into_iter().next();
        self.targets = texts(value.pointer("/submission/target_columns"));
    }

    /// Whether enough is known to write models.
    pub(super) fn suffice(&self) -> bool {
        self.data_path.is_some() && self.metric.is_some() && self.id.is_some() && !self.targets.is_empty()
    }

    /// Whether the rows are moments, and what is asked for lies ahead.
    pub(super) fn is_series(&self) -> bool {
        self.task == "forecasting" && self.targets.len() == 1
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let values = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::baseline::testing::iris_metadata;

    #[test]
    fn metadata_tells_everything() {
        let mut facts = Facts::default();
        facts.learn("metadata", &iris_metadata());
        assert!(facts.suffice() && facts.maximize && !facts.is_series());
        assert_eq!((facts.id.as_deref(), facts.targets), (Some("id"), vec!["species".to_owned()]));
    }

    #[test]
    fn the_sample_tells_the_columns_that_metadata_lacks() {
        let mut facts = Facts::default();
        let metadata = json!({"data_path": "/d", "output_path": "/o", "metric": {"name": "mae"}});
        facts.learn("metadata", &metadata);
        assert!(!facts.suffice());
        facts.learn("sample_submission", &json!({"columns": ["date", "co2"], "rows": [["1999", "1"]]}));
        assert!(facts.suffice());
        assert_eq!((facts.id.as_deref(), facts.targets), (Some("date"), vec!["co2".to_owned()]));
    }

    #[test]
    fn odd_answers_teach_nothing() {
        let mut facts = Facts::default();
        for value in [json!(null), json!("text"), json!({"metric": 3, "submission": {"id_columns": [1]}})] {
            facts.learn("metadata", &value);
            facts.learn("sample_submission", &value);
        }
        assert_eq!(facts, Facts::default());
    }
}
