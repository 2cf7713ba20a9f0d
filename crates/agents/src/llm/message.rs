//! What a conversation is made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One message of a conversation, tagged by its role.
///
/// ```
/// use mledojo_agents::llm::Message;
///
/// let message = Message::user("Hello");
/// assert_eq!(serde_json::to_string(&message)?, r#"{"role":"user","content":"Hello"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    /// Instructions that stand above the conversation.
    System {
        /// The text.
        content: String,
    },
    /// What the model is told or asked.
    User {
        /// The text.
        content: String,
    },
    /// What the model answered.
    Assistant(AssistantMessage),
    /// What a tool gave back.
    Tool {
        /// The [`ToolCall::id`] it answers.
        tool_call_id: String,
        /// The text.
        content: String,
    },
}

/// What a model answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AssistantMessage {
    /// The text; empty if it only called tools.
    #[serde(default)]
    pub content: String,
    /// The tools it calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Its reasoning, as far as the provider shows it. Not sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// What the provider wants to have back with this message. Leave it out where the message is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<Echo>,
}

/// A message in a provider's own form, kept where that form holds more than ours: signed or encrypted reasoning, without
/// which some models lose their thread or refuse the conversation. It is sent back, in the message's place, to the same
/// API alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Echo {
    /// The API that it is of: `anthropic`, `gemini`, `responses` or `chat`.
    pub api: String,
    /// Its items, as they came.
    pub items: Vec<Value>,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// What the tool's answer refers to; unique within a conversation.
    pub id: String,
    /// The tool's name, which may be none that exists.
    pub name: String,
    /// Its arguments as the model wrote them: meant to be a JSON object, and not always one.
    pub arguments: String,
}

impl Message {
    /// A system message.
    #[must_use]
    pub fn system(content: impl Into<String>) -> Self {
        Self::System { content: content.into() }
    }

    /// A user's message.
    #[must_use]
    pub fn user(content: impl Into<String>) -> Self {
        Self::User { content: content.into() }
    }

    /// A model's message of text alone.
    #[must_use]
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::Assistant(AssistantMessage { content: content.into(), ..AssistantMessage::default() })
    }

    /// A tool's answer.
    #[must_use]
    pub fn tool(tool_call_id: impl Into<String>, content: impl Into<String>) -> Self {
        Self::Tool { tool_call_id: tool_call_id.into(), content: content.into() }
    }

    /// The text.
    #[must_use]
    pub fn content(&self) -> &str {
        match self {
            Self::System { content } | Self::User { content } | Self::Tool { content, .. } => content,
            Self::Assistant(message) => &message.content,
        }
    }

    /// Bytes of all that a model reads of it.
    pub(crate) fn bytes(&self) -> usize {
        let calls = match self {
            Self::Assistant(message) => message.tool_calls.as_slice(),
            _ => &[],
        };
        self.content().len() + calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
    }
}

impl From<AssistantMessage> for Message {
    fn from(message: AssistantMessage) -> Self {
        Self::Assistant(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_tagged_by_role() {
        let call = ToolCall { id: "c1".into(), name: "finish".into(), arguments: "{}".into() };
        let messages = [
            (Message::system("a"), r#"{"role":"system","content":"a"}"#),
            (Message::assistant("b"), r#"{"role":"assistant","content":"b"}"#),
            (Message::tool("c1", "done"), r#"{"role":"tool","tool_call_id":"c1","content":"done"}"#),
            (
                AssistantMessage { tool_calls: vec![call], ..AssistantMessage::default() }.into(),
                r#"{"role":"assistant","content":"","tool_calls":[{"id":"c1","name":"finish","arguments":"{}"}]}"#,
            ),
        ];
        for (message, text) in messages {
            assert_eq!(serde_json::to_string(&message).unwrap(), text);
            assert_eq!(serde_json::from_str::<Message>(text).unwrap(), message);
        }
    }
}
