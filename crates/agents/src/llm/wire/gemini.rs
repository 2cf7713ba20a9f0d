//! Gemini's `generateContent` (`v1beta`).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Asking, Assembler, Parameters, Parsed, Trouble, arguments_object, echo, finished, instructions, name_of_call, read,
    turns,
};
use crate::llm::Delta;
use crate::llm::message::{Echo, Message, ToolCall};
use crate::llm::reply::{FinishReason, TokenLogprob, Usage};
use crate::llm::request::{Effort, ToolChoice};

pub(super) fn body(asking: &Asking<'_>, parameters: &mut Parameters<'_>) -> Value {
    let request = asking.request;
    let mut body = json!({ "contents": contents(&request.messages) });
    if let Some(text) = instructions(&request.messages) {
        body["systemInstruction"] = json!({ "parts": [{ "text": text }] });
    }
    let mut config = Map::new();
    let mut put = |name: &str, value: Value| config.insert(name.to_owned(), value);
    if let Some(limit) = request.max_tokens {
        put("maxOutputTokens", limit.into());
    }
    if let Some(value) = parameters.take("temperature", request.temperature) {
        put("temperature", value.into());
    }
    if let Some(value) = parameters.take("top_p", request.top_p) {
        put("topP", value.into());
    }
    if let Some(value) = parameters.take("seed", request.seed) {
        // The API keeps it in 32 bits with a sign.
        put("seed", (value & 0x7fff_ffff).into());
    }
    if let Some(value) = parameters.take("stop", Some(&request.stop).filter(|stop| !stop.is_empty())) {
        put("stopSequences", value.as_slice().into());
    }
    if let Some(top) = parameters.take("logprobs", request.logprobs) {
        put("responseLogprobs", true.into());
        if top > 0 {
            put("logprobs", top.into());
        }
    }
    let budget = request.thinking_budget.or(request.reasoning_effort.map(Effort::budget));
    if let Some(budget) = parameters.take("thinking", budget) {
        put("thinkingConfig", json!({ "thinkingBudget": budget, "includeThoughts": true }));
    }
    if !config.is_empty() {
        body["generationConfig"] = Value::Object(config);
    }
    if !request.tools.is_empty() {
        let declarations: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                json!({ "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters })
            })
            .collect();
        body["tools"] = json!([{ "functionDeclarations": declarations }]);
        let mode = match &request.tool_choice {
            ToolChoice::Auto => None,
            ToolChoice::None => Some(json!({ "mode": "NONE" })),
            ToolChoice::Required => Some(json!({ "mode": "ANY" })),
            ToolChoice::Named(name) => Some(json!({ "mode": "ANY", "allowedFunctionNames": [name] })),
        };
        if let Some(mode) = mode {
            body["toolConfig"] = json!({ "functionCallingConfig": mode });
        }
    }
    body
}

fn contents(messages: &[Message]) -> Value {
    let turns = turns(messages, |message| {
        Some(match message {
            Message::System { .. } => return None,
            Message::User { content } => ("user", vec![json!({ "text": content })]),
            Message::Tool { tool_call_id, content } => {
                let name = name_of_call(messages, tool_call_id).unwrap_or(tool_call_id);
                ("user", vec![json!({ "functionResponse": { "name": name, "response": { "result": content } } })])
            }
            Message::Assistant(message) => {
                let parts = match echo(message, "gemini") {
                    Some(items) => items.to_vec(),
                    None => {
                        let calls = message.tool_calls.iter().map(|call| {
                            json!({ "functionCall": { "name": call.name, "args": arguments_object(&call.arguments) } })
                        });
                        let says = !message.content.is_empty() || message.tool_calls.is_empty();
                        says.then(|| json!({ "text": message.content })).into_iter().chain(calls).collect()
                    }
                };
                ("model", parts)
            }
        })
    });
    turns.into_iter().map(|(role, parts)| json!({ "role": role, "parts": parts })).collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: Option<WireUsage>,
    model_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
    logprobs_result: Option<LogprobsResult>,
}

#[derive(Debug, Deserialize)]
struct Content {
    parts: Option<Vec<Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    block_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogprobsResult {
    #[serde(default)]
    chosen_candidates: Vec<WireLogprob>,
    #[serde(default)]
    top_candidates: Vec<TopCandidates>,
}

#[derive(Debug, Deserialize)]
struct TopCandidates {
    #[serde(default)]
    candidates: Vec<WireLogprob>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLogprob {
    token: Option<String>,
    log_probability: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUsage {
    prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
}

pub(super) fn reply(value: Value) -> Result<Parsed, Trouble> {
    let mut chunks = Chunks::default();
    chunks.event(value, &mut |_| {})?;
    if !(chunks.any || chunks.blocked) {
        return Err(Trouble::Malformed("it has no candidates".to_owned()));
    }
    // A whole reply has ended, whether or not it says why.
    chunks.finish.get_or_insert_default();
    Box::new(chunks).finish()
}

/// The pieces of a stream, each with the parts that are new.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    parsed: Parsed,
    parts: Vec<Value>,
    finish: Option<String>,
    blocked: bool,
    any: bool,
}

impl Chunks {
    fn part(&mut self, part: Value, on_delta: &mut dyn FnMut(Delta<'_>)) {
        let message = &mut self.parsed.message;
        if let Some(text) = part["text"].as_str() {
            if part["thought"] == true {
                on_delta(Delta::Reasoning(text));
                message.reasoning.get_or_insert_default().push_str(text);
            } else {
                on_delta(Delta::Text(text));
                message.content.push_str(text);
            }
            // Pieces of one text are one part.
            if let Some(last) = self.parts.last_mut()
                && let Some(begun) = last["text"].as_str()
                && last["thought"] == part["thought"]
                && last.get("thoughtSignature").is_none()
                && part.get("thoughtSignature").is_none()
            {
                last["text"] = format!("{begun}{text}").into();
                return;
            }
        } else if let Some(name) = part["functionCall"]["name"].as_str() {
            let args = &part["functionCall"]["args"];
            message.tool_calls.push(ToolCall {
                id: part["functionCall"]["id"].as_str().unwrap_or_default().to_owned(),
                name: name.to_owned(),
                arguments: if args.is_null() { "{}".to_owned() } else { args.to_string() },
            });
        }
        self.parts.push(part);
    }
}

impl Assembler for Chunks {
    fn event(&mut self, data: Value, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<(), Trouble> {
        let response: Response = read(data)?;
        self.parsed.model = response.model_version.unwrap_or(std::mem::take(&mut self.parsed.model));
        self.blocked |= response.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some());
        if let Some(usage) = response.usage_metadata
            && let Some(input) = usage.prompt_token_count
        {
            let reasoning = usage.thoughts_token_count.unwrap_or(0);
            self.parsed.usage = Some(Usage {
                input_tokens: input,
                output_tokens: usage.candidates_token_count.unwrap_or(0) + reasoning,
                cached_tokens: usage.cached_content_token_count.unwrap_or(0),
                reasoning_tokens: reasoning,
                ..Usage::default()
            });
        }
        let Some(candidate) = response.candidates.into_iter().flatten().next() else { return Ok(()) };
        self.any = true;
        self.finish = candidate.finish_reason.or(self.finish.take());
        for part in candidate.content.and_then(|content| content.parts).unwrap_or_default() {
            self.part(part, on_delta);
        }
        if let Some(result) = candidate.logprobs_result {
            let mut top = result.top_candidates.into_iter();
            for token in result.chosen_candidates {
                let others = top.next().map(|top| top.candidates).unwrap_or_default();
                let pair = |token: WireLogprob| Some((token.token?, token.log_probability?));
                let top = others.into_iter().filter_map(pair).collect();
                if let Some((token, logprob)) = pair(token) {
                    self.parsed.logprobs.get_or_insert_default().push(TokenLogprob { token, logprob, top });
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Parsed, Trouble> {
        let Self { mut parsed, parts, finish, blocked, .. } = *self;
        let finish = match finish.as_deref() {
            _ if blocked => FinishReason::ContentFilter,
            None => return Err(Trouble::Malformed("the stream ended early".to_owned())),
            Some("STOP") => FinishReason::Stop,
            Some("MAX_TOKENS") => FinishReason::Length,
            Some("SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII") => FinishReason::ContentFilter,
            Some(_) => FinishReason::Other,
        };
        parsed.finish = finished(finish, &parsed.message.tool_calls);
        if parts.iter().any(|part| part.get("thoughtSignature").is_some()) {
            parsed.message.echo = Some(Echo { api: "gemini".to_owned(), items: parts });
        }
        Ok(parsed)
    }
}
