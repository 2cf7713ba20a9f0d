//! A request, as it came.

use std::collections::BTreeMap;

use serde_json::Value;

/// Which API was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// OpenAI's `/chat/completions`, and all that speak it.
    Chat,
    /// OpenAI's `/responses`.
    Responses,
    /// Anthropic's `/messages`.
    Anthropic,
    /// Gemini's `:generateContent`.
    Gemini,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Requests before this one.
    pub index: usize,
    /// The path, without the query.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// Headers, with names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body; null if it is no JSON.
    pub body: Value,
    /// The API, by the path.
    pub api: Api,
}

impl Asked {
    pub(crate) fn api_of(path: &str) -> Option<Api> {
        if path.ends_with("/chat/completions") {
            Some(Api::Chat)
        } else if path.ends_with("/responses") {
            Some(Api::Responses)
        } else if path.ends_with("/messages") {
            Some(Api::Anthropic)
        } else if path.contains(":generateContent") || path.contains(":streamGenerateContent") {
            Some(Api::Gemini)
        } else {
            None
        }
    }

    /// Whether the reply shall come as a stream.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.path.contains(":streamGenerateContent") || self.body["stream"] == Value::Bool(true)
    }

    /// The model that is asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        match self.api {
            Api::Gemini => {
                self.path.split("/models/").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default()
            }
            _ => self.body["model"].as_str().unwrap_or_else(|| {
                let deployment = self.path.split("/deployments/").nth(1).and_then(|rest| rest.split('/').next());
                deployment.unwrap_or_default()
            }),
        }
    }

    /// All texts of the conversation with their roles, oldest first, instructions included: `system`, `user`,
    /// `assistant` (`model` with Gemini), `tool`. Calls of tools are in it as JSON.
    #[must_use]
    pub fn conversation(&self) -> Vec<(String, String)> {
        let mut turns = Vec::new();
        for key in ["instructions", "system", "systemInstruction"] {
            let text = text_of(&self.body[key]);
            if !text.is_empty() {
                turns.push(("system".to_owned(), text));
            }
        }
        if let Some(text) = self.body["input"].as_str() {
            turns.push(("user".to_owned(), text.to_owned()));
        }
        for key in ["messages", "input", "contents"] {
            for item in self.body[key].as_array().map(Vec::as_slice).unwrap_or_default() {
                let role = item["role"].as_str().unwrap_or(match item["type"].as_str() {
                    Some("function_call_output") => "tool",
                    _ => "assistant",
                });
                turns.push((role.to_owned(), text_of(item)));
            }
        }
        turns
    }

    /// The text of the last message.
    #[must_use]
    pub fn last(&self) -> String {
        self.conversation().pop().map(|(_, text)| text).unwrap_or_default()
    }

    /// Names of the tools that may be called.
    #[must_use]
    pub fn tools(&self) -> Vec<String> {
        let tools = self.body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
        let declared = tools.iter().flat_map(|tool| match tool["functionDeclarations"].as_array() {
            Some(declarations) => declarations.iter().collect(),
            None => vec![if tool["function"].is_object() { &tool["function"] } else { tool }],
        });
        declared.filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
    }

    /// The key that came with it, whichever header it came in.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        let bearer = self.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let other = ["x-api-key", "x-goog-api-key", "api-key"].iter().find_map(|name| self.headers.get(*name));
        bearer.or(other.map(String::as_str))
    }
}

/// The texts within a value, whatever the API calls them.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        Value::Object(object) => {
            let keys = ["content", "parts", "text", "output", "arguments", "result"];
            let mut texts: Vec<String> =
                keys.iter().filter_map(|key| object.get(*key)).map(text_of).filter(|text| !text.is_empty()).collect();
            for key in ["tool_calls", "function", "functionCall", "functionResponse", "args", "response", "input"] {
                if let Some(inner) = object.get(key) {
                    let text = text_of(inner);
                    texts.push(if text.is_empty() { inner.to_string() } else { text });
                }
            }
            texts.join("\n")
        }
        _ => String::new(),
    }
}
