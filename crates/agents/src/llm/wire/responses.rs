//! OpenAI's responses (`POST /responses`), used without state at the provider (`store: false`).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asking, Assembler, Parameters, Parsed, Trouble, WireLogprob, echo, finished, read};
use crate::llm::Delta;
use crate::llm::message::{Echo, Message, ToolCall};
use crate::llm::reply::{FinishReason, TokenLogprob, Usage};
use crate::llm::request::ToolChoice;

pub(super) fn body(asking: &Asking<'_>, parameters: &mut Parameters<'_>) -> Value {
    let request = asking.request;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model", asking.model.into());
    put("input", request.messages.iter().flat_map(items).collect());
    put("store", false.into());
    let mut include = Vec::new();
    if asking.entry.is_some_and(|entry| entry.reasoning) {
        include.push("reasoning.encrypted_content");
    }
    if let Some(limit) = request.max_tokens {
        // The API takes no less.
        put("max_output_tokens", limit.max(16).into());
    }
    if let Some(value) = parameters.take("temperature", request.temperature) {
        put("temperature", value.into());
    }
    if let Some(value) = parameters.take("top_p", request.top_p) {
        put("top_p", value.into());
    }
    if let Some(top) = parameters.take("logprobs", request.logprobs) {
        include.push("message.output_text.logprobs");
        put("top_logprobs", top.into());
    }
    if let Some(effort) = parameters.take("reasoning_effort", request.reasoning_effort) {
        put("reasoning", json!({ "effort": effort.name() }));
    }
    parameters.ignore("seed", request.seed);
    parameters.ignore("stop", Some(&request.stop).filter(|stop| !stop.is_empty()));
    parameters.ignore("thinking_budget", request.thinking_budget);
    if !include.is_empty() {
        put("include", include.into());
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": false,
            })
        });
        put("tools", tools.collect());
        match &request.tool_choice {
            ToolChoice::Auto => {}
            ToolChoice::None => _ = put("tool_choice", "none".into()),
            ToolChoice::Required => _ = put("tool_choice", "required".into()),
            ToolChoice::Named(name) => _ = put("tool_choice", json!({ "type": "function", "name": name })),
        }
    }
    if asking.stream {
        put("stream", true.into());
    }
    Value::Object(body)
}

fn items(message: &Message) -> Vec<Value> {
    match message {
        Message::System { content } => vec![json!({ "role": "system", "content": content })],
        Message::User { content } => vec![json!({ "role": "user", "content": content })],
        Message::Tool { tool_call_id, content } => {
            vec![json!({ "type": "function_call_output", "call_id": tool_call_id, "output": content })]
        }
        Message::Assistant(message) => {
            if let Some(items) = echo(message, "responses") {
                return items.to_vec();
            }
            let text = Some(&message.content).filter(|text| !text.is_empty());
            let text = text.map(|text| json!({ "role": "assistant", "content": text }));
            let calls = message.tool_calls.iter().map(|call| {
                json!({
                    "type": "function_call",
                    "call_id": call.id,
                    "name": call.name,
                    "arguments": call.arguments,
                })
            });
            text.into_iter().chain(calls).collect()
        }
    }
}

#[derive(Debug, Deserialize)]
struct Response {
    status: Option<String>,
    incomplete_details: Option<Incomplete>,
    model: Option<String>,
    output: Vec<Value>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message {
        content: Option<Vec<Part>>,
    },
    Reasoning {
        summary: Option<Vec<Part>>,
        content: Option<Vec<Part>>,
        encrypted_content: Option<String>,
    },
    FunctionCall {
        call_id: Option<String>,
        name: String,
        arguments: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
    refusal: Option<String>,
    logprobs: Option<Vec<WireLogprob>>,
}

#[derive(Debug, Deserialize)]
struct WireUsage {
    input_tokens: u64,
    output_tokens: u64,
    input_tokens_details: Option<Details>,
    output_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

pub(super) fn reply(value: Value) -> Result<Parsed, Trouble> {
    if value["status"] == "failed" {
        return Err(Trouble::Refused(value));
    }
    let response: Response = read(value)?;
    let mut parsed = Parsed { model: response.model.unwrap_or_default(), ..Parsed::default() };
    let mut sealed = false;
    let message = &mut parsed.message;
    for item in &response.output {
        match read(item.clone())? {
            Item::Message { content } => {
                for part in content.unwrap_or_default() {
                    message.content.push_str(&part.text.or(part.refusal).unwrap_or_default());
                    let tokens = part.logprobs.unwrap_or_default().into_iter().map(TokenLogprob::from);
                    let tokens: Vec<TokenLogprob> = tokens.collect();
                    if !tokens.is_empty() {
                        parsed.logprobs.get_or_insert_default().extend(tokens);
                    }
                }
            }
            Item::Reasoning { summary, content, encrypted_content } => {
                sealed |= encrypted_content.is_some();
                let parts = summary.into_iter().chain(content).flatten();
                let text: Vec<String> = parts.filter_map(|part| part.text).collect();
                if !text.is_empty() {
                    message.reasoning.get_or_insert_default().push_str(&text.join("\n"));
                }
            }
            Item::FunctionCall { call_id, name, arguments } => {
                message.tool_calls.push(ToolCall { id: call_id.unwrap_or_default(), name, arguments });
            }
            Item::Other => {}
        }
    }
    let finish = match (response.status.as_deref(), response.incomplete_details.and_then(|details| details.reason)) {
        (Some("completed"), _) => FinishReason::Stop,
        (_, Some(reason)) if reason == "max_output_tokens" => FinishReason::Length,
        (_, Some(reason)) if reason == "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    };
    parsed.finish = finished(finish, &message.tool_calls);
    if sealed {
        message.echo = Some(Echo { api: "responses".to_owned(), items: response.output });
    }
    parsed.usage = response.usage.map(|usage| Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cached_tokens: usage.input_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0),
        reasoning_tokens: usage.output_tokens_details.and_then(|details| details.reasoning_tokens).unwrap_or(0),
        ..Usage::default()
    });
    Ok(parsed)
}

/// The events of a stream; its last one holds the whole response.
#[derive(Debug, Default)]
pub(super) struct Events {
    whole: Option<Value>,
}

impl Assembler for Events {
    fn event(&mut self, mut data: Value, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<(), Trouble> {
        let text = data["delta"].as_str().unwrap_or_default();
        match data["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" | "response.refusal.delta" => on_delta(Delta::Text(text)),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                on_delta(Delta::Reasoning(text));
            }
            "response.failed" => return Err(Trouble::Refused(data["response"].take())),
            "response.completed" | "response.incomplete" => self.whole = Some(data["response"].take()),
            _ => {}
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Parsed, Trouble> {
        match self.whole {
            Some(whole) => reply(whole),
            None => Err(Trouble::Malformed("the stream ended early".to_owned())),
        }
    }
}
