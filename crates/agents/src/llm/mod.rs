//! Language models: one trait, many providers.
//!
//! Start with [`LlmClient`], which makes a [`ChatModel`] from a [`ModelSpec`] such as `openai/gpt-4o-mini`: a conversation
//! in ([`ChatRequest`]), a reply out ([`ChatReply`]). The client asks providers over HTTP, tries again what may pass, keeps
//! within their limits, counts tokens and costs, and can record replies and play them back.
//!
//! Why the client is ours: `genai`, the widest of the crates for many providers, has no log probabilities and no limits;
//! `async-openai` speaks OpenAI's APIs alone; `rig-core` is a framework for agents. All three bring an asynchronous runtime
//! and a second HTTP stack, where everything here is blocking and `ureq` is there already, and none gives what decides
//! about a retry (`Retry-After`, the error's code) or tells waiting from working. What is ours is small: a module an API
//! in `wire/`, which says what that API's bodies look like.
//!
//! *Invariant:* a key goes to its provider alone, and shows nowhere: not in messages, not in `Debug`, not in logs, not in
//! the sandbox. The HTTP library logs whole requests at level `trace`; a program with a logger of its own keeps `ureq`
//! above that, as the command line does.

mod client;
mod error;
mod gate;
mod http;
mod keys;
mod message;
mod model;
mod prices;
mod provider;
mod record;
mod refusal;
mod reply;
mod request;
mod settings;
mod spec;
mod sse;
mod wire;

pub use client::LlmClient;
pub use error::LlmError;
pub use gate::RateLimits;
pub use http::Timeouts;
pub use keys::Keys;
pub use message::{AssistantMessage, Echo, Message, ToolCall};
pub use prices::{LongPrices, ModelEntry, ModelTable};
pub use record::{RecordMode, RecordSettings};
pub use reply::{ChatReply, FinishReason, TokenLogprob, Usage};
pub use request::{ChatRequest, Effort, Tool, ToolChoice};
pub use settings::{LlmSettings, RetrySettings};
pub use spec::ModelSpec;

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
