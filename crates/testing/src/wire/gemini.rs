//! Gemini's `generateContent`.

use serde_json::{Value, json};

use super::{data, pieces};
use crate::answer::{Finish, Reply};
use crate::asked::Asked;

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop | Finish::ToolCalls => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Filter => "SAFETY",
    }
}

fn body(asked: &Asked, parts: &[Value], last: Option<&Reply>) -> Value {
    let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
    let mut body = json!({ "modelVersion": format!("{}-0001", asked.model()), "responseId": asked.index.to_string() });
    if let Some(reply) = last {
        candidate["finishReason"] = finish(reply).into();
        if !reply.logprobs.is_empty() {
            let chosen: Vec<Value> = reply
                .logprobs
                .iter()
                .map(|(token, logprob)| json!({ "token": token, "logProbability": logprob }))
                .collect();
            let top: Vec<Value> = chosen.iter().map(|token| json!({ "candidates": [token] })).collect();
            candidate["logprobsResult"] = json!({ "chosenCandidates": chosen, "topCandidates": top });
        }
        if let Some(tokens) = reply.tokens {
            body["usageMetadata"] = json!({
                "promptTokenCount": tokens.input,
                "cachedContentTokenCount": tokens.cached,
                "candidatesTokenCount": tokens.output - tokens.reasoning,
                "thoughtsTokenCount": tokens.reasoning,
                "totalTokenCount": tokens.input + tokens.output,
            });
        }
    }
    body["candidates"] = json!([candidate]);
    body
}

fn calls(reply: &Reply) -> Vec<Value> {
    let call = |(name, arguments): &(String, String)| {
        let args: Value = serde_json::from_str(arguments).unwrap_or_else(|_| json!({}));
        let mut part = json!({ "functionCall": { "name": name, "args": args } });
        if reply.reasoning.is_some() {
            part["thoughtSignature"] = "c2lnbmVk".into();
        }
        part
    };
    reply.calls.iter().map(call).collect()
}

pub(super) fn whole(asked: &Asked, reply: &Reply) -> Value {
    let mut parts = Vec::new();
    if let Some(reasoning) = &reply.reasoning {
        parts.push(json!({ "text": reasoning, "thought": true }));
    }
    if let Some(text) = reply.text.as_deref().filter(|text| !text.is_empty()) {
        parts.push(json!({ "text": text }));
    }
    parts.extend(calls(reply));
    body(asked, &parts, Some(reply))
}

pub(super) fn stream(asked: &Asked, reply: &Reply) -> String {
    let mut text = String::new();
    for piece in reply.reasoning.iter().flat_map(|reasoning| pieces(reasoning)) {
        text.push_str(&data(&body(asked, &[json!({ "text": piece, "thought": true })], None)));
    }
    for piece in reply.text.iter().flat_map(|text| pieces(text)) {
        text.push_str(&data(&body(asked, &[json!({ "text": piece })], None)));
    }
    text.push_str(&data(&body(asked, &calls(reply), Some(reply))));
    text
}
