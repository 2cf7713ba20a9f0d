//! OpenAI's chat completions (`POST /chat/completions`), as OpenAI and its many speakers have it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asking, Assembler, Parameters, Parsed, Trouble, WireLogprob, arguments_object, echo, finished, read};
use crate::llm::Delta;
use crate::llm::message::{Echo, Message, ToolCall};
use crate::llm::provider::Reasoning;
use crate::llm::reply::{FinishReason, TokenLogprob, Usage};
use crate::llm::request::{Effort, ToolChoice};

pub(super) fn body(asking: &Asking<'_>, parameters: &mut Parameters<'_>) -> Value {
    let request = asking.request;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model", asking.model.into());
    put("messages", request.messages.iter().map(|entry| message(entry, asking.dialect.reasoning)).collect());
    if let Some(limit) = request.max_tokens {
        // The two names of one limit: where one is refused, the other is meant.
        let own = asking.dialect.max_tokens;
        let other = if own == "max_tokens" { "max_completion_tokens" } else { "max_tokens" };
        put(if asking.refused.contains(own) { other } else { own }, limit.into());
    }
    if let Some(value) = parameters.take("temperature", request.temperature) {
        put("temperature", value.into());
    }
    if let Some(value) = parameters.take("top_p", request.top_p) {
        put("top_p", value.into());
    }
    if let Some(value) = parameters.take("seed", request.seed) {
        // Servers keep it in 64 bits with a sign.
        put("seed", (value & (u64::MAX >> 1)).into());
    }
    if let Some(value) = parameters.take("stop", Some(&request.stop).filter(|stop| !stop.is_empty())) {
        put("stop", value.as_slice().into());
    }
    if let Some(top) = parameters.take("logprobs", request.logprobs) {
        put("logprobs", true.into());
        if top > 0 {
            put("top_logprobs", top.into());
        }
    }
    match asking.dialect.reasoning {
        Reasoning::Effort => {
            parameters.ignore("thinking_budget", request.thinking_budget);
            if let Some(effort) = parameters.take("reasoning_effort", request.reasoning_effort) {
                put("reasoning_effort", effort.name().into());
            }
        }
        Reasoning::Object => {
            if let Some(budget) = request.thinking_budget {
                put("reasoning", json!({ "max_tokens": budget }));
            } else if let Some(effort) = parameters.take("reasoning_effort", request.reasoning_effort) {
                put("reasoning", json!({ "effort": effort.name() }));
            }
            put("usage", json!({ "include": true }));
        }
        Reasoning::ByModel => {
            parameters.ignore("reasoning_effort", request.reasoning_effort.map(Effort::name));
            parameters.ignore("thinking_budget", request.thinking_budget);
        }
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| json!({ "type": "function", "function": tool })).collect();
        put("tools", tools);
        match &request.tool_choice {
            ToolChoice::Auto => {}
            ToolChoice::None => _ = put("tool_choice", "none".into()),
            ToolChoice::Required => _ = put("tool_choice", "required".into()),
            ToolChoice::Named(name) => {
                put("tool_choice", json!({ "type": "function", "function": { "name": name } }));
            }
        }
    }
    if asking.stream {
        put("stream", true.into());
        if !asking.refused.contains("stream_options") {
            put("stream_options", json!({ "include_usage": true }));
        }
    }
    Value::Object(body)
}

fn message(message: &Message, reasoning: Reasoning) -> Value {
    match message {
        Message::System { content } => json!({ "role": "system", "content": content }),
        Message::User { content } => json!({ "role": "user", "content": content }),
        Message::Tool { tool_call_id, content } => {
            json!({ "role": "tool", "tool_call_id": tool_call_id, "content": content })
        }
        Message::Assistant(message) => {
            let mut value = json!({ "role": "assistant", "content": message.content });
            if let Some(details) = echo(message, "chat") {
                value["reasoning_details"] = details.into();
            }
            if !message.tool_calls.is_empty() {
                if message.content.is_empty() {
                    value["content"] = Value::Null;
                }
                let call = |call: &ToolCall| {
                    let arguments = arguments_object(&call.arguments).to_string();
                    let function = json!({ "name": call.name, "arguments": arguments });
                    json!({ "id": call.id, "type": "function", "function": function })
                };
                value["tool_calls"] = message.tool_calls.iter().map(call).collect();
                if let (Reasoning::ByModel, Some(text)) = (reasoning, &message.reasoning) {
                    value["reasoning_content"] = text.as_str().into();
                }
            }
            value
        }
    }
}

/// A completion, or a chunk of one.
#[derive(Debug, Deserialize)]
struct Completion {
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(alias = "delta")]
    message: Option<WireMessage>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

#[derive(Debug, Deserialize)]
struct WireMessage {
    /// A text, or a list of parts with texts.
    content: Option<Value>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    reasoning_details: Option<Vec<Value>>,
    tool_calls: Option<Vec<WireCall>>,
}

#[derive(Debug, Deserialize)]
struct WireCall {
    index: Option<usize>,
    id: Option<String>,
    function: Option<WireFunction>,
}

#[derive(Debug, Deserialize)]
struct WireFunction {
    name: Option<String>,
    /// A text with JSON; with some servers the JSON itself.
    arguments: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Logprobs {
    content: Option<Vec<WireLogprob>>,
}

#[derive(Debug, Default, Deserialize)]
struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    /// DeepSeek's name for cached tokens.
    prompt_cache_hit_tokens: Option<u64>,
    /// What it cost, in US dollars (OpenRouter).
    cost: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

impl WireUsage {
    fn usage(&self) -> Option<Usage> {
        let (input, mut output) = (self.prompt_tokens?, self.completion_tokens.unwrap_or(0));
        let details = |details: &Option<Details>, get: fn(&Details) -> Option<u64>| details.as_ref().and_then(get);
        let reasoning = details(&self.completion_tokens_details, |details| details.reasoning_tokens).unwrap_or(0);
        // xAI counts reasoning beside what is written, OpenAI within.
        if reasoning > 0 && self.total_tokens == Some(input + output + reasoning) {
            output += reasoning;
        }
        let cached = details(&self.prompt_tokens_details, |details| details.cached_tokens);
        Some(Usage {
            input_tokens: input,
            output_tokens: output,
            cached_tokens: cached.or(self.prompt_cache_hit_tokens).unwrap_or(0),
            reasoning_tokens: reasoning,
            ..Usage::default()
        })
    }
}

fn finish_of(reason: Option<&str>) -> FinishReason {
    match reason {
        Some("stop" | "eos" | "end_turn") => FinishReason::Stop,
        Some("tool_calls" | "function_call") => FinishReason::ToolCalls,
        Some("length" | "max_tokens") => FinishReason::Length,
        Some("content_filter") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

/// Texts within a content.
fn content_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn argument_text(arguments: Option<Value>) -> String {
    match arguments {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
    }
}

pub(super) fn reply(value: Value) -> Result<Parsed, Trouble> {
    let mut chunks = Chunks::default();
    if chunks.take(read(value)?, &mut |_| {}) == 0 {
        return Err(Trouble::Malformed("it has no choices".to_owned()));
    }
    chunks.ended = true;
    Box::new(chunks).finish()
}

/// Puts a reply together, from one piece or from many.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    parsed: Parsed,
    details: Vec<Value>,
    finish: Option<String>,
    ended: bool,
}

impl Chunks {
    /// Takes a piece; says how many choices it had.
    fn take(&mut self, chunk: Completion, on_delta: &mut dyn FnMut(Delta<'_>)) -> usize {
        if let Some(model) = chunk.model {
            self.parsed.model = model;
        }
        if let Some(usage) = chunk.usage {
            self.parsed.usage = usage.usage().or(self.parsed.usage);
            self.parsed.cost_usd = usage.cost.or(self.parsed.cost_usd);
        }
        let choices = chunk.choices.unwrap_or_default();
        let count = choices.len();
        let Some(choice) = choices.into_iter().next() else { return 0 };
        if choice.finish_reason.is_some() {
            self.finish = choice.finish_reason;
        }
        if let Some(logprobs) = choice.logprobs.and_then(|logprobs| logprobs.content) {
            let tokens = logprobs.into_iter().map(TokenLogprob::from);
            self.parsed.logprobs.get_or_insert_default().extend(tokens);
        }
        if let Some(message) = choice.message {
            self.message(message, on_delta);
        }
        count
    }

    fn message(&mut self, message: WireMessage, on_delta: &mut dyn FnMut(Delta<'_>)) {
        let parsed = &mut self.parsed.message;
        if let Some(text) = message.reasoning_content.or(message.reasoning).filter(|text| !text.is_empty()) {
            on_delta(Delta::Reasoning(&text));
            parsed.reasoning.get_or_insert_default().push_str(&text);
        }
        let text = message.content.as_ref().map(content_text).filter(|text| !text.is_empty()).or(message.refusal);
        if let Some(text) = text {
            on_delta(Delta::Text(&text));
            parsed.content.push_str(&text);
        }
        self.details.extend(message.reasoning_details.unwrap_or_default());
        for (at, call) in message.tool_calls.unwrap_or_default().into_iter().enumerate() {
            tool_call(&mut parsed.tool_calls, call, at);
        }
    }
}

/// Adds a call, or more of one that has begun.
fn tool_call(calls: &mut Vec<ToolCall>, call: WireCall, at: usize) {
    let begins = match (call.index, &call.id) {
        (Some(index), _) => index >= calls.len(),
        // Without places, a new name begins a new call.
        (None, Some(id)) => calls.last().is_none_or(|last| last.id != *id),
        (None, None) => at >= calls.len() || call.function.as_ref().is_some_and(|function| function.name.is_some()),
    };
    if begins {
        calls.push(ToolCall { id: String::new(), name: String::new(), arguments: String::new() });
    }
    let at = call.index.filter(|index| *index < calls.len()).unwrap_or(calls.len() - 1);
    let known = &mut calls[at];
    if let Some(id) = call.id.filter(|id| !id.is_empty()) {
        known.id = id;
    }
    if let Some(function) = call.function {
        if let Some(name) = function.name {
            known.name.push_str(&name);
        }
        known.arguments.push_str(&argument_text(function.arguments));
    }
}

impl Assembler for Chunks {
    fn event(&mut self, data: Value, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<(), Trouble> {
        self.take(read(data)?, on_delta);
        Ok(())
    }

    fn done(&mut self) {
        self.ended = true;
    }

    fn finish(self: Box<Self>) -> Result<Parsed, Trouble> {
        let Self { mut parsed, details, finish, ended } = *self;
        if !ended && finish.is_none() {
            return Err(Trouble::Malformed("the stream ended early".to_owned()));
        }
        parsed.finish = finished(finish_of(finish.as_deref()), &parsed.message.tool_calls);
        if !details.is_empty() {
            parsed.message.echo = Some(Echo { api: "chat".to_owned(), items: details });
        }
        Ok(parsed)
    }
}
