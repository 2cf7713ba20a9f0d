//! OpenAI's responses.

use serde_json::{Value, json};

use super::{named, pieces};
use crate::answer::{Finish, Reply};
use crate::asked::Asked;

fn items(asked: &Asked, reply: &Reply) -> Vec<Value> {
    let mut items = Vec::new();
    if let Some(reasoning) = &reply.reasoning {
        items.push(json!({
            "id": format!("rs_{}", asked.index),
            "type": "reasoning",
            "summary": [{ "type": "summary_text", "text": reasoning }],
            "encrypted_content": "c2VhbGVk",
        }));
    }
    if reply.calls.is_empty() || reply.text.as_deref() != Some("") {
        let logprobs: Vec<Value> = reply
            .logprobs
            .iter()
            .map(|(token, logprob)| json!({ "token": token, "logprob": logprob, "bytes": [], "top_logprobs": [] }))
            .collect();
        items.push(json!({
            "id": format!("msg_{}", asked.index),
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{ "type": "output_text", "text": reply.text, "annotations": [], "logprobs": logprobs }],
        }));
    }
    for (at, (name, arguments)) in reply.calls.iter().enumerate() {
        items.push(json!({
            "id": format!("fc_{}_{at}", asked.index),
            "type": "function_call",
            "status": "completed",
            "call_id": format!("call_{}_{at}", asked.index),
            "name": name,
            "arguments": arguments,
        }));
    }
    items
}

pub(super) fn whole(asked: &Asked, reply: &Reply) -> Value {
    let (status, details) = match reply.finish {
        Finish::Stop | Finish::ToolCalls => ("completed", Value::Null),
        Finish::Length => ("incomplete", json!({ "reason": "max_output_tokens" })),
        Finish::Filter => ("incomplete", json!({ "reason": "content_filter" })),
    };
    let usage = reply.tokens.map(|tokens| {
        json!({
            "input_tokens": tokens.input,
            "input_tokens_details": { "cached_tokens": tokens.cached },
            "output_tokens": tokens.output,
            "output_tokens_details": { "reasoning_tokens": tokens.reasoning },
            "total_tokens": tokens.input + tokens.output,
        })
    });
    json!({
        "id": format!("resp_{}", asked.index),
        "object": "response",
        "created_at": 1_700_000_000,
        "status": status,
        "incomplete_details": details,
        "error": null,
        "model": format!("{}-0001", asked.model()),
        "output": items(asked, reply),
        "usage": usage,
    })
}

pub(super) fn stream(asked: &Asked, reply: &Reply) -> String {
    let done = whole(asked, reply);
    let mut begun = done.clone();
    begun["status"] = "in_progress".into();
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    let mut text = named(&json!({ "type": "response.created", "sequence_number": 0, "response": begun }));
    for (index, item) in items(asked, reply).into_iter().enumerate() {
        text.push_str(&named(&json!({ "type": "response.output_item.added", "output_index": index, "item": item })));
        let (kind, whole) = match item["type"].as_str() {
            Some("reasoning") => ("response.reasoning_summary_text.delta", &item["summary"][0]["text"]),
            Some("message") => ("response.output_text.delta", &item["content"][0]["text"]),
            _ => ("response.function_call_arguments.delta", &item["arguments"]),
        };
        for piece in pieces(whole.as_str().unwrap_or_default()) {
            text.push_str(&named(&json!({ "type": kind, "output_index": index, "delta": piece })));
        }
        text.push_str(&named(&json!({ "type": "response.output_item.done", "output_index": index, "item": item })));
    }
    let kind = if done["status"] == "completed" { "response.completed" } else { "response.incomplete" };
    text.push_str(&named(&json!({ "type": kind, "response": done })));
    text
}
