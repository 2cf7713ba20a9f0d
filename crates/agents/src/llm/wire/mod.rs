//! The APIs of providers: our requests in their form, their replies in ours.
//!
//! A module an API, each with its body of a request, its reply, and what puts a streamed reply together. Replies are read
//! with what they may lack; whatever no API of its name would say is an error that names it.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::llm::Delta;
use crate::llm::message::{AssistantMessage, Message, ToolCall};
use crate::llm::prices::ModelEntry;
use crate::llm::provider::Dialect;
use crate::llm::reply::{FinishReason, TokenLogprob, Usage};
use crate::llm::request::ChatRequest;

/// An API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Api {
    /// OpenAI's chat completions, and those who speak it.
    Chat,
    /// The same at Azure's paths.
    AzureChat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's `generateContent`.
    Gemini,
}

/// A request with all that decides its form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) request: &'a ChatRequest,
    /// The model's name at the provider.
    pub(crate) model: &'a str,
    pub(crate) entry: Option<&'a ModelEntry>,
    pub(crate) dialect: Dialect,
    /// Parameters that the model was found not to take.
    pub(crate) refused: &'a BTreeSet<&'static str>,
    pub(crate) stream: bool,
    /// Whether to have the prompt cached where that has to be asked for.
    pub(crate) caching: bool,
}

/// What of a request is sent, and what is not.
pub(crate) struct Body {
    pub(crate) json: Value,
    /// Parameters that were left out.
    pub(crate) ignored: Vec<String>,
}

/// A reply, read.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) message: AssistantMessage,
    pub(crate) finish: FinishReason,
    pub(crate) usage: Option<Usage>,
    pub(crate) logprobs: Option<Vec<TokenLogprob>>,
    pub(crate) model: String,
    /// What the provider says it cost.
    pub(crate) cost_usd: Option<f64>,
}

/// Why an answer is no reply.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is an error of the provider.
    Refused(Value),
    /// It is nothing that the API would say.
    Malformed(String),
}

/// Puts a streamed reply together.
pub(crate) trait Assembler {
    /// Takes the data of an event.
    fn event(&mut self, data: Value, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<(), Trouble>;

    /// The stream says that it has ended.
    fn done(&mut self) {}

    /// The reply, once the stream has ended.
    fn finish(self: Box<Self>) -> Result<Parsed, Trouble>;
}

impl Api {
    /// What follows the provider's address. `version` is Azure's.
    pub(crate) fn path(self, model: &str, stream: bool, version: &str) -> String {
        match (self, stream) {
            (Self::Chat, _) => "/chat/completions".to_owned(),
            (Self::AzureChat, _) => format!("/openai/deployments/{model}/chat/completions?api-version={version}"),
            (Self::Responses, _) => "/responses".to_owned(),
            (Self::Anthropic, _) => "/v1/messages".to_owned(),
            (Self::Gemini, false) => format!("/v1beta/models/{model}:generateContent"),
            (Self::Gemini, true) => format!("/v1beta/models/{model}:streamGenerateContent?alt=sse"),
        }
    }

    /// The body of a request.
    pub(crate) fn body(self, asking: &Asking<'_>) -> Body {
        let mut parameters = Parameters { asking: *asking, ignored: Vec::new() };
        let json = match self {
            Self::Chat | Self::AzureChat => chat::body(asking, &mut parameters),
            Self::Responses => responses::body(asking, &mut parameters),
            Self::Anthropic => anthropic::body(asking, &mut parameters),
            Self::Gemini => gemini::body(asking, &mut parameters),
        };
        Body { json, ignored: parameters.ignored }
    }

    /// Reads a whole reply.
    pub(crate) fn reply(self, value: Value) -> Result<Parsed, Trouble> {
        if is_error(&value) {
            return Err(Trouble::Refused(value));
        }
        match self {
            Self::Chat | Self::AzureChat => chat::reply(value),
            Self::Responses => responses::reply(value),
            Self::Anthropic => anthropic::reply(value),
            Self::Gemini => gemini::reply(value),
        }
    }

    /// Reads a streamed one.
    pub(crate) fn assembler(self) -> Box<dyn Assembler> {
        match self {
            Self::Chat | Self::AzureChat => Box::new(chat::Chunks::default()),
            Self::Responses => Box::new(responses::Events::default()),
            Self::Anthropic => Box::new(anthropic::Events::default()),
            Self::Gemini => Box::new(gemini::Chunks::default()),
        }
    }
}

/// Whether a body or an event is an error, whatever its status says.
pub(crate) fn is_error(value: &Value) -> bool {
    let first = value.get(0).unwrap_or(value);
    first["error"].is_object() || first["error"].is_string() || first["type"] == "error" || first["object"] == "error"
}

/// Reads a value as a type of the wire.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Trouble> {
    serde_json::from_value(value).map_err(|error| Trouble::Malformed(format!("not in the form of its API: {error}")))
}

/// Decides which parameters are sent.
struct Parameters<'a> {
    asking: Asking<'a>,
    ignored: Vec<String>,
}

impl Parameters<'_> {
    /// A parameter, unless the provider or the model doesn't take it.
    fn take<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let refuses = self.asking.dialect.refuses.contains(&name)
            || self.asking.refused.contains(name)
            || self.asking.entry.is_some_and(|entry| entry.refuses.contains(name));
        if refuses { self.ignore(name, value) } else { value }
    }

    /// A parameter that is not sent.
    fn ignore<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_some() {
            self.ignored.push(name.to_owned());
        }
        None
    }
}

/// Arguments as a JSON object, which some APIs want to have back; a model's broken ones are wrapped.
fn arguments_object(arguments: &str) -> Value {
    match serde_json::from_str(arguments) {
        Ok(value @ Value::Object(_)) => value,
        _ if arguments.trim().is_empty() => serde_json::json!({}),
        _ => serde_json::json!({ "arguments": arguments }),
    }
}

/// All instructions of a conversation, for APIs that keep them apart from it.
fn instructions(messages: &[Message]) -> Option<String> {
    let texts: Vec<&str> = messages
        .iter()
        .filter_map(|message| match message {
            Message::System { content } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The rest of a conversation in turns, for APIs in which roles take turns: what neighbours of one role say is one message.
/// `said` gives the role of a message and its parts.
fn turns<'a>(
    messages: &'a [Message],
    said: impl Fn(&'a Message) -> Option<(&'static str, Vec<Value>)>,
) -> Vec<(&'static str, Vec<Value>)> {
    let mut turns: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for (role, parts) in messages.iter().filter_map(said) {
        match turns.last_mut() {
            Some((last, turn)) if *last == role => turn.extend(parts),
            _ => turns.push((role, parts)),
        }
    }
    turns
}

/// A token's log probability, as both of OpenAI's APIs have it.
#[derive(Debug, serde::Deserialize)]
struct WireLogprob {
    token: String,
    logprob: f64,
    #[serde(default)]
    top_logprobs: Vec<WireLogprob>,
}

impl From<WireLogprob> for TokenLogprob {
    fn from(token: WireLogprob) -> Self {
        let top = token.top_logprobs.into_iter().map(|other| (other.token, other.logprob)).collect();
        Self { token: token.token, logprob: token.logprob, top }
    }
}

/// The name of the tool that a call asked for.
fn name_of_call<'a>(messages: &'a [Message], id: &str) -> Option<&'a str> {
    messages.iter().rev().find_map(|message| match message {
        Message::Assistant(message) => {
            message.tool_calls.iter().find(|call| call.id == id).map(|call| call.name.as_str())
        }
        _ => None,
    })
}

/// The message as its own API gave it, if that is this one.
fn echo<'a>(message: &'a AssistantMessage, api: &str) -> Option<&'a [Value]> {
    message.echo.as_ref().filter(|echo| echo.api == api).map(|echo| echo.items.as_slice())
}

/// A reply that calls tools ended for that, whatever the API says, unless it was cut.
fn finished(finish: FinishReason, calls: &[ToolCall]) -> FinishReason {
    if calls.is_empty() || finish == FinishReason::Length { finish } else { FinishReason::ToolCalls }
}
