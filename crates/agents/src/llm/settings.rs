//! Settings of the client, as a table `[llm]` of a file has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mledojo_prepare::fetch::Retry;
use serde::{Deserialize, Serialize};

use crate::llm::error::LlmError;
use crate::llm::gate::RateLimits;
use crate::llm::http::{Timeouts, seconds};
use crate::llm::provider::PROVIDERS;
use crate::llm::record::RecordSettings;

/// How models are asked.
///
/// ```
/// use mledojo_agents::llm::LlmSettings;
///
/// let settings: LlmSettings = toml::from_str("stream = true\n[limits.openai]\nrequests_per_minute = 60\n")?;
/// assert!(settings.stream && settings.prompt_caching);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LlmSettings {
    /// Replies come as streams. They are the same; a silent connection is noticed sooner.
    pub stream: bool,
    /// Conversations are marked for the provider's cache, where that has to be asked for.
    pub prompt_caching: bool,
    /// How long servers may take.
    pub timeouts: Timeouts,
    /// When to try again.
    pub retry: RetrySettings,
    /// What each provider is asked at most, by its name.
    pub limits: BTreeMap<String, RateLimits>,
    /// A table of models that comes before the bundled one.
    pub models: Option<PathBuf>,
    /// A record of replies.
    pub record: RecordSettings,
}

impl Default for LlmSettings {
    fn default() -> Self {
        Self {
            stream: false,
            prompt_caching: true,
            timeouts: Timeouts::default(),
            retry: RetrySettings::default(),
            limits: BTreeMap::new(),
            models: None,
            record: RecordSettings::default(),
        }
    }
}

/// When to try again what may pass: the pause doubles, half of it is random, and a server that says how long to wait is
/// obeyed. Times are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrySettings {
    /// Attempts in all.
    pub attempts: u32,
    /// The first pause.
    pub base: f64,
    /// The longest pause of our own.
    pub most: f64,
    /// The longest wait that a server may ask for.
    pub patience: f64,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { attempts: 8, base: 1.0, most: 60.0, patience: 600.0 }
    }
}

impl RetrySettings {
    pub(crate) fn policy(&self) -> Retry {
        Retry {
            attempts: self.attempts.max(1),
            base: seconds(self.base).min(Duration::from_secs(86_400)),
            most: seconds(self.most).min(Duration::from_secs(86_400)),
            patience: seconds(self.patience),
        }
    }
}

impl LlmSettings {
    /// Paths in it are meant from this folder, in which its file lies.
    #[must_use]
    pub fn relative_to(mut self, folder: &Path) -> Self {
        self.models = self.models.map(|path| folder.join(path));
        if self.record.folder != Path::new("") {
            self.record.folder = folder.join(&self.record.folder);
        }
        self
    }

    /// Whether all of it makes sense.
    pub(crate) fn check(&self) -> Result<(), LlmError> {
        let wrong = |what: String, message: &str| Err(LlmError::Setting { what, message: message.to_owned() });
        if let Some(name) = self.limits.keys().find(|name| PROVIDERS.iter().all(|provider| provider.name != *name)) {
            return wrong(format!("`llm.limits.{name}`"), "there is no provider of this name");
        }
        let times = [
            ("timeouts.connect", self.timeouts.connect),
            ("timeouts.first_byte", self.timeouts.first_byte),
            ("timeouts.silence", self.timeouts.silence),
            ("timeouts.total", self.timeouts.total),
            ("retry.base", self.retry.base),
            ("retry.most", self.retry.most),
            ("retry.patience", self.retry.patience),
        ];
        if let Some((name, _)) = times.iter().find(|(_, time)| time.is_nan() || *time <= 0.0) {
            return wrong(format!("`llm.{name}`"), "expected seconds above 0");
        }
        if self.record.mode != super::RecordMode::Off && self.record.folder == Path::new("") {
            return wrong("`llm.record.folder`".to_owned(), "a record needs a folder");
        }
        Ok(())
    }
}
