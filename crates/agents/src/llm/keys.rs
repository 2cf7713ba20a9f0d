//! Keys of providers: from the environment, or from a file that nobody else can read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mledojo_prepare::kaggle::Secret;

use crate::llm::error::LlmError;
use crate::llm::provider::Provider;

type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where keys are looked for. `Debug` shows none.
///
/// The file is TOML, a line a provider, as in `openai = "sk-…"`; it must be readable by its owner alone (`chmod 600`).
/// Variables of the environment come first.
#[derive(Clone)]
pub struct Keys {
    variables: Variables,
    file: Option<PathBuf>,
}

impl Keys {
    /// Keys of this process's environment, and of a file if there is one.
    #[must_use]
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { variables: Arc::new(|name| std::env::var(name).ok()), file }
    }

    /// Keys of these variables instead of the environment's.
    #[must_use]
    pub fn of_variables(variables: BTreeMap<String, String>, file: Option<PathBuf>) -> Self {
        Self { variables: Arc::new(move |name| variables.get(name).cloned()), file }
    }

    /// A variable that is not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.trim().is_empty())
    }

    /// The key of a provider; `None` if it needs none and has none.
    pub(crate) fn of(&self, provider: &Provider) -> Result<Option<Secret>, LlmError> {
        let failed = |message: String| LlmError::Key { provider: provider.name.to_owned(), message };
        let found = provider.keys.iter().find_map(|name| Some((format!("variable `{name}`"), self.variable(name)?)));
        let found = match (found, &self.file) {
            (Some(found), _) => Some(found),
            (None, Some(file)) => {
                let key = from_file(file, provider.family()).map_err(failed)?;
                key.map(|key| (format!("`{}`", file.display()), key))
            }
            (None, None) => None,
        };
        let Some((from, text)) = found else {
            if !provider.needs_key {
                return Ok(None);
            }
            let file = match &self.file {
                Some(file) => {
                    format!(", or write `{} = \"…\"` into `{}` (chmod 600)", provider.family(), file.display())
                }
                None => String::new(),
            };
            return Err(failed(format!("none found\nhint: set `{}`{file}", provider.keys[0])));
        };
        let key = Secret::new(&text);
        if key.expose().is_empty() || !key.expose().chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(failed(format!(
                "the one from {from} holds blanks or other letters that none has: copy it anew"
            )));
        }
        Ok(Some(key))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("file", &self.file).finish_non_exhaustive()
    }
}

/// A provider's key in a file. No message shows what the file holds.
fn from_file(file: &Path, name: &str) -> Result<Option<String>, String> {
    let shown = file.display();
    let metadata = match std::fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("`{shown}` cannot be read: {error}")),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!("other users of this machine can read `{shown}`\nhint: chmod 600 {shown}"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        format!("`{shown}`, line {line}: expected one `provider = \"key\"` a line")
    })?;
    match table.get(name) {
        None => Ok(None),
        Some(toml::Value::String(key)) => Ok(Some(key.clone())),
        Some(_) => Err(format!("`{shown}`, key `{name}`: expected a text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::spec::ModelSpec;

    fn provider(name: &str) -> &'static Provider {
        format!("{name}/x").parse::<ModelSpec>().unwrap().about_provider()
    }

    fn keys(variables: &[(&str, &str)], file: Option<PathBuf>) -> Keys {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Keys::of_variables(variables, file)
    }

    fn exposed(keys: &Keys, name: &str) -> Option<String> {
        keys.of(provider(name)).unwrap().map(|key| key.expose().to_owned())
    }

    #[test]
    fn variables_come_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.toml");
        std::fs::write(&file, "openai = \"sk-file\"\nxai = \"xai-file\"\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let keys = keys(&[("OPENAI_API_KEY", " sk-env\n"), ("GOOGLE_API_KEY", "g"), ("XAI_API_KEY", "")], Some(file));
        assert_eq!(exposed(&keys, "openai").unwrap(), "sk-env");
        assert_eq!(exposed(&keys, "openai-responses").unwrap(), "sk-env");
        assert_eq!(exposed(&keys, "xai").unwrap(), "xai-file");
        assert_eq!(exposed(&keys, "gemini").unwrap(), "g");
        assert_eq!(exposed(&keys, "ollama"), None);
        assert!(!format!("{keys:?}").contains("sk-"), "{keys:?}");
        let error = keys.of(provider("anthropic")).unwrap_err().to_string();
        assert!(error.contains("set `ANTHROPIC_API_KEY`") && error.contains("keys.toml"), "{error}");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_and_bad_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.toml");
        let error = |text: &str, mode: u32| {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            keys(&[], Some(file.clone())).of(provider("openai")).unwrap_err().to_string()
        };
        for mode in [0o640, 0o604] {
            assert!(error("openai = \"sk-hidden\"", mode).contains("chmod 600"));
        }
        assert!(error("\nopenai = sk-hidden", 0o600).contains("line 2"));
        assert!(error("openai = 7", 0o600).contains("expected a text"));
        assert!(error("openai = \"sk hidden\"", 0o600).contains("copy it anew"));
        for text in ["openai = sk-hidden", "openai = \"sk-hidden é\""] {
            assert!(!error(text, 0o600).contains("hidden"));
        }
    }
}
