//! Messages as trainers and OpenAI's chat interface have them.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message. `content` is always a text: chat templates stumble over null.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct ChatMessage {
    pub(crate) role: Role,
    pub(crate) content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<ToolCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_call_id: Option<String>,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: Function,
    pub(crate) function: FunctionCall,
}

/// The one kind of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Function {
    Function,
}

/// Which function, with what. The arguments stay the JSON text that the model wrote: tables can't hold objects whose keys
/// differ from row to row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct FunctionCall {
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl ChatMessage {
    pub(crate) fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), reasoning_content: None, tool_calls: Vec::new(), tool_call_id: None }
    }

    /// The message as a text: its content, then its tool calls as Hermes and Qwen have them.
    pub(crate) fn text(&self) -> String {
        let mut text = self.content.clone();
        for call in &self.tool_calls {
            if !text.is_empty() {
                text.push('\n');
            }
            let FunctionCall { name, arguments } = &call.function;
            let name = Value::from(name.as_str());
            // Arguments that a model got wrong are no JSON, and are shown as they are.
            text.push_str(&format!("<tool_call>\n{{\"name\": {name}, \"arguments\": {arguments}}}\n</tool_call>"));
        }
        text
    }

    /// Changes every text of the message.
    pub(crate) fn map_texts(&mut self, mut map: impl FnMut(&str) -> String) {
        self.content = map(&self.content);
        if let Some(reasoning) = &mut self.reasoning_content {
            *reasoning = map(reasoning);
        }
        for call in &mut self.tool_calls {
            call.function.arguments = map(&call.function.arguments);
        }
    }
}

/// A message as transcripts have it; a tool call in OpenAI's shape or flat.
#[derive(Debug, Deserialize)]
pub(crate) struct MessageRecord {
    role: Role,
    #[serde(default)]
    content: Option<String>,
    #[serde(default, alias = "reasoning_content")]
    reasoning: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<ToolCallRecord>>,
    #[serde(default)]
    tool_call_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ToolCallRecord {
    Nested { id: String, function: FunctionRecord },
    Flat { id: String, name: String, arguments: String },
}

#[derive(Debug, Deserialize)]
struct FunctionRecord {
    name: String,
    arguments: String,
}

impl From<MessageRecord> for ChatMessage {
    fn from(record: MessageRecord) -> Self {
        let call = |call| {
            let (id, name, arguments) = match call {
                ToolCallRecord::Nested { id, function } => (id, function.name, function.arguments),
                ToolCallRecord::Flat { id, name, arguments } => (id, name, arguments),
            };
            ToolCall { id, kind: Function::Function, function: FunctionCall { name, arguments } }
        };
        Self {
            role: record.role,
            content: record.content.unwrap_or_default(),
            reasoning_content: record.reasoning.filter(|text| !text.is_empty()),
            tool_calls: record.tool_calls.unwrap_or_default().into_iter().map(call).collect(),
            tool_call_id: record.tool_call_id,
        }
    }
}

/// The last part of a path, for names that must not tell where things are.
pub(crate) fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}
