//! The client: from a model's name to its replies.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mledojo_prepare::fetch::{Origin, Retry};
use mledojo_prepare::kaggle::Secret;
use mledojo_sandbox::Cancel;
use serde_json::Value;
use ureq::http::{HeaderName, HeaderValue, Uri};

use crate::llm::error::LlmError;
use crate::llm::gate::Gate;
use crate::llm::http::{Answer, HttpError, Transport};
use crate::llm::keys::Keys;
use crate::llm::prices::{ModelEntry, ModelTable};
use crate::llm::provider::KeyHeader;
use crate::llm::record::Record;
use crate::llm::refusal::{Refusal, plain};
use crate::llm::reply::{ChatReply, Usage};
use crate::llm::request::ChatRequest;
use crate::llm::settings::LlmSettings;
use crate::llm::spec::ModelSpec;
use crate::llm::sse::EventReader;
use crate::llm::wire::{Api, Asking, Parsed, Trouble, is_error};
use crate::llm::{ChatModel, Delta};

/// Azure's version of its API, where no variable names another.
const AZURE_VERSION: &str = "2024-10-21";

/// Makes models, which share what they must not have twice: each provider's limits and connections, the table of prices,
/// the record of replies.
///
/// ```
/// use mledojo_agents::llm::{ChatModel, Keys, LlmClient, LlmSettings};
///
/// let client = LlmClient::new(LlmSettings::default(), Keys::new(None))?;
/// let model = client.model(&"ollama/qwen3:8b".parse()?)?;
/// assert_eq!(model.id(), "ollama/qwen3:8b");
/// # Ok::<(), mledojo_agents::llm::LlmError>(())
/// ```
pub struct LlmClient {
    settings: LlmSettings,
    keys: Keys,
    models: ModelTable,
    record: Option<Arc<Record>>,
    hosts: Mutex<HashMap<(&'static str, String), Arc<Host>>>,
}

impl fmt::Debug for LlmClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmClient").field("settings", &self.settings).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// A provider's server, with its door.
struct Host {
    transport: Transport,
    gate: Gate,
}

impl LlmClient {
    /// A client. Nobody is asked yet.
    ///
    /// # Errors
    /// Settings that make no sense, or a table of models that is none.
    pub fn new(settings: LlmSettings, keys: Keys) -> Result<Self, LlmError> {
        settings.check()?;
        let models = ModelTable::bundled()?;
        let models = match &settings.models {
            Some(file) => models.with_file(file)?,
            None => models,
        };
        let record = Record::new(settings.record.clone()).map(Arc::new);
        Ok(Self { settings, keys, models, record, hosts: Mutex::default() })
    }

    /// What is known of models.
    #[must_use]
    pub fn models(&self) -> &ModelTable {
        &self.models
    }

    /// A model. Its provider is not asked whether it exists.
    ///
    /// # Errors
    /// No key, or an address that no key is sent to; while replies are recorded, only once somebody has to be asked.
    pub fn model(&self, spec: &ModelSpec) -> Result<Arc<dyn ChatModel>, LlmError> {
        let line = self.line(spec);
        let line = match (line, &self.record) {
            (Err(error), None) => return Err(error),
            (line, _) => line,
        };
        Ok(Arc::new(Model {
            id: spec.to_string(),
            spec: spec.clone(),
            entry: self.models.get(spec).cloned(),
            line,
            retry: self.settings.retry.policy(),
            stream: self.settings.stream,
            caching: self.settings.prompt_caching,
            record: self.record.clone(),
            refused: Mutex::default(),
        }))
    }

    /// How to reach a model.
    fn line(&self, spec: &ModelSpec) -> Result<Line, LlmError> {
        let provider = spec.about_provider();
        let wrong = |message: String| LlmError::Model { name: spec.to_string(), message };
        let variable = provider.url_variable();
        let own = spec.url().map(str::to_owned).or_else(|| self.keys.variable(&variable));
        let base = own.or_else(|| provider.url.map(str::to_owned)).ok_or_else(|| {
            wrong(format!(
                "its server is not named: expected `{}/{}@https://…`, or `{variable}`",
                provider.name,
                spec.model()
            ))
        })?;
        let base = base.trim_end_matches('/');
        // Azure's newer paths are OpenAI's.
        let api = if provider.api == Api::AzureChat && base.ends_with("/v1") { Api::Chat } else { provider.api };
        // In these two the name is a part of the address.
        let in_path = matches!(api, Api::AzureChat | Api::Gemini);
        if in_path && !spec.model().chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)) {
            return Err(wrong("expected letters, digits, `.`, `_` and `-`".to_owned()));
        }
        let version =
            ["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"].iter().find_map(|name| self.keys.variable(name));
        let version = version.unwrap_or_else(|| AZURE_VERSION.to_owned());
        let address = |stream| {
            let path = api.path(spec.model(), stream, &version);
            format!("{base}{path}").parse::<Uri>().map_err(|error| wrong(format!("`{base}` is no address: {error}")))
        };
        let (whole, streamed) = (address(false)?, address(true)?);
        let origin = Origin::of(&whole).ok_or_else(|| wrong(format!("`{base}` is no address of a web server")))?;
        let key = self.keys.of(provider)?;
        if key.is_some() && !origin.is_https() && !origin.is_loopback() {
            return Err(LlmError::Key {
                provider: provider.name.to_owned(),
                message: format!("`{base}` is not encrypted: keys are sent to `https://…`, and to this machine, alone"),
            });
        }
        let mut headers = vec![(HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"))];
        if api == Api::Anthropic {
            let version = HeaderValue::from_static("2023-06-01");
            headers.push((HeaderName::from_static("anthropic-version"), version));
        }
        if let Some(key) = &key {
            let (name, value) = match provider.header {
                KeyHeader::Bearer => ("authorization", format!("Bearer {}", key.expose())),
                KeyHeader::Named(name) => (name, key.expose().to_owned()),
            };
            // Never fails: a key is of visible ASCII.
            if let Ok(mut value) = HeaderValue::from_str(&value) {
                value.set_sensitive(true);
                headers.push((HeaderName::from_static(name), value));
            }
        }
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = hosts.entry((provider.family(), base.to_owned())).or_insert_with(|| {
            let limits = self.settings.limits.get(provider.name).or(self.settings.limits.get(provider.family()));
            Arc::new(Host {
                transport: Transport::new(self.settings.timeouts, origin.is_loopback()),
                gate: Gate::new(limits.copied().unwrap_or_default()),
            })
        });
        Ok(Line { api, whole, streamed, headers, key, host: Arc::clone(host) })
    }
}

/// The way to a model.
struct Line {
    api: Api,
    whole: Uri,
    streamed: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    key: Option<Secret>,
    host: Arc<Host>,
}

/// A model at a provider.
struct Model {
    id: String,
    spec: ModelSpec,
    entry: Option<ModelEntry>,
    /// Why there is none is told when it is needed.
    line: Result<Line, LlmError>,
    retry: Retry,
    stream: bool,
    caching: bool,
    record: Option<Arc<Record>>,
    /// Parameters that it was found not to take.
    refused: Mutex<BTreeSet<&'static str>>,
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

fn output_estimate(message: &crate::llm::message::AssistantMessage) -> u64 {
    let reasoning = message.reasoning.as_ref().map_or(0, String::len);
    (crate::llm::message::Message::Assistant(message.clone()).bytes() + reasoning) as u64 / 4
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
