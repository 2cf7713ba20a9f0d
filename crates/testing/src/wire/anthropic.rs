//! Anthropic's messages.

use serde_json::{Value, json};

use super::{named, pieces};
use crate::answer::{Finish, Reply};
use crate::asked::Asked;

fn blocks(asked: &Asked, reply: &Reply) -> Vec<Value> {
    let mut blocks = Vec::new();
    if let Some(reasoning) = &reply.reasoning {
        blocks.push(json!({ "type": "thinking", "thinking": reasoning, "signature": "c2lnbmVk" }));
    }
    if let Some(text) = reply.text.as_deref().filter(|text| !text.is_empty()) {
        blocks.push(json!({ "type": "text", "text": text }));
    }
    for (at, (name, arguments)) in reply.calls.iter().enumerate() {
        let input: Value = serde_json::from_str(arguments).unwrap_or_else(|_| json!({}));
        blocks.push(
            json!({ "type": "tool_use", "id": format!("toolu_{}_{at}", asked.index), "name": name, "input": input }),
        );
    }
    blocks
}

fn stop_reason(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop => "end_turn",
        Finish::ToolCalls => "tool_use",
        Finish::Length => "max_tokens",
        Finish::Filter => "refusal",
    }
}

fn usage(reply: &Reply) -> Value {
    let Some(tokens) = reply.tokens else { return Value::Null };
    json!({
        "input_tokens": tokens.input - tokens.cached - tokens.cache_write,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
    })
}

pub(super) fn whole(asked: &Asked, reply: &Reply) -> Value {
    let mut body = json!({
        "id": format!("msg_{}", asked.index),
        "type": "message",
        "role": "assistant",
        "model": format!("{}-0001", asked.model()),
        "content": blocks(asked, reply),
        "stop_reason": stop_reason(reply),
        "stop_sequence": null,
    });
    if reply.tokens.is_some() {
        body["usage"] = usage(reply);
    }
    body
}

pub(super) fn stream(asked: &Asked, reply: &Reply) -> String {
    let mut message = whole(asked, reply);
    message["content"] = json!([]);
    message["stop_reason"] = Value::Null;
    if message["usage"].is_object() {
        message["usage"]["output_tokens"] = 1.into();
    }
    let mut text = named(&json!({ "type": "message_start", "message": message }));
    text.push_str(&named(&json!({ "type": "ping" })));
    for (index, block) in blocks(asked, reply).into_iter().enumerate() {
        let delta = |delta: Value| named(&json!({ "type": "content_block_delta", "index": index, "delta": delta }));
        let mut empty = block.clone();
        let mut deltas = String::new();
        match block["type"].as_str() {
            Some("thinking") => {
                empty["thinking"] = "".into();
                empty["signature"] = "".into();
                for piece in pieces(block["thinking"].as_str().unwrap_or_default()) {
                    deltas.push_str(&delta(json!({ "type": "thinking_delta", "thinking": piece })));
                }
                deltas.push_str(&delta(json!({ "type": "signature_delta", "signature": block["signature"] })));
            }
            Some("text") => {
                empty["text"] = "".into();
                for piece in pieces(block["text"].as_str().unwrap_or_default()) {
                    deltas.push_str(&delta(json!({ "type": "text_delta", "text": piece })));
                }
            }
            _ => {
                empty["input"] = json!({});
                deltas.push_str(&delta(json!({ "type": "input_json_delta", "partial_json": "" })));
                let at = index + reply.calls.len() - blocks(asked, reply).len();
                for piece in pieces(&reply.calls[at].1) {
                    deltas.push_str(&delta(json!({ "type": "input_json_delta", "partial_json": piece })));
                }
            }
        }
        text.push_str(&named(&json!({ "type": "content_block_start", "index": index, "content_block": empty })));
        text.push_str(&deltas);
        text.push_str(&named(&json!({ "type": "content_block_stop", "index": index })));
    }
    let delta = json!({ "stop_reason": stop_reason(reply), "stop_sequence": null });
    let tokens = reply.tokens.map(|tokens| json!({ "output_tokens": tokens.output }));
    text.push_str(&named(&json!({ "type": "message_delta", "delta": delta, "usage": tokens })));
    text.push_str(&named(&json!({ "type": "message_stop" })));
    text
}
