//! All that goes wrong on the way.

use std::time::{Duration, Instant};

use mledojo_agents::llm::{ChatRequest, Delta, FinishReason, LlmError, LlmSettings};
use mledojo_sandbox::Cancel;
use mledojo_testing::{Answer, Fault, ModelServer, Reply};
use serde_json::json;

use super::{APIS, ask, hello, model, model_with, settings};

#[test]
fn what_may_pass_is_tried_again() {
    let broken = || -> Vec<Answer> {
        vec![
            Answer::server_error(500),
            Answer::error(529, "overloaded_error", "Overloaded"),
            Answer::rate_limited(None),
            Answer::html(502),
            Answer::html(200),
            Answer::cut(Reply::text("Hello there, how are you?"), 30),
            Answer::hang(Duration::ZERO),
            Answer::json(200, &json!({ "id": "x" })),
            Answer::json(200, &json!({ "error": { "message": "upstream failed", "code": 502 } })),
        ]
    };
    for provider in APIS {
        for (at, fault) in broken().into_iter().enumerate() {
            let server = ModelServer::sequence([fault, Answer::text("Hello")]);
            let reply = ask(&server, provider).unwrap_or_else(|error| panic!("{provider}, fault {at}: {error}"));
            assert_eq!((reply.attempts, reply.message.content.as_str()), (2, "Hello"), "{provider}, fault {at}");
            assert!(reply.waited >= Duration::from_millis(5) && reply.waited < Duration::from_secs(5));
        }
    }
}

#[test]
fn empty_choices_are_no_reply_and_null_content_is_an_empty_one() {
    let server = ModelServer::sequence([Answer::json(200, &json!({ "model": "m", "choices": [] }))]);
    let error = ask(&server, "openai").unwrap_err();
    assert!(error.to_string().contains("no choices") && error.is_infrastructure(), "{error}");
    assert_eq!(server.count(), 3);
    let server = ModelServer::sequence([Reply { text: None, ..Reply::default() }.into()]);
    for provider in APIS {
        let reply = ask(&server, provider).unwrap();
        assert_eq!((reply.message.content.as_str(), reply.finish), ("", FinishReason::Stop), "{provider}");
    }
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "usageMetadata": { "promptTokenCount": 3 } });
    let server = ModelServer::sequence([Answer::json(200, &blocked)]);
    assert_eq!(ask(&server, "gemini").unwrap().finish, FinishReason::ContentFilter);
}

#[test]
fn a_stream_that_breaks_begins_anew() {
    for provider in APIS {
        let reply = Reply::text("Hello, this is a long enough answer to be cut somewhere in its middle.");
        let whole = ModelServer::sequence([reply.clone().into()]);
        model(&whole, provider).stream(&hello(), &mut |_| {}).unwrap();
        for bytes in [0, 10, 400, 900] {
            let server = ModelServer::sequence([Answer::cut(reply.clone(), bytes), reply.clone().into()]);
            let (mut text, mut restarts) = (String::new(), 0);
            let mut on_delta = |delta: Delta<'_>| match delta {
                Delta::Text(more) => text.push_str(more),
                Delta::Restart => {
                    text.clear();
                    restarts += 1;
                }
                Delta::Reasoning(_) => {}
            };
            let got = model(&server, provider).stream(&hello(), &mut on_delta).unwrap();
            assert_eq!((got.attempts, got.message.content.as_str()), (2, text.as_str()), "{provider}, {bytes}");
            assert!(restarts <= 1 && (bytes != 0 || restarts == 0), "{provider}, {bytes}: {restarts}");
        }
    }
}

#[test]
fn errors_within_a_stream_are_errors() {
    let streams = [
        (
            "openai",
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\n",
        ),
        (
            "openai-responses",
            "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"boom\"}}}\n\n",
        ),
        (
            "anthropic",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"boom\"}}\n\n",
        ),
        ("gemini", "data: {\"error\":{\"code\":503,\"message\":\"boom\",\"status\":\"UNAVAILABLE\"}}\n\n"),
        ("local", "data: {\"choices\"\n\n"),
    ];
    for (provider, text) in streams {
        let fault = Fault::Raw { status: 200, content_type: "text/event-stream".into(), body: text.into() };
        let server = ModelServer::sequence([fault.clone().into()]);
        let error =
            model_with(&server, provider, LlmSettings { stream: true, ..settings() }).complete(&hello()).unwrap_err();
        assert!(error.is_transient(), "{provider}: {error}");
        assert!(provider == "local" || error.to_string().contains("boom"), "{provider}: {error}");
        assert_eq!(server.count(), 3, "{provider}");
    }
}

#[test]
fn what_will_not_pass_is_not_tried_again() {
    let cases = [
        (400, "context_length_exceeded", "maximum context length is 8192 tokens", "context_too_long", false),
        (400, "content_filter", "triggering the content management policy", "blocked", false),
        (400, "invalid_request_error", "messages: at least one is required", "bad_request", false),
        (401, "invalid_api_key", "Incorrect API key provided", "unauthorized", true),
        (402, "insufficient", "Insufficient Balance", "quota", true),
        (403, "permission_error", "Not for you", "unauthorized", true),
        (404, "not_found_error", "model: any-model", "no_such_model", true),
        (429, "insufficient_quota", "You exceeded your current quota", "quota", true),
    ];
    for provider in APIS {
        for (status, code, message, kind, infrastructure) in cases {
            let server = ModelServer::sequence([Answer::error(status, code, message)]);
            let error = ask(&server, provider).unwrap_err();
            assert_eq!((error.kind(), error.is_infrastructure()), (kind, infrastructure), "{provider}: {error}");
            assert!(error.to_string().contains(message) && error.to_string().contains("any-model"), "{error}");
            assert_eq!(server.count(), 1, "{provider}: {error}");
        }
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let server = ModelServer::sequence([Answer::text("x")]);
    let to = ModelServer::start(|_| Fault::Raw { status: 307, content_type: String::new(), body: vec![] }.into());
    let error = ask(&to, "openai").unwrap_err();
    assert!(error.to_string().contains("sends on to"), "{error}");
    assert_eq!((to.count(), server.count()), (1, 0));
}

#[test]
fn after_so_many_attempts_it_is_over() {
    let server = ModelServer::sequence([Answer::server_error(503)]);
    let error = ask(&server, "openai").unwrap_err();
    assert!(matches!(error, LlmError::Server { status: 503, .. }), "{error}");
    assert_eq!(server.count(), 3);
    // Nobody is there at all.
    let gone = ModelServer::sequence([Answer::text("x")]);
    let name = super::name(&gone, "local", "m");
    let spec = name.replace(&gone.url(), "http://127.0.0.1:1").parse().unwrap();
    let client = mledojo_agents::llm::LlmClient::new(settings(), super::keys()).unwrap();
    let error = client.model(&spec).unwrap().complete(&hello()).unwrap_err();
    assert!(matches!(error, LlmError::NoAnswer { .. }) && error.is_infrastructure(), "{error}");
}

#[test]
fn the_server_says_how_long_to_wait() {
    let server = ModelServer::sequence([Answer::rate_limited(Some("1")), Answer::text("x")]);
    let begun = Instant::now();
    let reply = ask(&server, "openai").unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1) && reply.waited >= Duration::from_secs(1));
    assert!(reply.latency < Duration::from_millis(900), "{reply:?}");
    // More than there is patience for.
    let server = ModelServer::sequence([Answer::rate_limited(Some("100000"))]);
    let begun = Instant::now();
    let error = ask(&server, "openai").unwrap_err();
    assert_eq!((error.kind(), server.count()), ("rate_limited", 1));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn silence_has_its_limits() {
    let times = |first_byte: f64, silence: f64, total: f64| {
        let mut settings = settings();
        settings.retry.attempts = 1;
        settings.stream = true;
        (settings.timeouts.first_byte, settings.timeouts.silence, settings.timeouts.total) =
            (first_byte, silence, total);
        settings
    };
    let hang = Answer::hang(Duration::from_secs(30));
    let half = Answer::from(Fault::HangAfterHead(Duration::from_secs(30)));
    let cases = [
        (hang.clone(), times(0.1, 20.0, 20.0), "begin its answer"),
        (half.clone(), times(20.0, 0.1, 20.0), "go on with its answer"),
        (half, times(20.0, 20.0, 0.1), "took longer than 0.1 s to answer"),
    ];
    for (answer, settings, expected) in cases {
        let server = ModelServer::sequence([answer]);
        let begun = Instant::now();
        let error = model_with(&server, "openai", settings).complete(&hello()).unwrap_err();
        assert!(error.to_string().contains(expected) && error.is_infrastructure(), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_call_can_be_cancelled_anywhere() {
    let answers = [
        Answer::hang(Duration::from_secs(30)),
        Fault::HangAfterHead(Duration::from_secs(30)).into(),
        Answer::rate_limited(Some("30")),
    ];
    for answer in answers {
        let server = ModelServer::sequence([answer]);
        let mut patient = settings();
        patient.stream = true;
        patient.retry.base = 30.0;
        patient.retry.most = 30.0;
        let model = model_with(&server, "openai", patient);
        let cancel = Cancel::default();
        let request = ChatRequest { cancel: cancel.clone(), ..hello() };
        let begun = Instant::now();
        let error = std::thread::scope(|scope| {
            let call = scope.spawn(|| model.complete(&request));
            std::thread::sleep(Duration::from_millis(100));
            cancel.cancel();
            call.join().unwrap().unwrap_err()
        });
        assert!(matches!(error, LlmError::Cancelled), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        // The model is as good as before.
        assert!(matches!(model.complete(&request), Err(LlmError::Cancelled)));
    }
}
