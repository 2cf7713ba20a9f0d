//! The client: from a model's name to the way to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use mledojo_prepare::fetch::Origin;
use mledojo_prepare::kaggle::Secret;
use ureq::http::{HeaderName, HeaderValue, Uri};

use crate::llm::ChatModel;
use crate::llm::error::LlmError;
use crate::llm::gate::Gate;
use crate::llm::http::Transport;
use crate::llm::keys::Keys;
use crate::llm::model::Model;
use crate::llm::prices::ModelTable;
use crate::llm::provider::KeyHeader;
use crate::llm::record::Record;
use crate::llm::settings::LlmSettings;
use crate::llm::spec::ModelSpec;
use crate::llm::wire::Api;

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
pub(crate) struct Host {
    pub(crate) transport: Transport,
    pub(crate) gate: Gate,
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
pub(crate) struct Line {
    pub(crate) api: Api,
    pub(crate) whole: Uri,
    pub(crate) streamed: Uri,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) key: Option<Secret>,
    pub(crate) host: Arc<Host>,
}
