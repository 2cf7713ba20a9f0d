//! `[metric]`: a metric as a competition names it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::metric::Metric;
use crate::direction::Direction;

/// `[metric]`: which formula with which parameters, and which way is better.
///
/// In a spec: `name = "f1"` and `[metric.params] average = "macro"`; or `python = "metric.py"` and `range = [0, 1]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawMetric", into = "RawMetric")]
pub struct MetricSpec {
    /// The formula and its parameters.
    pub metric: Metric,
    /// Which way is better; checked against the formula.
    pub direction: Direction,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMetric {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    python: Option<String>,
    direction: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<(f64, f64)>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    params: Map<String, Value>,
}

impl TryFrom<RawMetric> for MetricSpec {
    type Error = String;

    fn try_from(raw: RawMetric) -> Result<Self, String> {
        let RawMetric { name, python, direction, range, params } = raw;
        let metric = match (name, python) {
            (Some(name), None) if range.is_none() => named(&name, direction, params)?,
            (Some(_), None) => {
                return Err("metric: `range` belongs to `python`; a metric of ours has its own".to_owned());
            }
            (None, Some(file)) if params.is_empty() => of_python(file, direction, range)?,
            (None, Some(_)) => return Err("metric: a metric in Python takes no `params`".to_owned()),
            _ => return Err("metric: expected `name`, or `python` with the name of a file".to_owned()),
        };
        Ok(Self { metric, direction })
    }
}

fn named(name: &str, direction: Direction, params: Map<String, Value>) -> Result<Metric, String> {
    let mut tagged = params.clone();
    tagged.insert("name".to_owned(), name.into());
    let metric = Metric::deserialize(Value::Object(tagged)).map_err(|error| format!("metric: {error}"))?;
    let known = RawMetric::from(MetricSpec { metric: metric.clone(), direction }).params;
    match params.keys().find(|key| !known.contains_key(*key)) {
        Some(key) => Err(format!("the metric `{name}` has no parameter `{key}`")),
        None => Ok(metric),
    }
}

fn of_python(file: String, direction: Direction, range: Option<(f64, f64)>) -> Result<Metric, String> {
    let stem = file.strip_suffix(".py").unwrap_or_default();
    if stem.is_empty() || !stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let expected = "the name of a file beside this one, of letters, digits and underscores: `metric.py`";
        return Err(format!("metric: `python`: expected {expected}"));
    }
    match range {
        Some((least, most)) if least < most => Ok(Metric::Python { file, direction, least, most }),
        _ => Err("metric: `range`: expected the least and the largest score, such as [0, 1] or [0, inf]; a perfect \
                  submission scores the better one"
            .to_owned()),
    }
}

impl From<MetricSpec> for RawMetric {
    fn from(spec: MetricSpec) -> Self {
        let MetricSpec { metric, direction } = spec;
        if let Metric::Python { file, least, most, .. } = metric {
            return Self { name: None, python: Some(file), direction, range: Some((least, most)), params: Map::new() };
        }
        let params = match serde_json::to_value(&metric) {
            Ok(Value::Object(mut params)) => {
                params.remove("name");
                params
            }
            _ => Map::new(),
        };
        Self { name: Some(metric.name().to_owned()), python: None, direction, range: None, params }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MetricSpec, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_python_file_states_direction_and_range() {
        let spec = read("python = 'metric.py'\ndirection = 'minimize'\nrange = [0, inf]").unwrap();
        assert_eq!(spec.metric.name(), "python");
        assert_eq!((spec.metric.direction(), spec.metric.range()), (Direction::Minimize, (0.0, f64::INFINITY)));
        let again = MetricSpec::try_from(RawMetric::from(spec.clone())).unwrap();
        assert_eq!(again, spec);
    }

    #[test]
    fn what_is_wrong_with_a_metric_is_named() {
        for (text, message) in [
            ("direction = 'minimize'", "expected `name`, or `python`"),
            ("name = 'rmse'\npython = 'm.py'\ndirection = 'minimize'", "expected `name`, or `python`"),
            ("name = 'rmse'\nrange = [0, 1]\ndirection = 'minimize'", "`range` belongs to `python`"),
            ("python = '../metric.py'\nrange = [0, 1]\ndirection = 'minimize'", "the name of a file beside this one"),
            ("python = 'metric'\nrange = [0, 1]\ndirection = 'minimize'", "the name of a file beside this one"),
            ("python = 'metric.py'\ndirection = 'minimize'", "expected the least and the largest score"),
            (
                "python = 'metric.py'\nrange = [1, 0]\ndirection = 'minimize'",
                "expected the least and the largest score",
            ),
            ("python = 'm.py'\nrange = [0, 1]\nparams = { k = 1 }\ndirection = 'minimize'", "takes no `params`"),
            ("name = 'python'\ndirection = 'minimize'", "unknown variant `python`"),
            ("name = 'map_at_k'\nparams = { k = 1, m = 2, repeats = 'once' }\ndirection = 'maximize'", "`m`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
