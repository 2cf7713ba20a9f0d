//! Messages as trainers and OpenAI's chat interface have them.

use std::path::Path;

use mledojo_agents::llm::{AssistantMessage, Message};
use serde::Serialize;
use serde_json::Value;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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

impl From<Message> for ChatMessage {
    fn from(message: Message) -> Self {
        match message {
            Message::System { content } => Self::new(Role::System, content),
            Message::User { content } => Self::new(Role::User, content),
            Message::Assistant(message) => message.into(),
            Message::Tool { tool_call_id, content } => {
                Self { tool_call_id: Some(tool_call_id), ..Self::new(Role::Tool, content) }
            }
        }
    }
}

impl From<AssistantMessage> for ChatMessage {
    /// What a provider wants back in its own form is left out: it may hold anything.
    fn from(message: AssistantMessage) -> Self {
        let call = |call: mledojo_agents::llm::ToolCall| ToolCall {
            id: call.id,
            kind: Function::Function,
            function: FunctionCall { name: call.name, arguments: call.arguments },
        };
        Self {
            reasoning_content: message.reasoning.filter(|text| !text.is_empty()),
            tool_calls: message.tool_calls.into_iter().map(call).collect(),
            ..Self::new(Role::Assistant, message.content)
        }
    }
}

/// The last part of a path, for names that must not tell where things are.
pub(crate) fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}
