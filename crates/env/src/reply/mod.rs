//! From a model's words to a [`Call`], and from actions to the tools that a model is offered.
//!
//! Start with [`Call::from_reply`]. A reply that holds no call, or more than one, or a malformed one, is a
//! [`ReplyError`], whose text says what is wrong and how to write it instead.

mod error;
mod fence;
mod schema;

use serde_json::{Map, Value};

pub use self::error::ReplyError;
pub use self::fence::{CodeBlock, code_blocks};
pub use self::schema::{FunctionSchema, ToolSchema, tool_schemas};
use crate::action::{ACTION_NAMES, Call, json_type, shortened};

impl Call {
    /// Reads a model's reply as a call. `custom` are the names of the registered actions.
    ///
    /// Taken are: a JSON object `{"action": …, "params": {…}}`; the object of a tool call, flat
    /// (`{"name": …, "arguments": …}`) or as OpenAI writes it; either of them in a code fence or between words, once;
    /// and a lone block of Python, which is `execute_code`. Reasoning between `<think>` and `</think>` is skipped.
    ///
    /// ```
    /// use mledojo_env::Call;
    ///
    /// let call = Call::from_reply("I try it.\n```python\nprint(1)\n```", &[])?;
    /// assert_eq!(call, Call::execute_code("print(1)\n"));
    /// let error = Call::from_reply(r#"{"action": "execute_code", "params": {}}"#, &[]).unwrap_err();
    /// assert!(error.to_string().contains("`code` is missing"));
    /// # Ok::<(), mledojo_env::ReplyError>(())
    /// ```
    ///
    /// # Errors
    /// No call, more than one, or one that is not well-formed.
    pub fn from_reply(text: &str, custom: &[String]) -> Result<Self, ReplyError> {
        let text = without_reasoning(text.trim_start_matches('\u{feff}')).trim();
        if text.is_empty() {
            return Err(ReplyError::Empty);
        }
        if text.starts_with('{') {
            return match serde_json::from_str::<Value>(text) {
                Ok(value) => interpret(value, custom),
                // Words may follow the object; what precedes them must still be one.
                Err(error) => between_words(text, custom)?.ok_or_else(|| json_error(text, &error)),
            };
        }
        if let Some(call) = fenced(text, custom)? {
            return Ok(call);
        }
        between_words(text, custom)?.ok_or(ReplyError::NoCall)
    }

    /// Reads a call of a tool: the tool's name is the action's, its arguments are the parameters.
    ///
    /// # Errors
    /// Arguments that are no JSON object, an unknown action, or wrong parameters.
    pub fn from_tool_call(name: &str, arguments: &str, custom: &[String]) -> Result<Self, ReplyError> {
        let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
        let value = serde_json::from_str(arguments).map_err(|error| json_error(arguments, &error))?;
        checked(name.to_owned(), params(Some(value), "arguments")?, custom)
    }
}

/// What is left without a block of reasoning at the beginning; one that is never closed is all of it.
fn without_reasoning(text: &str) -> &str {
    let start = text.trim_start();
    for tag in ["think", "thinking"] {
        if let Some(inner) = start.strip_prefix(&format!("<{tag}>")) {
            let end = format!("</{tag}>");
            return inner.find(&end).map_or("", |at| &inner[at + end.len()..]);
        }
    }
    text
}

/// The one call in code fences; `None` when there are no fences to speak of.
fn fenced(text: &str, custom: &[String]) -> Result<Option<Call>, ReplyError> {
    let blocks = code_blocks(text);
    let mut calls: Vec<Result<Call, ReplyError>> = Vec::new();
    let mut scripts: Vec<&str> = Vec::new();
    for CodeBlock { language, body, closed } in &blocks {
        let is_object = body.trim_start().starts_with('{');
        match language.as_str() {
            "json" | "jsonc" | "json5" | "tool_call" | "tool_code" => calls.push(object(body, custom)),
            "" if is_object && body.contains("\"action\"") => calls.push(object(body, custom)),
            "python" | "py" | "python3" | "" if *closed => scripts.push(body),
            "python" | "py" | "python3" | "" => return Err(ReplyError::OpenFence),
            _ => {}
        }
    }
    match (calls.len(), scripts.len()) {
        (0, 0) => Ok(None),
        (1, _) => calls.remove(0).map(Some),
        (0, 1) => Ok(Some(Call::execute_code(scripts[0]))),
        (0, count) => Err(ReplyError::ManyScripts { count }),
        (count, _) => Err(ReplyError::ManyCalls { count }),
    }
}

fn object(text: &str, custom: &[String]) -> Result<Call, ReplyError> {
    let value = serde_json::from_str(text.trim()).map_err(|error| json_error(text.trim(), &error))?;
    interpret(value, custom)
}

/// The one object with a call among words.
fn between_words(text: &str, custom: &[String]) -> Result<Option<Call>, ReplyError> {
    /// Openings that are tried, so that a flood of braces costs no more than its length.
    const TRIES: usize = 64;
    let mut found = Vec::new();
    let mut broken = None;
    let mut at = 0;
    for _ in 0..TRIES {
        let Some(open) = text[at..].find('{') else { break };
        at += open;
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                at += values.byte_offset();
                if names_a_call(&value) {
                    found.push(value);
                }
            }
            Some(Err(error)) => {
                let rest = &text[at..];
                if broken.is_none() && opens_a_call(rest) {
                    broken = Some(json_error(rest, &error));
                }
                at += 1;
            }
            None => break,
        }
    }
    match (found.len(), broken) {
        (0, Some(error)) => Err(error),
        (0, None) => Ok(None),
        (1, _) => interpret(found.remove(0), custom).map(Some),
        (count, _) => Err(ReplyError::ManyCalls { count }),
    }
}

/// Whether the text from an opening brace on is meant as a call.
fn opens_a_call(text: &str) -> bool {
    let start: String = text[1..].trim_start().chars().take(12).collect();
    ["\"action\"", "\"name\"", "\"function\"", "'action'", "action"].iter().any(|key| start.starts_with(key))
}

fn names_a_call(value: &Value) -> bool {
    let Value::Object(object) = value else { return false };
    ["action", "function", "tool_calls"].iter().any(|key| object.contains_key(*key))
        || (object.contains_key("name") && object.contains_key("arguments"))
}

/// Reads a JSON value as a call.
fn interpret(value: Value, custom: &[String]) -> Result<Call, ReplyError> {
    let Value::Object(mut object) = value else {
        return Err(ReplyError::NotAnObject { found: json_type(&value) });
    };
    if let Some(calls) = object.shift_remove("tool_calls") {
        let Value::Array(mut calls) = calls else { return Err(ReplyError::NotAnObject { found: json_type(&calls) }) };
        return match calls.len() {
            1 => interpret(calls.remove(0), custom),
            0 => Err(ReplyError::NoCall),
            count => Err(ReplyError::ManyCalls { count }),
        };
    }
    if let Some(Value::Object(function)) = object.get("function") {
        return interpret(Value::Object(function.clone()), custom);
    }
    if object.contains_key("name") && !object.contains_key("action") {
        let name = text(object.shift_remove("name"), "name")?;
        let key = if object.contains_key("arguments") { "arguments" } else { "parameters" };
        let arguments = object.shift_remove(key);
        ["id", "type", "index"].iter().for_each(|key| drop(object.shift_remove(*key)));
        no_more(&object, "`name` and `arguments`")?;
        return checked(name, params(arguments, key)?, custom);
    }
    if !object.contains_key("action") {
        return Err(ReplyError::NoAction { keys: keys(&object) });
    }
    let action = text(object.shift_remove("action"), "action")?;
    let given = object.shift_remove("params");
    no_more(&object, "`action` and `params`")?;
    checked(action, params(given, "params")?, custom)
}

fn text(value: Option<Value>, key: &'static str) -> Result<String, ReplyError> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(ReplyError::WrongType { key, expected: "a text", found: json_type(&other) }),
        None => Err(ReplyError::WrongType { key, expected: "a text", found: "missing" }),
    }
}

/// Parameters: an object, or the text of one, as tool calls have it; none are an empty one.
fn params(value: Option<Value>, key: &'static str) -> Result<Map<String, Value>, ReplyError> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(params)) => Ok(params),
        Some(Value::String(inner)) if key != "params" => {
            let value = serde_json::from_str(&inner).map_err(|error| json_error(&inner, &error))?;
            match value {
                Value::Object(params) => Ok(params),
                other => Err(ReplyError::WrongType { key, expected: "an object", found: json_type(&other) }),
            }
        }
        Some(other) => Err(ReplyError::WrongType { key, expected: "an object", found: json_type(&other) }),
    }
}

fn no_more(object: &Map<String, Value>, expected: &'static str) -> Result<(), ReplyError> {
    match object.keys().next() {
        Some(key) => Err(ReplyError::UnknownKey { key: shortened(key), expected }),
        None => Ok(()),
    }
}

fn keys(object: &Map<String, Value>) -> String {
    let names: Vec<String> = object.keys().take(8).map(|key| format!("`{}`", shortened(key))).collect();
    if names.is_empty() { "no keys".to_owned() } else { names.join(", ") }
}

fn checked(action: String, params: Map<String, Value>, custom: &[String]) -> Result<Call, ReplyError> {
    let call = Call { action, params };
    // A name of a custom action may be one of ours in another spelling; only what parses is a call.
    call.clone().parse(custom)?;
    Ok(call)
}

fn json_error(text: &str, error: &serde_json::Error) -> ReplyError {
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or(&message).to_owned();
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let column = error.column().saturating_sub(1);
    let from = line.floor_char_boundary(column.saturating_sub(20).min(line.len()));
    let to = line.floor_char_boundary((column + 20).min(line.len()));
    let near = line[from..to].trim().to_owned();
    let hint = error::json_hint(&reason, text, line, error.is_eof());
    ReplyError::Json { line: error.line(), column: error.column(), reason, near, hint }
}

/// Whether a name is one of the actions that always exist.
pub(crate) fn is_built_in(name: &str) -> bool {
    ACTION_NAMES.contains(&name)
}

#[cfg(test)]
mod tests;
