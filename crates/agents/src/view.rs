//! An observation in words for a model.

use mledojo_env::{ACTION_NAMES, Observation};
use serde_json::Value;

/// The feedbacks of all providers. Budgets are left to [`left`].
pub(crate) fn feedback(observation: &Observation) -> String {
    let mut text = String::new();
    for (name, feedback) in &observation.feedback {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        if name != "base" {
            text.push_str(&format!("[{name}] "));
        }
        text.push_str(feedback.text.trim_end());
    }
    text
}

/// What is left of the budget: `7 steps and 1 h 20 min left`.
pub(crate) fn left(observation: &Observation) -> String {
    let steps = observation.steps_left.map(|steps| match steps {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    });
    let time = observation.seconds_left.map(duration);
    match (steps, time) {
        (Some(steps), Some(time)) => format!("{steps} and {time} left"),
        (Some(one), None) | (None, Some(one)) => format!("{one} left"),
        (None, None) => "no limit on steps or time".to_owned(),
    }
}

fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..120 => format!("{whole} s"),
        120..7200 => format!("{} min", whole / 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// What the first observation says that can be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Registered actions.
    pub(crate) custom: Vec<String>,
    /// What can be asked for.
    pub(crate) info_types: Vec<String>,
}

impl Offer {
    pub(crate) fn read(observation: &Observation) -> Self {
        let data = observation.feedback.get("base").map(|base| &base.data);
        let texts = |key: &str| -> Vec<String> {
            let list = data.and_then(|data| data.get(key)).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        let is_own = |name: &String| !ACTION_NAMES.contains(&name.as_str());
        Self { custom: texts("actions").into_iter().filter(is_own).collect(), info_types: texts("info_types") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::testing::observation;

    #[test]
    fn budgets_are_told_in_words() {
        let told = |steps_left, seconds_left| left(&Observation { steps_left, seconds_left, ..observation(0) });
        assert_eq!(told(Some(15), Some(43_200.0)), "15 steps and 12 h 0 min left");
        assert_eq!(told(Some(1), Some(119.6)), "1 step and 2 min left");
        assert_eq!(told(None, Some(30.2)), "30 s left");
        assert_eq!(told(None, None), "no limit on steps or time");
    }
}
