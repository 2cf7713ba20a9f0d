//! OpenAI's chat completions.

use serde_json::{Value, json};

use super::{data, pieces};
use crate::answer::{Finish, Reply};
use crate::asked::Asked;

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop => "stop",
        Finish::ToolCalls => "tool_calls",
        Finish::Length => "length",
        Finish::Filter => "content_filter",
    }
}

fn usage(reply: &Reply) -> Value {
    let Some(tokens) = reply.tokens else { return Value::Null };
    json!({
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": { "cached_tokens": tokens.cached },
        "completion_tokens_details": { "reasoning_tokens": tokens.reasoning },
    })
}

fn logprobs(reply: &Reply) -> Value {
    if reply.logprobs.is_empty() {
        return Value::Null;
    }
    let content: Vec<Value> = reply
        .logprobs
        .iter()
        .map(|(token, logprob)| {
            let top = json!([{ "token": token, "logprob": logprob, "bytes": token.as_bytes() }]);
            json!({ "token": token, "logprob": logprob, "bytes": token.as_bytes(), "top_logprobs": top })
        })
        .collect();
    json!({ "content": content, "refusal": null })
}

fn id(asked: &Asked) -> String {
    format!("chatcmpl-{}", asked.index)
}

fn call_id(asked: &Asked, at: usize) -> String {
    format!("call_{}_{at}", asked.index)
}

pub(super) fn whole(asked: &Asked, reply: &Reply) -> Value {
    let mut message = json!({ "role": "assistant", "content": reply.text, "refusal": null });
    if !reply.calls.is_empty() {
        let call = |(at, (name, arguments)): (usize, &(String, String))| {
            json!({
                "id": call_id(asked, at),
                "type": "function",
                "function": { "name": name, "arguments": arguments },
            })
        };
        message["tool_calls"] = reply.calls.iter().enumerate().map(call).collect();
        if reply.text.as_deref() == Some("") {
            message["content"] = Value::Null;
        }
    }
    if let Some(reasoning) = &reply.reasoning {
        message["reasoning_content"] = reasoning.as_str().into();
    }
    let mut body = json!({
        "id": id(asked),
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": format!("{}-0001", asked.model()),
        "choices": [{ "index": 0, "message": message, "logprobs": logprobs(reply), "finish_reason": finish(reply) }],
    });
    if reply.tokens.is_some() {
        body["usage"] = usage(reply);
    }
    body
}

pub(super) fn stream(asked: &Asked, reply: &Reply) -> String {
    let chunk = |choices: Value| {
        json!({
            "id": id(asked),
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": format!("{}-0001", asked.model()),
            "choices": choices,
        })
    };
    let delta = |delta: Value| data(&chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }])));
    let mut text = delta(json!({ "role": "assistant", "content": "" }));
    text.push_str(": keep-alive\n\n");
    for piece in reply.reasoning.iter().flat_map(|reasoning| pieces(reasoning)) {
        text.push_str(&delta(json!({ "reasoning_content": piece })));
    }
    for piece in reply.text.iter().flat_map(|text| pieces(text)) {
        text.push_str(&delta(json!({ "content": piece })));
    }
    if !reply.logprobs.is_empty() {
        let choice = json!({ "index": 0, "delta": {}, "logprobs": logprobs(reply), "finish_reason": null });
        text.push_str(&data(&chunk(json!([choice]))));
    }
    for (at, (name, arguments)) in reply.calls.iter().enumerate() {
        let function = json!({ "name": name, "arguments": "" });
        let call = json!({ "index": at, "id": call_id(asked, at), "type": "function", "function": function });
        text.push_str(&delta(json!({ "tool_calls": [call] })));
        for piece in pieces(arguments) {
            text.push_str(&delta(json!({ "tool_calls": [{ "index": at, "function": { "arguments": piece } }] })));
        }
    }
    text.push_str(&data(&chunk(json!([{ "index": 0, "delta": {}, "finish_reason": finish(reply) }]))));
    if reply.tokens.is_some() && asked.body["stream_options"]["include_usage"] == Value::Bool(true) {
        let mut last = chunk(json!([]));
        last["usage"] = usage(reply);
        text.push_str(&data(&last));
    }
    text.push_str("data: [DONE]\n\n");
    text
}
