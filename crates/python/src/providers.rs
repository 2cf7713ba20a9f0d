//! Feedback, information and actions that are written in Python.

use mledojo_env::{
    BaseFeedback, Call, CustomAction, CustomContext, Feedback, FeedbackContext, FeedbackProvider, InfoProvider,
    PreparedCompetition,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value, json};

use crate::values;

/// A callable of the user's.
pub(crate) struct Provider(pub(crate) Py<PyAny>);

impl Provider {
    /// Calls it with keyword arguments. An exception becomes the error's words.
    fn call(&self, arguments: &[(&str, Value)]) -> Result<Value, String> {
        Python::attach(|py| {
            let called = || -> PyResult<Value> {
                let keywords = PyDict::new(py);
                for (name, value) in arguments {
                    keywords.set_item(name, values::to_python(py, value)?)?;
                }
                let answer = self.0.bind(py).call((), Some(&keywords))?;
                values::from_python(&answer, "the answer")
            };
            called().map_err(|error| error.to_string())
        })
    }
}

/// An answer as feedback: a text, or `{"text": …, "data": …}`.
fn feedback(answer: Value) -> Feedback {
    match answer {
        Value::String(text) => Feedback { data: text.clone().into(), text },
        Value::Object(mut fields) if fields.get("text").is_some_and(Value::is_string) => {
            let text = fields.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
            let data = fields.shift_remove("data").unwrap_or_else(|| text.clone().into());
            Feedback { text, data }
        }
        other => Feedback { text: other.to_string(), data: other },
    }
}

impl FeedbackProvider for Provider {
    /// Calls it with `competition`, `action` (a call, or None), `text` and `data` (what the provider `base` says) and
    /// `best` (a grade, or None).
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
        let action = context.action.map(|action| Call::from(action.clone()));
        let base = BaseFeedback.feedback(context);
        let answer = self.call(&[
            ("competition", context.spec.slug.clone().into()),
            ("action", json!(action)),
            ("text", base.text.into()),
            ("data", base.data),
            ("best", json!(context.best)),
        ]);
        answer.map(feedback).unwrap_or_else(|reason| {
            let text = format!("No feedback: the provider failed ({reason}).");
            Feedback { data: json!({ "error": reason }), text }
        })
    }
}

impl InfoProvider for Provider {
    /// Calls it with `competition`.
    fn info(&self, competition: &PreparedCompetition) -> Result<Value, String> {
        self.call(&[("competition", competition.spec().slug.clone().into())])
    }
}

impl CustomAction for Provider {
    /// Calls it with `params`, `work_dir`, `competition` and `best`.
    fn perform(&mut self, params: &Map<String, Value>, context: CustomContext<'_>) -> Result<Feedback, String> {
        let answer = self.call(&[
            ("params", Value::Object(params.clone())),
            ("work_dir", context.work_dir.to_string_lossy().into()),
            ("competition", context.competition.spec().slug.clone().into()),
            ("best", json!(context.best)),
        ])?;
        Ok(feedback(answer))
    }
}
