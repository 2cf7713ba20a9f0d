//! Anthropic's messages (`POST /v1/messages`, version 2023-06-01).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Asking, Assembler, Parameters, Parsed, Trouble, arguments_object, echo, finished, instructions, read, turns,
};
use crate::llm::Delta;
use crate::llm::message::{Echo, Message, ToolCall};
use crate::llm::reply::{FinishReason, Usage};
use crate::llm::request::{Effort, ToolChoice};

/// Most tokens of a reply of a model that the table doesn't know; the API wants to be told some number.
const MAX_TOKENS: u64 = 8192;

/// The API takes no empty text.
const EMPTY: &str = "(empty)";

pub(super) fn body(asking: &Asking<'_>, parameters: &mut Parameters<'_>) -> Value {
    let request = asking.request;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model", asking.model.into());
    let most = asking.entry.and_then(|entry| entry.max_output).unwrap_or(MAX_TOKENS);
    let wanted = request.thinking_budget.or(request.reasoning_effort.map(Effort::budget));
    let thinking = parameters.take("thinking", wanted).filter(|budget| *budget > 0).map(|budget| budget.max(1024));
    let limit = match (request.max_tokens, thinking) {
        // Thinking counts towards the limit, which has to be larger.
        (Some(limit), Some(budget)) => limit.max(budget + 1024),
        (None, Some(budget)) => most.max(budget + 4096),
        (limit, None) => limit.unwrap_or(most),
    };
    put("max_tokens", limit.into());
    if let Some(text) = instructions(&request.messages) {
        let mut block = json!({ "type": "text", "text": text });
        if asking.caching {
            cached(&mut block);
        }
        put("system", json!([block]));
    }
    put("messages", messages(&request.messages, asking.caching));
    match thinking {
        Some(budget) => {
            put("thinking", json!({ "type": "enabled", "budget_tokens": budget }));
            parameters.ignore("temperature", request.temperature);
            parameters.ignore("top_p", request.top_p);
        }
        None => {
            let temperature = parameters.take("temperature", request.temperature);
            // Newer models take one of the two.
            let top_p = match temperature {
                Some(_) => parameters.ignore("top_p", request.top_p),
                None => parameters.take("top_p", request.top_p),
            };
            if let Some(value) = temperature {
                put("temperature", value.clamp(0.0, 1.0).into());
            }
            if let Some(value) = top_p {
                put("top_p", value.into());
            }
        }
    }
    if let Some(value) = parameters.take("stop", Some(&request.stop).filter(|stop| !stop.is_empty())) {
        put("stop_sequences", value.as_slice().into());
    }
    parameters.ignore("seed", request.seed);
    parameters.ignore("logprobs", request.logprobs);
    if !request.tools.is_empty() {
        let tools = request
            .tools
            .iter()
            .map(|tool| json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters }));
        put("tools", tools.collect());
        let choice = match &request.tool_choice {
            ToolChoice::Auto => None,
            ToolChoice::None => Some(json!({ "type": "none" })),
            ToolChoice::Required => Some(json!({ "type": "any" })),
            ToolChoice::Named(name) => Some(json!({ "type": "tool", "name": name })),
        };
        // A model that thinks cannot be made to call.
        let choice = if thinking.is_some() { parameters.ignore("tool_choice", choice) } else { choice };
        if let Some(choice) = choice {
            put("tool_choice", choice);
        }
    }
    if asking.stream {
        put("stream", true.into());
    }
    Value::Object(body)
}

fn cached(block: &mut Value) {
    block["cache_control"] = json!({ "type": "ephemeral" });
}

fn messages(messages: &[Message], caching: bool) -> Value {
    let mut turns = turns(messages, |message| {
        Some(match message {
            Message::System { .. } => return None,
            Message::User { content } => ("user", vec![text(content)]),
            Message::Tool { tool_call_id, content } => {
                let content = if content.is_empty() { EMPTY } else { content };
                ("user", vec![json!({ "type": "tool_result", "tool_use_id": tool_call_id, "content": content })])
            }
            Message::Assistant(message) => {
                let blocks = match echo(message, "anthropic") {
                    Some(items) => items.to_vec(),
                    None => {
                        let calls = message.tool_calls.iter().map(|call| {
                            let input = arguments_object(&call.arguments);
                            json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": input })
                        });
                        let says = !message.content.is_empty() || message.tool_calls.is_empty();
                        says.then(|| text(&message.content)).into_iter().chain(calls).collect()
                    }
                };
                ("assistant", blocks)
            }
        })
    });
    if caching {
        // What is said now, for the next call; and what was said before, which the last call had cached.
        let users = turns.iter_mut().rev().filter(|(role, _)| *role == "user").take(2);
        users.filter_map(|(_, blocks)| blocks.last_mut()).for_each(cached);
    }
    turns.into_iter().map(|(role, content)| json!({ "role": role, "content": content })).collect()
}

fn text(content: &str) -> Value {
    json!({ "type": "text", "text": if content.trim().is_empty() { EMPTY } else { content } })
}

#[derive(Debug, Deserialize)]
struct Reply {
    model: Option<String>,
    content: Vec<Value>,
    stop_reason: Option<String>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    Thinking {
        thinking: String,
    },
    RedactedThinking {},
    ToolUse {
        id: String,
        name: String,
        input: Value,
        /// The arguments as they were streamed, which may be cut.
        #[serde(default)]
        raw: Option<String>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct WireUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
}

impl WireUsage {
    /// What a later event says wins; it may say less.
    fn over(self, earlier: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.or(earlier.input_tokens),
            output_tokens: self.output_tokens.or(earlier.output_tokens),
            cache_creation_input_tokens: self.cache_creation_input_tokens.or(earlier.cache_creation_input_tokens),
            cache_read_input_tokens: self.cache_read_input_tokens.or(earlier.cache_read_input_tokens),
        }
    }

    fn usage(self) -> Option<Usage> {
        let cached = self.cache_read_input_tokens.unwrap_or(0);
        let written = self.cache_creation_input_tokens.unwrap_or(0);
        Some(Usage {
            input_tokens: self.input_tokens? + cached + written,
            output_tokens: self.output_tokens?,
            cached_tokens: cached,
            cache_write_tokens: written,
            ..Usage::default()
        })
    }
}

pub(super) fn reply(value: Value) -> Result<Parsed, Trouble> {
    parsed(read(value)?)
}

fn parsed(mut reply: Reply) -> Result<Parsed, Trouble> {
    let mut parsed = Parsed { model: reply.model.unwrap_or_default(), ..Parsed::default() };
    let message = &mut parsed.message;
    let mut thinks = false;
    for block in &mut reply.content {
        let known = read(block.clone())?;
        if let Some(block) = block.as_object_mut() {
            block.shift_remove("raw");
        }
        match known {
            Block::Text { text } => message.content.push_str(&text),
            Block::Thinking { thinking } => {
                thinks = true;
                message.reasoning.get_or_insert_default().push_str(&thinking);
            }
            Block::RedactedThinking {} => thinks = true,
            Block::ToolUse { id, name, input, raw } => {
                let arguments = raw.filter(|raw| !raw.is_empty()).unwrap_or_else(|| input.to_string());
                message.tool_calls.push(ToolCall { id, name, arguments });
            }
            Block::Other => {}
        }
    }
    let finish = match reply.stop_reason.as_deref() {
        Some("end_turn" | "stop_sequence") => FinishReason::Stop,
        Some("tool_use") => FinishReason::ToolCalls,
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("refusal") => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    };
    parsed.finish = finished(finish, &message.tool_calls);
    if thinks {
        message.echo = Some(Echo { api: "anthropic".to_owned(), items: reply.content });
    }
    parsed.usage = reply.usage.and_then(WireUsage::usage);
    Ok(parsed)
}

/// The events of a stream.
#[derive(Debug, Default)]
pub(super) struct Events {
    model: Option<String>,
    content: Vec<Value>,
    stop_reason: Option<String>,
    usage: WireUsage,
    ended: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Begin,
    },
    ContentBlockStart {
        index: usize,
        content_block: Value,
    },
    ContentBlockDelta {
        index: usize,
        delta: BlockDelta,
    },
    MessageDelta {
        delta: End,
        usage: Option<WireUsage>,
    },
    MessageStop,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Begin {
    model: Option<String>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
struct End {
    stop_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockDelta {
    TextDelta {
        text: String,
    },
    ThinkingDelta {
        thinking: String,
    },
    SignatureDelta {
        signature: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    #[serde(other)]
    Other,
}

fn push(block: &mut Value, key: &str, more: &str) {
    let text = format!("{}{more}", block[key].as_str().unwrap_or_default());
    block[key] = text.into();
}

impl Assembler for Events {
    fn event(&mut self, data: Value, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<(), Trouble> {
        match read(data)? {
            Event::MessageStart { message } => {
                self.model = message.model;
                self.usage = message.usage.unwrap_or_default();
            }
            Event::ContentBlockStart { index, content_block } if index == self.content.len() => {
                self.content.push(content_block);
            }
            Event::ContentBlockDelta { index, delta } if index < self.content.len() => {
                let block = &mut self.content[index];
                match delta {
                    BlockDelta::TextDelta { text } => {
                        on_delta(Delta::Text(&text));
                        push(block, "text", &text);
                    }
                    BlockDelta::ThinkingDelta { thinking } => {
                        on_delta(Delta::Reasoning(&thinking));
                        push(block, "thinking", &thinking);
                    }
                    BlockDelta::SignatureDelta { signature } => push(block, "signature", &signature),
                    BlockDelta::InputJsonDelta { partial_json } => push(block, "raw", &partial_json),
                    BlockDelta::Other => {}
                }
            }
            Event::ContentBlockStart { index, .. } | Event::ContentBlockDelta { index, .. } => {
                return Err(Trouble::Malformed(format!("a content block out of order ({index})")));
            }
            Event::MessageDelta { delta, usage } => {
                self.stop_reason = delta.stop_reason.or(self.stop_reason.take());
                self.usage = usage.unwrap_or_default().over(self.usage);
            }
            Event::MessageStop => self.ended = true,
            Event::Other => {}
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Parsed, Trouble> {
        if !self.ended && self.stop_reason.is_none() {
            return Err(Trouble::Malformed("the stream ended early".to_owned()));
        }
        for block in &mut self.content {
            if let Some(raw) = block["raw"].as_str() {
                block["input"] = arguments_object(raw);
            }
        }
        let Self { model, content, stop_reason, usage, .. } = *self;
        parsed(Reply { model, content, stop_reason, usage: Some(usage) })
    }
}
