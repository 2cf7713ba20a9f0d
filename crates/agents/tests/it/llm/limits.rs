//! Limits of providers, costs, and the record.

use std::time::{Duration, Instant};

use mledojo_agents::llm::{
    ChatRequest, LlmClient, LlmError, LlmSettings, RateLimits, RecordMode, RecordSettings, Usage,
};
use mledojo_testing::{Answer, ModelServer, Reply, Tokens};
use serde_json::json;

use super::{ask, hello, keys, model_with, name, settings};

#[test]
fn no_more_requests_at_once_than_allowed() {
    let reply = Reply { delay: Duration::from_millis(30), ..Reply::text("x") };
    let server = ModelServer::sequence([reply.into()]);
    let mut settings = settings();
    settings.limits.insert("openai".to_owned(), RateLimits { concurrency: Some(3), ..RateLimits::default() });
    let model = model_with(&server, "openai", settings);
    std::thread::scope(|scope| {
        for _ in 0..9 {
            scope.spawn(|| model.complete(&hello()).unwrap());
        }
    });
    assert_eq!((server.count(), server.most_at_once()), (9, 3));
}

#[test]
fn a_minute_has_so_many_requests() {
    let server = ModelServer::sequence([Answer::text("x")]);
    let mut settings = settings();
    settings.limits.insert("openai".to_owned(), RateLimits { requests_per_minute: Some(120), ..RateLimits::default() });
    let client = LlmClient::new(settings, keys()).unwrap();
    // Two models of one provider share its limits.
    let models = ["a", "b"].map(|model| client.model(&name(&server, "openai", model).parse().unwrap()).unwrap());
    let begun = Instant::now();
    let mut waited = Duration::ZERO;
    for call in 0..122 {
        waited += models[call % 2].complete(&hello()).unwrap().waited;
    }
    // 120 at once, then two a second.
    let elapsed = begun.elapsed();
    assert!(elapsed >= Duration::from_millis(500) && elapsed < Duration::from_secs(20), "{elapsed:?}");
    assert!(waited >= Duration::from_millis(400), "{waited:?}");
}

#[test]
fn costs_are_counted_by_the_table_and_unknown_is_unknown() {
    let tokens = Tokens { input: 1_000_000, cached: 500_000, cache_write: 0, output: 100_000, reasoning: 50_000 };
    let server = ModelServer::sequence([Reply { tokens: Some(tokens), ..Reply::text("x") }.into()]);
    let client = LlmClient::new(settings(), keys()).unwrap();
    let reply = |provider: &str, model: &str| {
        client.model(&name(&server, provider, model).parse().unwrap()).unwrap().complete(&hello()).unwrap()
    };
    let close = |cost: Option<f64>, expected: f64| assert!((cost.unwrap() - expected).abs() < 1e-9, "{cost:?}");
    let mini = reply("openai", "gpt-4o-mini");
    close(mini.cost_usd, 0.5 * 0.15 + 0.5 * 0.075 + 0.1 * 0.60);
    assert_eq!(mini.usage.reasoning_tokens, 50_000);
    close(reply("openai-responses", "gpt-5").cost_usd, 0.5 * 1.25 + 0.5 * 0.125 + 0.1 * 10.0);
    close(reply("anthropic", "claude-3-7-sonnet-latest").cost_usd, 0.5 * 3.0 + 0.5 * 0.30 + 0.1 * 15.0);
    close(reply("gemini", "gemini-2.5-flash").cost_usd, 0.5 * 0.30 + 0.5 * 0.03 + 0.1 * 2.50);
    assert_eq!(reply("local", "gpt-4o-mini").cost_usd, None);

    // Where the provider says what it cost, that counts.
    let usage = json!({ "usage": { "prompt_tokens": 10, "completion_tokens": 5, "cost": 0.0125 } });
    let server = ModelServer::sequence([Reply { extra: usage, ..Reply::text("x") }.into()]);
    assert_eq!(ask(&server, "openrouter").unwrap().cost_usd, Some(0.0125));
    assert_eq!(server.asked()[0].body["usage"], json!({ "include": true }));

    // Without tokens there are a guess and no cost.
    let server = ModelServer::sequence([Reply { tokens: None, ..Reply::text("x".repeat(400)) }.into()]);
    let spec = name(&server, "openai", "gpt-4o-mini").parse().unwrap();
    let reply = client.model(&spec).unwrap().complete(&hello()).unwrap();
    assert!(reply.usage.estimated && reply.usage.output_tokens == 100 && reply.cost_usd.is_none(), "{reply:?}");
}

#[test]
fn writing_to_the_cache_is_paid_for() {
    let tokens = Tokens { input: 1_000_000, cached: 200_000, cache_write: 300_000, output: 0, reasoning: 0 };
    let server = ModelServer::sequence([Reply { tokens: Some(tokens), ..Reply::text("x") }.into()]);
    let client = LlmClient::new(settings(), keys()).unwrap();
    let spec = name(&server, "anthropic", "claude-3-7-sonnet-20250219").parse().unwrap();
    let reply = client.model(&spec).unwrap().complete(&hello()).unwrap();
    let usage =
        Usage { input_tokens: 1_000_000, cached_tokens: 200_000, cache_write_tokens: 300_000, ..Usage::default() };
    assert_eq!(reply.usage, usage);
    assert!((reply.cost_usd.unwrap() - (0.5 * 3.0 + 0.2 * 0.30 + 0.3 * 3.75)).abs() < 1e-9, "{reply:?}");
    let body = &server.asked()[0].body;
    assert_eq!(body["system"][0]["cache_control"], json!({ "type": "ephemeral" }), "{body}");
    assert_eq!(body["messages"][0]["content"][0]["cache_control"], json!({ "type": "ephemeral" }), "{body}");
    let off = LlmSettings { prompt_caching: false, ..settings() };
    model_with(&server, "anthropic", off).complete(&hello()).unwrap();
    assert!(!server.asked()[1].body.to_string().contains("cache_control"));
}

#[test]
fn a_recorded_run_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let recorded =
        |mode| LlmSettings { record: RecordSettings { mode, folder: folder.path().join("replies") }, ..settings() };
    let server = ModelServer::sequence([Answer::server_error(500), Answer::tool("finish", "{}"), Answer::text("b")]);
    let requests = ["1", "2"].map(|sample| ChatRequest { sample: Some(sample.to_owned()), ..hello() });
    let model = model_with(&server, "openai", recorded(RecordMode::Auto));
    let first: Vec<_> = requests.iter().map(|request| model.complete(request).unwrap()).collect();
    assert_eq!(server.count(), 3);
    drop(server);

    // Neither the server nor a key is there any more.
    let none = mledojo_agents::llm::Keys::of_variables(std::collections::BTreeMap::new(), None);
    let client = LlmClient::new(recorded(RecordMode::Replay), none).unwrap();
    let model = client.model(&"openai/any-model".parse().unwrap()).unwrap();
    for (request, reply) in requests.iter().zip(&first) {
        let again = model.complete(request).unwrap();
        assert!(again.replayed && again.waited.is_zero());
        assert_eq!((again.message, again.usage), (reply.message.clone(), reply.usage));
    }
    let error = model.complete(&hello()).unwrap_err();
    assert!(matches!(error, LlmError::NotRecorded { .. }), "{error}");
}
