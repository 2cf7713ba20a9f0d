//! What of a request is sent, by provider and model.

use mledojo_agents::llm::{ChatRequest, Effort, LlmClient};
use mledojo_testing::{Answer, ModelServer};
use serde_json::{Value, json};

use super::{hello, keys, model, name, settings};

fn everything() -> ChatRequest {
    ChatRequest {
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(500),
        seed: Some(u64::MAX),
        reasoning_effort: Some(Effort::Low),
        stop: vec!["END".to_owned()],
        logprobs: Some(2),
        ..hello()
    }
}

/// What is sent for a request with everything in it, and what is told to be left out.
fn sent(provider: &str, model: &str) -> (Value, Vec<String>) {
    let server = ModelServer::sequence([Answer::text("x")]);
    let client = LlmClient::new(settings(), keys()).unwrap();
    let spec = name(&server, provider, model).parse().unwrap();
    let reply = client.model(&spec).unwrap().complete(&everything()).unwrap();
    (server.asked().pop().unwrap().body, reply.ignored)
}

#[test]
fn chat_models_get_everything() {
    let (body, ignored) = sent("openai", "gpt-4o-mini");
    assert_eq!(ignored, [""; 0]);
    let expected = [
        ("temperature", json!(0.5)),
        ("top_p", json!(0.9)),
        ("max_completion_tokens", json!(500)),
        ("seed", json!(i64::MAX)),
        ("reasoning_effort", json!("low")),
        ("stop", json!(["END"])),
        ("logprobs", json!(true)),
        ("top_logprobs", json!(2)),
    ];
    for (key, value) in expected {
        assert_eq!(body[key], value, "{key}");
    }
    let (body, _) = sent("vllm", "Qwen/Qwen3-8B");
    assert_eq!((&body["max_tokens"], &body["model"]), (&json!(500), &json!("Qwen/Qwen3-8B")));
    assert_eq!(sent("openrouter", "a/b").0["reasoning"], json!({ "effort": "low" }));
    assert_eq!(sent("deepseek", "deepseek-chat").1, ["seed", "reasoning_effort"]);
}

#[test]
fn reasoning_models_get_no_temperature() {
    for model in ["o3-mini", "gpt-5", "gpt-5.9-unheard-of"] {
        let (body, ignored) = sent("openai", model);
        assert_eq!(ignored, ["temperature", "top_p", "stop", "logprobs"], "{model}");
        assert!(body.get("temperature").is_none() && body["max_completion_tokens"] == 500, "{body}");
        assert_eq!(body["reasoning_effort"], "low");
    }
    let (body, ignored) = sent("openai-responses", "o4-mini");
    assert_eq!(ignored, ["temperature", "top_p", "logprobs", "seed", "stop"]);
    assert_eq!((&body["reasoning"], &body["max_output_tokens"]), (&json!({ "effort": "low" }), &json!(500)));
    assert_eq!((&body["store"], &body["include"]), (&json!(false), &json!(["reasoning.encrypted_content"])));
    assert_eq!(sent("xai", "grok-4").1, ["stop", "reasoning_effort"]);
}

#[test]
fn thinking_is_budgeted() {
    let (body, ignored) = sent("anthropic", "claude-sonnet-4-5");
    assert_eq!(body["thinking"], json!({ "type": "enabled", "budget_tokens": 4096 }));
    assert_eq!((&body["max_tokens"], &body["stop_sequences"]), (&json!(5120), &json!(["END"])));
    assert_eq!(ignored, ["temperature", "top_p", "seed", "logprobs"]);
    let (body, ignored) = sent("gemini", "gemini-2.5-pro");
    let config = &body["generationConfig"];
    assert_eq!(config["thinkingConfig"], json!({ "thinkingBudget": 4096, "includeThoughts": true }));
    assert_eq!((&config["maxOutputTokens"], &config["seed"]), (&json!(500), &json!(0x7fff_ffff)));
    assert_eq!((&config["topP"], &config["logprobs"]), (&json!(0.9), &json!(2)));
    assert_eq!(ignored, [""; 0]);
}

#[test]
fn azure_has_its_own_paths() {
    let server = ModelServer::sequence([Answer::text("x")]);
    model(&server, "azure").complete(&hello()).unwrap();
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.path, "/openai/deployments/any-model/chat/completions");
    assert_eq!(asked.query, "api-version=2024-10-21");
    assert_eq!(asked.headers.get("api-key").map(String::as_str), Some(super::KEY));
    assert!(!asked.headers.contains_key("authorization"));
    let client = LlmClient::new(settings(), keys()).unwrap();
    let spec = format!("azure/gpt-4o@{}/openai/v1", server.url()).parse().unwrap();
    client.model(&spec).unwrap().complete(&hello()).unwrap();
    assert_eq!(server.asked().pop().unwrap().path, "/openai/v1/chat/completions");
    let spec = format!("azure/..%2fx@{}", server.url()).parse().unwrap();
    assert!(client.model(&spec).err().unwrap().to_string().contains("expected letters"));
}

#[test]
fn a_parameter_that_is_refused_is_left_out_from_then_on() {
    let server = ModelServer::start(|asked| {
        for (param, message) in [
            ("temperature", "Unsupported value: 'temperature' does not support 0.5 with this model."),
            (
                "max_tokens",
                "Unsupported parameter: 'max_tokens' is not supported, use 'max_completion_tokens' instead.",
            ),
        ] {
            if asked.body.get(param).is_some() {
                let error = json!({ "message": message, "param": param, "code": "unsupported_parameter" });
                return Answer::json(400, &json!({ "error": error }));
            }
        }
        Answer::text("x")
    });
    let model = model(&server, "vllm");
    let request = ChatRequest { temperature: Some(0.5), max_tokens: Some(9), ..hello() };
    let reply = model.complete(&request).unwrap();
    assert_eq!((reply.ignored.as_slice(), server.count()), (["temperature".to_owned()].as_slice(), 3));
    assert_eq!(server.asked()[2].body["max_completion_tokens"], 9);
    model.complete(&request).unwrap();
    assert_eq!(server.count(), 4);
}

#[test]
fn neighbours_of_one_role_are_one_turn() {
    use mledojo_agents::llm::{AssistantMessage, Message, ToolCall};
    let call = |id: &str| ToolCall { id: id.to_owned(), name: "finish".to_owned(), arguments: String::new() };
    let calls = AssistantMessage { tool_calls: vec![call("a"), call("b")], ..AssistantMessage::default() };
    let messages = vec![
        Message::user("1"),
        Message::user(""),
        calls.into(),
        Message::tool("a", "x"),
        Message::tool("b", ""),
        Message::user("2"),
    ];
    for (provider, key) in [("anthropic", "messages"), ("gemini", "contents")] {
        let server = ModelServer::sequence([Answer::text("x")]);
        model(&server, provider).complete(&ChatRequest::new(messages.clone())).unwrap();
        let body = server.asked().pop().unwrap().body;
        let roles: Vec<&str> =
            body[key].as_array().unwrap().iter().map(|turn| turn["role"].as_str().unwrap()).collect();
        assert_eq!(roles.len(), 3, "{provider}: {body}");
        assert!(provider != "anthropic" || !body.to_string().contains("\"text\":\"\""), "{body}");
    }
}
