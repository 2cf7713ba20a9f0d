//! What the server answers: replies, and all that goes wrong.

use std::time::Duration;

use serde_json::Value;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A reply, in the form of the API that was asked.
    Reply(Reply),
    /// Something else.
    Fault(Fault),
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An error in the form of the API.
    Error {
        /// The HTTP status.
        status: u16,
        /// Headers beside the usual ones.
        headers: Vec<(String, String)>,
        /// The provider's word for it, such as `rate_limit_exceeded`.
        code: String,
        /// What it says.
        message: String,
    },
    /// These bytes.
    Raw {
        /// The HTTP status.
        status: u16,
        /// Their type.
        content_type: String,
        /// The body.
        body: Vec<u8>,
    },
    /// No answer for so long, then the connection ends.
    Hang(Duration),
    /// The head of an answer, then nothing for so long, then the connection ends.
    HangAfterHead(Duration),
    /// The connection ends after so many bytes of the reply's body.
    Cut(Reply, usize),
}

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// It calls tools.
    ToolCalls,
    /// It reached the most tokens.
    Length,
    /// It was withheld.
    Filter,
}

/// What the API says of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Read, the cached ones included.
    pub input: u64,
    /// Read from the cache.
    pub cached: u64,
    /// Written to the cache (Anthropic alone).
    pub cache_write: u64,
    /// Written, the reasoning included.
    pub output: u64,
    /// Written as reasoning.
    pub reasoning: u64,
}

/// A model's reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The text; `None` for a null where a text should be.
    pub text: Option<String>,
    /// Calls of tools: names and arguments, which may be no JSON (with the APIs that can say so).
    pub calls: Vec<(String, String)>,
    /// Reasoning that the API shows; signed where the API signs.
    pub reasoning: Option<String>,
    /// Why it ends.
    pub finish: Finish,
    /// Tokens; `None` leaves them out.
    pub tokens: Option<Tokens>,
    /// Log probabilities of tokens.
    pub logprobs: Vec<(String, f64)>,
    /// A pause before it.
    pub delay: Duration,
    /// Streams are written in pieces of so many bytes, each by itself.
    pub piece: usize,
    /// Other fields of the body, at its top.
    pub extra: Value,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            text: Some(String::new()),
            calls: Vec::new(),
            reasoning: None,
            finish: Finish::Stop,
            tokens: Some(Tokens { input: 10, cached: 0, cache_write: 0, output: 5, reasoning: 0 }),
            logprobs: Vec::new(),
            delay: Duration::ZERO,
            piece: usize::MAX,
            extra: Value::Null,
        }
    }
}

impl Reply {
    /// A reply of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A reply that calls one tool.
    #[must_use]
    pub fn tool(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self { calls: vec![(name.into(), arguments.into())], finish: Finish::ToolCalls, ..Self::default() }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Answer {
    /// A reply of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Reply::text(text).into()
    }

    /// A reply that calls one tool with these arguments.
    #[must_use]
    pub fn tool(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Reply::tool(name, arguments).into()
    }

    /// A text that was cut at the most tokens.
    #[must_use]
    pub fn truncated(text: impl Into<String>) -> Self {
        Reply { finish: Finish::Length, ..Reply::text(text) }.into()
    }

    /// 429, with or without the seconds to wait.
    #[must_use]
    pub fn rate_limited(retry_after: Option<&str>) -> Self {
        let headers = retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_owned()));
        let message = "Rate limit reached for requests".to_owned();
        Fault::Error {
            status: 429,
            headers: headers.into_iter().collect(),
            code: "rate_limit_exceeded".into(),
            message,
        }
        .into()
    }

    /// An error in the form of the API.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Fault::Error { status, headers: Vec::new(), code: code.to_owned(), message: message.to_owned() }.into()
    }

    /// A failure of the server.
    #[must_use]
    pub fn server_error(status: u16) -> Self {
        Self::error(status, "server_error", "The server had an error while processing your request")
    }

    /// A page for people, such as a gateway sends.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let body = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
        Fault::Raw { status, content_type: "text/html; charset=utf-8".into(), body: body.into() }.into()
    }

    /// A body of JSON, whatever the API.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Fault::Raw { status, content_type: "application/json".into(), body: body.to_string().into_bytes() }.into()
    }

    /// No answer for so long.
    #[must_use]
    pub fn hang(time: Duration) -> Self {
        Fault::Hang(time).into()
    }

    /// A reply whose connection ends after so many bytes of the body.
    #[must_use]
    pub fn cut(reply: Reply, bytes: usize) -> Self {
        Fault::Cut(reply, bytes).into()
    }
}
