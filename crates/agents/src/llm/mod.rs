//! Language models: one trait, many providers.
//!
//! Start with [`ChatModel`]: a conversation in ([`ChatRequest`]), a reply out ([`ChatReply`]).
//!
//! *Invariant:* a key goes to its provider alone, and shows nowhere: not in messages, not in `Debug`, not in logs, not in
//! the sandbox.

mod error;
mod message;
mod reply;
mod request;

pub use error::LlmError;
pub use message::{AssistantMessage, Echo, Message, ToolCall};
pub use reply::{ChatReply, FinishReason, TokenLogprob, Usage};
pub use request::{ChatRequest, Effort, Tool, ToolChoice};

/// A piece of a reply, as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delta<'a> {
    /// Text of the answer.
    Text(&'a str),
    /// Text of the reasoning before it.
    Reasoning(&'a str),
    /// What came so far is void: the connection broke, and the reply begins anew.
    Restart,
}

/// A language model that chats.
///
/// Calls block, and any number of threads may call at once. A call ends early when the request's `cancel` is used.
pub trait ChatModel: Send + Sync {
    /// The name it was asked for by, such as `openai/gpt-4o-mini`.
    fn id(&self) -> &str;

    /// Answers a conversation.
    ///
    /// # Errors
    /// See [`LlmError`]; what may pass by itself was tried several times by then.
    fn complete(&self, request: &ChatRequest) -> Result<ChatReply, LlmError>;

    /// As [`complete`](Self::complete), and tells of the answer while it comes. A model that cannot tells of it once, in
    /// full.
    ///
    /// # Errors
    /// As [`complete`](Self::complete).
    fn stream(
        &self,
        request: &ChatRequest,
        on_delta: &mut (dyn FnMut(Delta<'_>) + Send),
    ) -> Result<ChatReply, LlmError> {
        let reply = self.complete(request)?;
        if let Some(reasoning) = &reply.message.reasoning {
            on_delta(Delta::Reasoning(reasoning));
        }
        on_delta(Delta::Text(&reply.message.content));
        Ok(reply)
    }
}
