//! What an agent can do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One action of an agent. On the wire it is a [`Call`].
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Asks about the competition; see [`InfoProviders`](crate::InfoProviders) for the types.
    RequestInfo {
        /// What is asked.
        info_type: String,
    },
    /// Runs code without grading what it writes.
    ValidateCode {
        /// Python source.
        code: String,
    },
    /// Runs code and grades the submission that it writes.
    ExecuteCode {
        /// Python source.
        code: String,
    },
    /// Asks for the latest steps of this episode.
    GetHistory,
    /// Empties the working folder and forgets the current score; budgets, best score and history stay.
    Reset,
    /// The agent declares itself done.
    Finish,
    /// An action registered by the user of the library.
    Custom {
        /// Its registered name.
        name: String,
        /// Its parameters.
        params: Map<String, Value>,
    },
}

/// An action on the wire: `{"action": "execute_code", "params": {"code": "…"}}`. Any name and any parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The action's name.
    pub action: String,
    /// Its parameters.
    #[serde(default)]
    pub params: Map<String, Value>,
}

/// Why a call is no action. Its text is written for the agent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No such action.
    #[error("unknown action `{name}`; the actions are {known}")]
    Unknown {
        /// What was called.
        name: String,
        /// Those that exist, separated by commas.
        known: String,
    },
    /// A parameter is missing, surplus, or of another type.
    #[error("action `{action}`: {problem}; expected {expected}")]
    Params {
        /// The action.
        action: String,
        /// What is wrong.
        problem: String,
        /// What the parameters must be.
        expected: &'static str,
    },
}

/// Names of the actions that always exist.
pub const ACTION_NAMES: [&str; 6] = ["request_info", "validate_code", "execute_code", "get_history", "reset", "finish"];

impl Call {
    /// A call to grade what `code` makes.
    ///
    /// ```
    /// let call = mledojo_env::Call::execute_code("print(1)");
    /// assert_eq!(serde_json::to_string(&call)?, r#"{"action":"execute_code","params":{"code":"print(1)"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn execute_code(code: impl Into<String>) -> Self {
        Action::ExecuteCode { code: code.into() }.into()
    }

    /// A call to try `code` without grading.
    pub fn validate_code(code: impl Into<String>) -> Self {
        Action::ValidateCode { code: code.into() }.into()
    }

    /// A question about the competition.
    pub fn request_info(info_type: impl Into<String>) -> Self {
        Action::RequestInfo { info_type: info_type.into() }.into()
    }

    /// Reads the call as an action. `custom` are the names of the registered ones.
    ///
    /// # Errors
    /// An unknown name or wrong parameters, in words for the agent.
    pub fn parse(self, custom: &[String]) -> Result<Action, ActionError> {
        let Self { action, mut params } = self;
        if custom.contains(&action) {
            return Ok(Action::Custom { name: action, params });
        }
        let known = ACTION_NAMES.contains(&action.as_str());
        if !known {
            let names: Vec<&str> = ACTION_NAMES.into_iter().chain(custom.iter().map(String::as_str)).collect();
            return Err(ActionError::Unknown { name: shortened(&action), known: names.join(", ") });
        }
        let (key, expected) = match action.as_str() {
            "request_info" => (Some("info_type"), "{\"info_type\": \"overview\"}"),
            "validate_code" | "execute_code" => (Some("code"), "{\"code\": \"…Python source…\"}"),
            _ => (None, "no parameters"),
        };
        let failed = |problem: String| ActionError::Params { action: action.clone(), problem, expected };
        let text = match key {
            None => String::new(),
            Some(key) => match params.shift_remove(key) {
                Some(Value::String(text)) => text,
                Some(other) => return Err(failed(format!("`{key}` is {}, not a text", json_type(&other)))),
                None => return Err(failed(format!("`{key}` is missing"))),
            },
        };
        if let Some(surplus) = params.keys().next() {
            return Err(failed(format!("unknown parameter `{}`", shortened(surplus))));
        }
        Ok(match action.as_str() {
            "request_info" => Action::RequestInfo { info_type: text },
            "validate_code" => Action::ValidateCode { code: text },
            "execute_code" => Action::ExecuteCode { code: text },
            "get_history" => Action::GetHistory,
            "reset" => Action::Reset,
            _ => Action::Finish,
        })
    }
}

impl Action {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::RequestInfo { .. } => "request_info",
            Self::ValidateCode { .. } => "validate_code",
            Self::ExecuteCode { .. } => "execute_code",
            Self::GetHistory => "get_history",
            Self::Reset => "reset",
            Self::Finish => "finish",
            Self::Custom { name, .. } => name,
        }
    }

    /// The code that this action runs, if it runs any.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::ValidateCode { code } | Self::ExecuteCode { code } => Some(code),
            _ => None,
        }
    }
}

impl From<Action> for Call {
    fn from(action: Action) -> Self {
        let name = action.name().to_owned();
        let params = match action {
            Action::RequestInfo { info_type } => Map::from_iter([("info_type".to_owned(), Value::from(info_type))]),
            Action::ValidateCode { code } | Action::ExecuteCode { code } => {
                Map::from_iter([("code".to_owned(), Value::from(code))])
            }
            Action::Custom { params, .. } => params,
            Action::GetHistory | Action::Reset | Action::Finish => Map::new(),
        };
        Self { action: name, params }
    }
}

pub(crate) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A name from outside, short enough to be quoted.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    if text.len() <= MOST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MOST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Action, String> {
        let call: Call = serde_json::from_str(json).map_err(|error| error.to_string())?;
        call.parse(&["peek".to_owned()]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_call_becomes_an_action_and_back() {
        for json in [
            r#"{"action":"request_info","params":{"info_type":"overview"}}"#,
            r#"{"action":"execute_code","params":{"code":"print(1)"}}"#,
            r#"{"action":"validate_code","params":{"code":""}}"#,
            r#"{"action":"get_history","params":{}}"#,
            r#"{"action":"reset","params":{}}"#,
            r#"{"action":"finish","params":{}}"#,
            r#"{"action":"peek","params":{"depth":3}}"#,
        ] {
            let action = parse(json).unwrap();
            assert_eq!(serde_json::to_string(&Call::from(action)).unwrap(), json);
        }
    }

    #[test]
    fn what_is_wrong_with_a_call_is_said() {
        let cases = [
            (r#"{"action":"fly"}"#, "unknown action `fly`; the actions are request_info, validate_code"),
            (r#"{"action":"execute_code"}"#, "`code` is missing; expected {\"code\""),
            (r#"{"action":"execute_code","params":{"code":[1]}}"#, "`code` is a list, not a text"),
            (r#"{"action":"reset","params":{"hard":true}}"#, "unknown parameter `hard`; expected no parameters"),
        ];
        for (json, expected) in cases {
            let error = parse(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
