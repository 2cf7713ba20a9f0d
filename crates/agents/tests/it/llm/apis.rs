//! Each API says the same, whole and streamed.

use std::time::Duration;

use mledojo_agents::llm::{
    AssistantMessage, ChatRequest, Delta, FinishReason, LlmSettings, Message, Tool, ToolCall, ToolChoice, Usage,
};
use mledojo_testing::{Answer, Finish, ModelServer, Reply, Tokens};
use serde_json::json;

use super::{APIS, KEY, hello, model, model_with, settings};

const TOKENS: Tokens = Tokens { input: 100, cached: 40, cache_write: 0, output: 20, reasoning: 0 };

fn streaming(on: bool) -> LlmSettings {
    LlmSettings { stream: on, ..settings() }
}

fn finish_tool() -> Tool {
    let parameters = json!({ "type": "object", "properties": { "why": { "type": "string" } }, "required": ["why"] });
    Tool { name: "finish".to_owned(), description: "Ends it".to_owned(), parameters }
}

#[test]
fn a_text_comes_with_its_tokens_and_key() {
    for provider in APIS {
        for stream in [false, true] {
            let reply =
                Reply { tokens: Some(TOKENS), piece: 3, ..Reply::text("Grüße, in \"pieces\"\n```python\n```") };
            let server = ModelServer::sequence([reply.into()]).with_key(KEY);
            let reply = model_with(&server, provider, streaming(stream)).complete(&hello()).unwrap();
            let shown = format!("{provider}, stream {stream}: {reply:?}");
            assert_eq!(reply.message.content, "Grüße, in \"pieces\"\n```python\n```", "{shown}");
            assert_eq!(reply.finish, FinishReason::Stop, "{shown}");
            let usage = Usage { input_tokens: 100, output_tokens: 20, cached_tokens: 40, ..Usage::default() };
            assert_eq!(reply.usage, usage, "{shown}");
            assert_eq!((reply.attempts, reply.cost_usd, reply.model.as_str()), (1, None, "any-model-0001"), "{shown}");
            assert!(reply.ignored.is_empty(), "{shown}");
            let asked = server.asked().pop().unwrap();
            assert_eq!(asked.is_stream(), stream);
            assert_eq!(asked.last(), "Hello");
            assert!(asked.conversation().contains(&("system".to_owned(), "Be brief.".to_owned())), "{asked:?}");
            assert!(asked.query.is_empty() || !asked.query.contains(KEY));
        }
    }
}

#[test]
fn tools_are_called_and_answered() {
    for provider in APIS {
        for stream in [false, true] {
            let call = Reply { piece: 5, ..Reply::tool("finish", r#"{"why":"all done"}"#) };
            let server = ModelServer::sequence([call.into(), Answer::text("Bye")]);
            let model = model_with(&server, provider, streaming(stream));
            let mut request = ChatRequest { tools: vec![finish_tool()], ..hello() };
            let reply = model.complete(&request).unwrap();
            assert_eq!(reply.finish, FinishReason::ToolCalls, "{provider}");
            let call = reply.message.tool_calls[0].clone();
            assert_eq!(
                (call.name.as_str(), call.arguments.as_str()),
                ("finish", r#"{"why":"all done"}"#),
                "{provider}"
            );
            assert!(!call.id.is_empty(), "{provider}");
            request.messages.push(reply.message.into());
            request.messages.push(Message::tool(&call.id, "It is done."));
            assert_eq!(model.complete(&request).unwrap().message.content, "Bye", "{provider}");
            let asked = server.asked();
            assert_eq!(asked[0].tools(), ["finish"], "{provider}");
            let conversation = asked[1].conversation();
            let said = |text: &str| conversation.iter().any(|(_, turn)| turn.contains(text));
            assert!(said("all done") && said("It is done."), "{provider}: {conversation:?}");
        }
    }
}

#[test]
fn broken_arguments_are_kept_as_they_came_and_sent_back_as_json() {
    for (provider, stream) in [("openai", false), ("openai", true), ("openai-responses", false), ("anthropic", true)] {
        let server = ModelServer::sequence([Answer::tool("finish", r#"{"why": "all d"#), Answer::text("ok")]);
        let model = model_with(&server, provider, streaming(stream));
        let mut request = ChatRequest { tools: vec![finish_tool()], ..hello() };
        let reply = model.complete(&request).unwrap();
        assert_eq!(reply.message.tool_calls[0].arguments, r#"{"why": "all d"#, "{provider}");
        let id = reply.message.tool_calls[0].id.clone();
        request.messages.extend([reply.message.into(), Message::tool(id, "no JSON")]);
        model.complete(&request).unwrap();
        let body = server.asked()[1].body.to_string();
        assert!(body.contains("all d"), "{provider}: {body}");
    }
}

#[test]
fn choices_of_tools_are_passed_on() {
    let cases = [
        ("openai", "tool_choice", json!("required"), json!({ "type": "function", "function": { "name": "finish" } })),
        ("openai-responses", "tool_choice", json!("required"), json!({ "type": "function", "name": "finish" })),
        ("anthropic", "tool_choice", json!({ "type": "any" }), json!({ "type": "tool", "name": "finish" })),
        (
            "gemini",
            "toolConfig",
            json!({ "functionCallingConfig": { "mode": "ANY" } }),
            json!({ "functionCallingConfig": { "mode": "ANY", "allowedFunctionNames": ["finish"] } }),
        ),
    ];
    for (provider, key, required, named) in cases {
        let server = ModelServer::sequence([Answer::text("x")]);
        let model = model(&server, provider);
        for choice in [ToolChoice::Required, ToolChoice::Named("finish".to_owned())] {
            let request = ChatRequest { tools: vec![finish_tool()], tool_choice: choice, ..hello() };
            model.complete(&request).unwrap();
        }
        let asked = server.asked();
        assert_eq!((&asked[0].body[key], &asked[1].body[key]), (&required, &named), "{provider}");
    }
}

#[test]
fn a_cut_reply_says_so() {
    for provider in APIS {
        for stream in [false, true] {
            for (finish, expected) in
                [(Finish::Length, FinishReason::Length), (Finish::Filter, FinishReason::ContentFilter)]
            {
                let server = ModelServer::sequence([Reply { finish, ..Reply::text("import pan") }.into()]);
                let reply = model_with(&server, provider, streaming(stream)).complete(&hello()).unwrap();
                assert_eq!((reply.finish, reply.message.content.as_str()), (expected, "import pan"), "{provider}");
            }
        }
    }
}

#[test]
fn reasoning_is_shown_and_what_is_signed_goes_back() {
    for provider in ["openai-responses", "anthropic", "gemini"] {
        for stream in [false, true] {
            let call =
                Reply { reasoning: Some("Let me think.".to_owned()), ..Reply::tool("finish", "{\"why\":\"x\"}") };
            let server = ModelServer::sequence([call.into(), Answer::text("ok")]);
            let model = model_with(&server, provider, streaming(stream));
            let mut request = ChatRequest { tools: vec![finish_tool()], ..hello() };
            let reply = model.complete(&request).unwrap();
            assert_eq!(reply.message.reasoning.as_deref(), Some("Let me think."), "{provider}");
            let id = reply.message.tool_calls[0].id.clone();
            // A message survives being written down and read again.
            let text = serde_json::to_string(&Message::from(reply.message)).unwrap();
            request.messages.extend([serde_json::from_str(&text).unwrap(), Message::tool(id, "done")]);
            model.complete(&request).unwrap();
            let body = server.asked()[1].body.to_string();
            let sealed = if provider == "openai-responses" { "c2VhbGVk" } else { "c2lnbmVk" };
            assert_eq!(body.matches(sealed).count(), 1, "{provider}, stream {stream}: {body}");
            // In its own form, and not in ours as well.
            assert_eq!(body.replace('\\', "").matches(r#""why":"x""#).count(), 1, "{provider}: {body}");
        }
    }
    // Another API gets the message in its own form.
    let server = ModelServer::sequence([Answer::text("ok")]);
    let echo =
        mledojo_agents::llm::Echo { api: "anthropic".to_owned(), items: vec![json!({ "signature": "c2lnbmVk" })] };
    let said = AssistantMessage { content: "Hm.".to_owned(), echo: Some(echo), ..AssistantMessage::default() };
    let mut request = hello();
    request.messages.extend([said.into(), Message::user("And?")]);
    model(&server, "openai").complete(&request).unwrap();
    assert!(!server.asked()[0].body.to_string().contains("c2lnbmVk"));
}

#[test]
fn deepseek_gets_its_reasoning_back_with_tool_calls_alone() {
    let call = Reply { reasoning: Some("Hm.".to_owned()), ..Reply::tool("finish", "{}") };
    let server = ModelServer::sequence([call.into(), Answer::text("ok")]);
    for (provider, expected) in [("deepseek", 1), ("openai", 0)] {
        let model = model(&server, provider);
        let mut request = hello();
        let call = ToolCall { id: "c".to_owned(), name: "finish".to_owned(), arguments: "{}".to_owned() };
        let reasoning = Some("Hm.".to_owned());
        let with_call = AssistantMessage { tool_calls: vec![call], reasoning: reasoning.clone(), ..Default::default() };
        let without = AssistantMessage { content: "x".to_owned(), reasoning, ..Default::default() };
        request.messages.extend([with_call.into(), Message::tool("c", "d"), without.into(), Message::user("?")]);
        model.complete(&request).unwrap();
        let body = server.asked().pop().unwrap().body.to_string();
        assert_eq!(body.matches("reasoning_content").count(), expected, "{provider}: {body}");
    }
}

#[test]
fn logprobs_come_where_there_are_some() {
    for provider in ["openai", "openai-responses", "gemini", "anthropic"] {
        for stream in [false, true] {
            let logprobs = vec![("Hi".to_owned(), -0.25), ("!".to_owned(), -1.5)];
            let server = ModelServer::sequence([Reply { logprobs, ..Reply::text("Hi!") }.into()]);
            let request = ChatRequest { logprobs: Some(1), ..hello() };
            let reply = model_with(&server, provider, streaming(stream)).complete(&request).unwrap();
            if provider == "anthropic" {
                assert_eq!((reply.logprobs, reply.ignored), (None, vec!["logprobs".to_owned()]));
                continue;
            }
            let tokens = reply.logprobs.unwrap();
            let tokens: Vec<(&str, f64)> = tokens.iter().map(|token| (token.token.as_str(), token.logprob)).collect();
            assert_eq!(tokens, [("Hi", -0.25), ("!", -1.5)], "{provider}, stream {stream}");
        }
    }
}

#[test]
fn deltas_add_up_to_the_reply() {
    for provider in APIS {
        let reply = Reply { reasoning: Some("Thinking it over".to_owned()), ..Reply::text("The answer is 42.") };
        let server = ModelServer::sequence([reply.into()]);
        let (mut text, mut reasoning, mut pieces) = (String::new(), String::new(), 0);
        let mut on_delta = |delta: Delta<'_>| match delta {
            Delta::Text(more) => {
                text.push_str(more);
                pieces += 1;
            }
            Delta::Reasoning(more) => reasoning.push_str(more),
            Delta::Restart => panic!("nothing broke"),
        };
        let reply = model(&server, provider).stream(&hello(), &mut on_delta).unwrap();
        assert!(pieces > 1, "{provider}");
        assert_eq!((text.as_str(), reasoning.as_str()), ("The answer is 42.", "Thinking it over"), "{provider}");
        assert_eq!(reply.message.content, text, "{provider}");
    }
}

#[test]
fn streams_may_be_cut_anywhere() {
    for provider in APIS {
        for piece in [1, 2, 7, 64, 1000] {
            let reply = Reply { piece, ..Reply::tool("finish", r#"{"why":"é\n"}"#) };
            let server = ModelServer::sequence([reply.into()]);
            let reply = model_with(&server, provider, streaming(true)).complete(&hello()).unwrap();
            let arguments: serde_json::Value = serde_json::from_str(&reply.message.tool_calls[0].arguments).unwrap();
            assert_eq!(arguments, json!({ "why": "é\n" }), "{provider} in pieces of {piece}");
        }
    }
}

#[test]
fn connections_are_kept() {
    let server = ModelServer::sequence([Answer::text("x")]);
    let model = model(&server, "local");
    let begun = std::time::Instant::now();
    for _ in 0..200 {
        model.complete(&hello()).unwrap();
    }
    assert_eq!(server.count(), 200);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
