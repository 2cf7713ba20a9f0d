//! Actions as the tools of a chat model.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::is_built_in;

/// A tool, as OpenAI's API and most others take it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSchema {
    /// `function`.
    pub r#type: String,
    /// The function.
    pub function: FunctionSchema,
}

/// A function with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionSchema {
    /// The action's name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// Its parameters: a JSON schema of an object.
    pub parameters: Value,
}

/// The actions as tools. `custom` are the names of the registered ones, whose parameters are free; `info_types` what
/// `request_info` can be asked for, any text if empty.
///
/// ```
/// let tools = mledojo_env::tool_schemas(&[], &["overview".to_owned()]);
/// assert_eq!(tools[0].function.name, "request_info");
/// assert_eq!(tools[0].function.parameters["properties"]["info_type"]["enum"][0], "overview");
/// ```
#[must_use]
pub fn tool_schemas(custom: &[String], info_types: &[String]) -> Vec<ToolSchema> {
    let mut info_type = json!({ "type": "string", "description": "What to ask for." });
    if !info_types.is_empty() {
        info_type["enum"] = json!(info_types);
    }
    let code = json!({ "type": "string", "description": "A whole Python script." });
    let built_in = [
        ("request_info", "Asks for information on the competition.", object("info_type", info_type)),
        ("validate_code", "Runs a Python script and shows its output; grades nothing.", object("code", code.clone())),
        (
            "execute_code",
            "Runs a Python script that writes the submission file, shows its output and grades the submission.",
            object("code", code),
        ),
        ("get_history", "Shows the latest steps and their scores.", nothing()),
        ("reset", "Empties the working folder. Steps taken, time and best score stay.", nothing()),
        ("finish", "Declares the task done and ends the episode. The best score counts.", nothing()),
    ];
    let own = custom.iter().filter(|name| !is_built_in(name)).map(|name| {
        (name.as_str(), "An action of this environment.", json!({ "type": "object", "additionalProperties": true }))
    });
    built_in
        .into_iter()
        .chain(own)
        .map(|(name, description, parameters)| ToolSchema {
            r#type: "function".to_owned(),
            function: FunctionSchema { name: name.to_owned(), description: description.to_owned(), parameters },
        })
        .collect()
}

fn object(key: &str, schema: Value) -> Value {
    json!({ "type": "object", "properties": { key: schema }, "required": [key], "additionalProperties": false })
}

fn nothing() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}
