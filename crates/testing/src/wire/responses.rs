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

/// Events in their order, numbered.
#[derive(Default)]
struct Numbered {
    text: String,
    count: u64,
}

impl Numbered {
    fn push(&mut self, mut event: Value) {
        event["sequence_number"] = self.count.into();
        self.count += 1;
        self.text.push_str(&named(&event));
    }
}

pub(super) fn stream(asked: &Asked, reply: &Reply) -> String {
    let done = whole(asked, reply);
    let mut begun = done.clone();
    begun["status"] = "in_progress".into();
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    let mut events = Numbered::default();
    events.push(json!({ "type": "response.created", "response": begun }));
    for (index, item) in items(asked, reply).into_iter().enumerate() {
        let mut empty = item.clone();
        // What the item is filled with: the list of its parts, the kind of their events, and their index's name.
        let (parts, kind, at) = match item["type"].as_str() {
            Some("reasoning") => ("summary", "reasoning_summary", "summary_index"),
            Some("message") => ("content", "content", "content_index"),
            _ => ("arguments", "function_call_arguments", ""),
        };
        empty[parts] = if at.is_empty() { "".into() } else { json!([]) };
        events.push(json!({ "type": "response.output_item.added", "output_index": index, "item": empty }));
        let of_item = |kind: String, more: Value| {
            let mut event = json!({ "type": kind, "item_id": item["id"], "output_index": index });
            if !at.is_empty() {
                event[at] = 0.into();
            }
            if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
                event.extend(more);
            }
            event
        };
        let (key, text_kind) = match kind {
            "content" => ("text", "output_text"),
            "reasoning_summary" => ("text", "reasoning_summary_text"),
            _ => ("arguments", kind),
        };
        let part = &item[parts][0];
        let text = if at.is_empty() { &item["arguments"] } else { &part["text"] };
        if !at.is_empty() {
            let mut blank = part.clone();
            blank["text"] = "".into();
            events.push(of_item(format!("response.{kind}_part.added"), json!({ "part": blank })));
        }
        for piece in pieces(text.as_str().unwrap_or_default()) {
            let more =
                if kind == "content" { json!({ "delta": piece, "logprobs": [] }) } else { json!({ "delta": piece }) };
            events.push(of_item(format!("response.{text_kind}.delta"), more));
        }
        let mut whole = json!({ key: text });
        match kind {
            "content" => whole["logprobs"] = json!([]),
            "reasoning_summary" => {}
            _ => whole["name"] = item["name"].clone(),
        }
        events.push(of_item(format!("response.{text_kind}.done"), whole));
        if !at.is_empty() {
            events.push(of_item(format!("response.{kind}_part.done"), json!({ "part": part })));
        }
        events.push(json!({ "type": "response.output_item.done", "output_index": index, "item": item }));
    }
    let kind = if done["status"] == "completed" { "response.completed" } else { "response.incomplete" };
    events.push(json!({ "type": kind, "response": done }));
    events.text
}
