//! What a provider's error means.

use std::time::{Duration, SystemTime};

use mledojo_prepare::fetch::{one_line, retry_after};
use serde_json::Value;
use ureq::http::HeaderMap;

use crate::llm::error::LlmError;

/// An error, as a provider gave it.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    status: u16,
    /// Its words for it, in small letters: `code`, `type` and `status` of the error.
    code: String,
    param: String,
    message: String,
    wait: Option<Duration>,
}

impl Refusal {
    /// Of an answer other than success.
    pub(crate) fn of_answer(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut refusal = match serde_json::from_str::<Value>(&text) {
            Ok(value) => Self::of_value(&value, status),
            Err(_) => Self { status, message: plain(&text), ..Self::default() },
        };
        let milliseconds = headers.get("retry-after-ms").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let told = milliseconds.map(Duration::from_millis).or_else(|| retry_after(headers, SystemTime::now()));
        refusal.wait = told.or(refusal.wait);
        refusal
    }

    /// Of the error within a stream, or within an answer that claims success.
    pub(crate) fn of_value(value: &Value, status: u16) -> Self {
        // Gemini's streams wrap their errors in a list.
        let value = value.get(0).unwrap_or(value);
        let error = if value["error"].is_object() { &value["error"] } else { value };
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        let message = [text("message"), text("detail"), value["error"].as_str().unwrap_or_default().to_owned()];
        let number = error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
        let code = [text("code"), text("type"), text("status")].join(" ").to_lowercase();
        let status = number.filter(|_| status < 400).unwrap_or(status);
        let wait = error["details"].as_array().into_iter().flatten().find_map(|detail| {
            let seconds = detail["retryDelay"].as_str()?.strip_suffix('s')?.parse().ok()?;
            Duration::try_from_secs_f64(seconds).ok()
        });
        let message = message.into_iter().find(|message| !message.is_empty()).unwrap_or_else(|| error.to_string());
        Self { status: status_by_code(status, &code), code, param: text("param"), message: one_line(&message), wait }
    }

    /// The parameter of ours that the model doesn't take, if that is what is wrong.
    pub(crate) fn refused_parameter(&self) -> Option<&'static str> {
        const WORDS: [&str; 8] = [
            "unsupported",
            "not supported",
            "does not support",
            "doesn't support",
            "not permitted",
            "deprecated",
            "unrecognized",
            "unknown",
        ];
        const NAMES: [&str; 11] = [
            "max_completion_tokens",
            "max_tokens",
            "temperature",
            "top_p",
            "seed",
            "stop",
            "top_logprobs",
            "logprobs",
            "reasoning_effort",
            "stream_options",
            "thinking",
        ];
        if !matches!(self.status, 400 | 422) {
            return None;
        }
        let message = self.message.to_lowercase();
        if !WORDS.iter().any(|word| message.contains(word) || self.code.contains(word)) {
            return None;
        }
        let named = NAMES.into_iter().find(|name| self.param == *name);
        let named = named.or_else(|| {
            // Whichever is named first: `'max_tokens' is not supported, use 'max_completion_tokens'`.
            let places = NAMES.into_iter().filter_map(|name| Some((word_at(&message, name)?, name)));
            places.min().map(|(_, name)| name)
        })?;
        Some(if named == "top_logprobs" { "logprobs" } else { named })
    }

    /// The error for it.
    pub(crate) fn into_error(self, model: &str) -> LlmError {
        let Self { status, code, message, wait: retry_after, .. } = self;
        let model = model.to_owned();
        let lower = message.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word) || code.contains(word));
        let too_long = says(&[
            "context_length",
            "context length",
            "context window",
            "context size",
            "prompt is too long",
            "input token count",
            "maximum number of tokens",
            "too many tokens",
            "request_too_large",
            "exceed_context",
        ]);
        match status {
            400 | 413 | 422 if too_long => LlmError::ContextTooLong { model, message },
            413 => LlmError::ContextTooLong { model, message },
            400 | 403 if says(&["content_filter", "content management policy", "content_policy", "safety"]) => {
                LlmError::Blocked { model, message }
            }
            400 if says(&["api key not valid", "api_key_invalid"]) => LlmError::Unauthorized { model, status, message },
            402 => LlmError::Quota { model, message },
            400 | 403 | 429
                if says(&["insufficient_quota", "credit balance", "insufficient balance", "billing_hard"]) =>
            {
                LlmError::Quota { model, message }
            }
            401 | 403 => LlmError::Unauthorized { model, status, message },
            404 => LlmError::NoSuchModel { model, message },
            400 if says(&["model_not_found"]) => LlmError::NoSuchModel { model, message },
            429 => LlmError::RateLimited { model, retry_after, message },
            408 | 409 | 425 => LlmError::Server { model, status, retry_after, message },
            500.. => LlmError::Server { model, status, retry_after, message },
            _ => LlmError::BadRequest { model, status, message },
        }
    }
}

/// The status for an error that came without one, within a stream.
fn status_by_code(status: u16, code: &str) -> u16 {
    if status >= 400 {
        return status;
    }
    let known = [
        ("rate_limit", 429),
        ("resource_exhausted", 429),
        ("invalid_request", 400),
        ("invalid_argument", 400),
        ("authentication", 401),
        ("permission", 403),
        ("not_found", 404),
        ("overloaded", 529),
    ];
    known.iter().find(|(word, _)| code.contains(word)).map_or(500, |(_, status)| *status)
}

/// Where a name stands in a text, not as a part of another.
fn word_at(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name).map(|(at, _)| at).find(|&at| {
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        !is_part(text[..at].chars().next_back()) && !is_part(text[at + name.len()..].chars().next())
    })
}

/// The text of an answer that is no JSON; of a page for people, its title.
pub(crate) fn plain(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.contains("<!doctype") {
        return one_line(text);
    }
    let title = lower.find("<title>").and_then(|at| {
        let rest = &text[at + "<title>".len()..];
        Some(&rest[..rest.to_ascii_lowercase().find("</title>")?])
    });
    match title {
        Some(title) => format!("a page for people, \"{}\"", one_line(title)),
        None => "a page for people".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::of_answer(status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn errors_of_all_providers_are_told_apart() {
        let cases = [
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 8 tokens","code":"context_length_exceeded"}}"#,
                "context_too_long",
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"}}"#,
                "context_too_long",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"The input token count (9) exceeds the maximum","status":"INVALID_ARGUMENT"}}"#,
                "context_too_long",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
                "context_too_long",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}"#,
                "unauthorized",
            ),
            (400, r#"{"error":{"message":"filtered","code":"content_filter"}}"#, "blocked"),
            (400, r#"{"error":{"message":"Your credit balance is too low","type":"invalid_request_error"}}"#, "quota"),
            (400, r#"{"object":"error","message":"bad field","type":"BadRequestError","code":400}"#, "bad_request"),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#, "quota"),
            (429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#, "quota"),
            (429, r#"{"error":"slow down"}"#, "rate_limited"),
            (404, r#"{"detail":"Not Found"}"#, "no_such_model"),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, "server"),
            (502, "<html><head><title>502 Bad Gateway</title></head></html>", "server"),
        ];
        for (status, body, kind) in cases {
            assert_eq!(refusal(status, body).into_error("m").kind(), kind, "{body}");
        }
        let page = refusal(502, cases[13].1).into_error("m").to_string();
        assert!(page.contains("a page for people, \"502 Bad Gateway\""), "{page}");
    }

    #[test]
    fn errors_within_streams_get_a_status() {
        let cases = [
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, "server"),
            (r#"{"error":{"code":429,"message":"slow"}}"#, "rate_limited"),
            (r#"{"type":"error","code":"rate_limit_exceeded","message":"slow"}"#, "rate_limited"),
            (r#"{"error":{"message":"boom"}}"#, "server"),
        ];
        for (body, kind) in cases {
            let error = Refusal::of_value(&serde_json::from_str(body).unwrap(), 200).into_error("m");
            assert_eq!(error.kind(), kind, "{body}");
        }
    }

    #[test]
    fn waits_come_from_headers_and_from_bodies() {
        let body = br#"{"error":{"code":429,"message":"x","details":[{"@type":"a"},{"retryDelay":"37s"}]}}"#;
        let wait = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            Refusal::of_answer(429, &headers, body).wait.unwrap()
        };
        assert_eq!(wait("x", "y"), Duration::from_secs(37));
        assert_eq!(wait("retry-after", "2"), Duration::from_secs(2));
        assert_eq!(wait("retry-after-ms", "1500"), Duration::from_millis(1500));
    }

    #[test]
    fn refused_parameters_are_found() {
        let cases = [
            (
                r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#,
                Some("max_tokens"),
            ),
            (
                r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model.","param":"temperature","code":"unsupported_value"}}"#,
                Some("temperature"),
            ),
            (
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"`top_p` is deprecated for this model"}}"#,
                Some("top_p"),
            ),
            (r#"{"error":{"message":"'max_tokens' is unsupported, use 'max_completion_tokens'"}}"#, Some("max_tokens")),
            (r#"{"error":{"message":"stopped: unsupported image"}}"#, None),
            (r#"{"error":{"message":"temperature must be below 2"}}"#, None),
        ];
        for (body, expected) in cases {
            assert_eq!(refusal(400, body).refused_parameter(), expected, "{body}");
        }
    }
}
