//! A model at a provider: one call, top to bottom.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mledojo_prepare::fetch::Retry;
use mledojo_sandbox::Cancel;
use serde_json::Value;
use ureq::http::Uri;

use crate::llm::client::Line;
use crate::llm::error::LlmError;
use crate::llm::http::{Answer, HttpError};
use crate::llm::message::{AssistantMessage, Message};
use crate::llm::prices::ModelEntry;
use crate::llm::record::Record;
use crate::llm::refusal::{Refusal, plain};
use crate::llm::reply::{ChatReply, Usage};
use crate::llm::request::ChatRequest;
use crate::llm::spec::ModelSpec;
use crate::llm::sse::EventReader;
use crate::llm::wire::{Asking, Parsed, Trouble, is_error};
use crate::llm::{ChatModel, Delta};

/// A model at a provider.
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) spec: ModelSpec,
    pub(crate) entry: Option<ModelEntry>,
    /// Why there is none is told when it is needed.
    pub(crate) line: Result<Line, LlmError>,
    pub(crate) retry: Retry,
    pub(crate) stream: bool,
    pub(crate) caching: bool,
    pub(crate) record: Option<Arc<Record>>,
    /// Parameters that it was found not to take.
    pub(crate) refused: Mutex<BTreeSet<&'static str>>,
}

type OnDelta<'a> = &'a mut (dyn FnMut(Delta<'_>) + Send);

impl ChatModel for Model {
    fn id(&self) -> &str {
        &self.id
    }

    fn complete(&self, request: &ChatRequest) -> Result<ChatReply, LlmError> {
        self.recorded(request, self.stream, &mut |_| {})
    }

    fn stream(&self, request: &ChatRequest, on_delta: OnDelta<'_>) -> Result<ChatReply, LlmError> {
        let reply = self.recorded(request, true, on_delta)?;
        if reply.replayed {
            on_delta(Delta::Text(&reply.message.content));
        }
        Ok(reply)
    }
}

impl Model {
    fn recorded(&self, request: &ChatRequest, stream: bool, on_delta: OnDelta<'_>) -> Result<ChatReply, LlmError> {
        match &self.record {
            Some(record) => record.reply(&self.spec, request, || self.ask(request, stream, on_delta)),
            None => self.ask(request, stream, on_delta),
        }
    }

    /// Asks until there is an answer, or no hope of one.
    fn ask(&self, request: &ChatRequest, stream: bool, on_delta: OnDelta<'_>) -> Result<ChatReply, LlmError> {
        let line = match &self.line {
            Ok(line) => line,
            Err(LlmError::Key { provider, message }) => {
                return Err(LlmError::Key { provider: provider.clone(), message: message.clone() });
            }
            Err(LlmError::Model { name, message }) => {
                return Err(LlmError::Model { name: name.clone(), message: message.clone() });
            }
            Err(error) => return Err(LlmError::Model { name: self.id.clone(), message: error.to_string() }),
        };
        let begun = Instant::now();
        let tokens = request.estimated_tokens() + request.max_tokens.unwrap_or(0);
        let mut failures = 0;
        loop {
            let pass = line.host.gate.enter(tokens, &request.cancel)?;
            let asked = Instant::now();
            let mut told = false;
            let mut telling = |delta: Delta<'_>| {
                told = true;
                on_delta(delta);
            };
            match self.attempt(line, request, stream, &mut telling) {
                Ok((parsed, ignored)) => {
                    let reply = self.reply(request, parsed, ignored, failures + 1, begun, asked);
                    pass.settle(reply.usage.total());
                    return Ok(reply);
                }
                Err(Failure::Parameter(name)) => {
                    log::info!("{}: it doesn't take `{name}`, which is left out from now on", self.id);
                    pass.settle(0);
                }
                Err(Failure::Error(error)) => {
                    drop(pass);
                    failures += 1;
                    let pause = self.retry.pause(failures, error.retry_after()).filter(|_| error.is_transient());
                    let Some(pause) = pause else { return Err(error) };
                    log::info!("{error}; next attempt in {:.1} s", pause.as_secs_f64());
                    if told {
                        on_delta(Delta::Restart);
                    }
                    if matches!(error, LlmError::RateLimited { .. }) {
                        // It concerns everybody who asks there; this call waits at the door as well.
                        line.host.gate.close(pause);
                    } else if !sleep(pause, &request.cancel) {
                        return Err(LlmError::Cancelled);
                    }
                }
            }
        }
    }

    fn reply(
        &self,
        request: &ChatRequest,
        parsed: Parsed,
        ignored: Vec<String>,
        attempts: u32,
        begun: Instant,
        asked: Instant,
    ) -> ChatReply {
        let mut message = parsed.message;
        for (at, call) in message.tool_calls.iter_mut().enumerate() {
            if call.id.is_empty() {
                call.id = format!("call_{}_{at}", request.messages.len());
            }
        }
        let usage = parsed.usage.unwrap_or_else(|| Usage {
            input_tokens: request.estimated_tokens(),
            output_tokens: output_estimate(&message),
            estimated: true,
            ..Usage::default()
        });
        let cost_usd = parsed.cost_usd.or_else(|| self.entry.as_ref()?.cost(&usage));
        let latency = asked.elapsed();
        log::debug!(
            "{}: {} tokens read, {} written in {:.2} s",
            self.id,
            usage.input_tokens,
            usage.output_tokens,
            latency.as_secs_f64()
        );
        ChatReply {
            message,
            finish: parsed.finish,
            usage,
            cost_usd,
            logprobs: parsed.logprobs,
            model: parsed.model,
            ignored,
            latency,
            waited: begun.elapsed().saturating_sub(latency),
            attempts,
            replayed: false,
        }
    }

    /// Asks once.
    fn attempt(
        &self,
        line: &Line,
        request: &ChatRequest,
        stream: bool,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(Parsed, Vec<String>), Failure> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let asking = Asking {
            request,
            model: self.spec.model(),
            entry: self.entry.as_ref(),
            dialect: self.spec.about_provider().dialect,
            refused: &refused,
            stream,
            caching: self.caching,
        };
        let body = line.api.body(&asking);
        let bytes = serde_json::to_vec(&body.json)
            .map_err(|error| LlmError::Model { name: self.id.clone(), message: error.to_string() })?;
        let uri = if stream { &line.streamed } else { &line.whole };
        let read = |answer: &mut Answer<'_>| Ok(self.read(line, answer, on_delta));
        match line.host.transport.post(uri, &line.headers, &bytes, &request.cancel, read) {
            Ok(Ok(parsed)) => Ok((parsed, body.ignored)),
            Ok(Err(Said::Refused(refusal))) => {
                if let Some(name) = refusal.refused_parameter()
                    && self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(name)
                {
                    return Err(Failure::Parameter(name));
                }
                Err(self.concealed(line, refusal.into_error(&self.id)).into())
            }
            Ok(Err(Said::Malformed(message))) => {
                Err(LlmError::BadReply { model: self.id.clone(), host: host_of(uri), message }.into())
            }
            Ok(Err(Said::Http(error))) | Err(error) => Err(self.unanswered(uri, error).into()),
        }
    }

    /// Reads an answer.
    fn read(&self, line: &Line, answer: &mut Answer<'_>, on_delta: &mut dyn FnMut(Delta<'_>)) -> Result<Parsed, Said> {
        let status = answer.status;
        if (300..400).contains(&status) {
            let to = answer.header("location").unwrap_or("nowhere").to_owned();
            let message = format!("it sends on to `{to}`; name the address that it means");
            return Err(Said::Http(HttpError::Failed(message, false)));
        }
        let is_stream = answer.header("content-type").is_some_and(|kind| kind.contains("event-stream"));
        if status >= 400 || !is_stream {
            let bytes = answer.bytes()?;
            if status >= 400 {
                return Err(Said::Refused(Refusal::of_answer(status, &answer.headers, &bytes)));
            }
            let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
                let text = String::from_utf8_lossy(&bytes);
                Said::Malformed(format!("no JSON ({error}): {}", plain(&text)))
            })?;
            return Ok(line.api.reply(value)?);
        }
        let mut events = EventReader::default();
        let mut assembler = line.api.assembler();
        let mut take = |data: &str| -> Result<(), Said> {
            if data == "[DONE]" {
                assembler.done();
                return Ok(());
            }
            let value: Value = serde_json::from_str(data)
                .map_err(|error| Said::Malformed(format!("an event that is no JSON ({error}): {}", plain(data))))?;
            if is_error(&value) {
                return Err(Trouble::Refused(value).into());
            }
            Ok(assembler.event(value, on_delta)?)
        };
        let mut buffer = [0; 8 << 10];
        loop {
            match answer.next(&mut buffer)? {
                [] => break,
                bytes => events.push(bytes, &mut take)?,
            }
        }
        if let Some(data) = events.finish() {
            take(&data)?;
        }
        Ok(assembler.finish()?)
    }

    fn unanswered(&self, uri: &Uri, error: HttpError) -> LlmError {
        let (model, host) = (self.id.clone(), host_of(uri));
        match error {
            HttpError::Cancelled => LlmError::Cancelled,
            HttpError::Timeout(what, seconds) => LlmError::Timeout { model, host, what, seconds },
            HttpError::Failed(message, transient) => LlmError::NoAnswer { model, host, message, transient },
        }
    }

    /// The error without the key, should the provider repeat it.
    fn concealed(&self, line: &Line, mut error: LlmError) -> LlmError {
        use LlmError::{BadRequest, Blocked, ContextTooLong, NoSuchModel, Quota, RateLimited, Server, Unauthorized};
        if let Some(key) = &line.key
            && let Unauthorized { message, .. }
            | NoSuchModel { message, .. }
            | Quota { message, .. }
            | ContextTooLong { message, .. }
            | Blocked { message, .. }
            | BadRequest { message, .. }
            | RateLimited { message, .. }
            | Server { message, .. } = &mut error
        {
            *message = message.replace(key.expose(), "[hidden]");
        }
        error
    }
}

/// Why an attempt failed.
enum Failure {
    Error(LlmError),
    /// The model doesn't take this parameter; without it, it may do.
    Parameter(&'static str),
}

impl From<LlmError> for Failure {
    fn from(error: LlmError) -> Self {
        Self::Error(error)
    }
}

/// What an answer was instead of a reply.
enum Said {
    Refused(Refusal),
    Malformed(String),
    Http(HttpError),
}

impl From<HttpError> for Said {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<Trouble> for Said {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(value) => Self::Refused(Refusal::of_value(&value, 200)),
            Trouble::Malformed(message) => Self::Malformed(message),
        }
    }
}

fn host_of(uri: &Uri) -> String {
    uri.authority().map_or("", |authority| authority.as_str().rsplit('@').next().unwrap_or("")).to_owned()
}

fn output_estimate(message: &AssistantMessage) -> u64 {
    let reasoning = message.reasoning.as_ref().map_or(0, String::len);
    (Message::Assistant(message.clone()).bytes() + reasoning) as u64 / 4
}

/// Sleeps, unless the call is cancelled; says whether all of it was slept.
fn sleep(time: Duration, cancel: &Cancel) -> bool {
    const TICK: Duration = Duration::from_millis(50);
    let end = Instant::now() + time;
    loop {
        if cancel.is_cancelled() {
            return false;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(TICK));
    }
}
