//! What is known of models: prices, and what they don't take.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::llm::error::LlmError;
use crate::llm::reply::Usage;
use crate::llm::spec::ModelSpec;

/// The table that comes with this crate.
const BUNDLED: &str = include_str!("models.toml");

/// A table of models: the bundled one, with a user's own in front. A model that is in neither has no price, which is not
/// a price of nothing.
#[derive(Debug, Clone)]
pub struct ModelTable(Vec<ModelEntry>);

/// What is known of some models of one provider.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// The provider.
    pub provider: String,
    /// Names; one that ends with `*` stands for all that begin so.
    pub names: Vec<String>,
    /// US dollars for a million tokens read.
    pub input: Option<f64>,
    /// For a million tokens read from the cache; as `input` if left out.
    pub cached: Option<f64>,
    /// For a million tokens written to the cache; as `input` if left out.
    pub cache_write: Option<f64>,
    /// For a million tokens written.
    pub output: Option<f64>,
    /// Other prices for conversations that are longer than so many tokens.
    #[serde(default)]
    pub long: Option<LongPrices>,
    /// Most tokens of a reply, for APIs that want to be told.
    pub max_output: Option<u64>,
    /// Whether it reasons before it answers.
    #[serde(default)]
    pub reasoning: bool,
    /// Parameters that it doesn't take.
    #[serde(default)]
    pub refuses: BTreeSet<String>,
    /// Where the prices are from.
    #[serde(default)]
    pub source: String,
    /// The day they were read there.
    #[serde(default)]
    pub date: String,
}

/// Prices of long conversations.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongPrices {
    /// Tokens read, above which they hold.
    pub above: u64,
    /// As in [`ModelEntry`].
    pub input: f64,
    /// As in [`ModelEntry`].
    pub cached: Option<f64>,
    /// As in [`ModelEntry`].
    pub cache_write: Option<f64>,
    /// As in [`ModelEntry`].
    pub output: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    #[serde(default)]
    model: Vec<ModelEntry>,
}

impl ModelTable {
    /// The bundled table.
    ///
    /// # Errors
    /// None, as a test of this crate shows.
    pub fn bundled() -> Result<Self, LlmError> {
        Ok(Self(read(BUNDLED, "models.toml")?))
    }

    /// Entries of a user's file come first from now on.
    ///
    /// # Errors
    /// A file that cannot be read, or is no table of models.
    pub fn with_file(mut self, file: &Path) -> Result<Self, LlmError> {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| LlmError::Setting {
            what: format!("the table of models `{shown}`"),
            message: error.to_string(),
        })?;
        let mut entries = read(&text, &shown)?;
        entries.append(&mut self.0);
        Ok(Self(entries))
    }

    /// What is known of a model.
    #[must_use]
    pub fn get(&self, spec: &ModelSpec) -> Option<&ModelEntry> {
        let family = spec.about_provider().family();
        let fits = |entry: &&ModelEntry| {
            (entry.provider == family || entry.provider == spec.provider())
                && entry.names.iter().any(|name| match name.strip_suffix('*') {
                    Some(start) => spec.model().starts_with(start),
                    None => name == spec.model(),
                })
        };
        self.0.iter().find(fits)
    }
}

fn read(text: &str, file: &str) -> Result<Vec<ModelEntry>, LlmError> {
    let failed = |message: String| LlmError::Setting { what: format!("the table of models `{file}`"), message };
    let table: TableFile = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
    for entry in &table.model {
        let long = entry
            .long
            .into_iter()
            .flat_map(|long| [Some(long.input), long.cached, long.cache_write, Some(long.output)]);
        let prices = [entry.input, entry.cached, entry.cache_write, entry.output].into_iter().chain(long).flatten();
        if prices.into_iter().any(|price| !(price.is_finite() && price >= 0.0)) {
            return Err(failed(format!("`{}`: a price below nothing", entry.names.join(", "))));
        }
    }
    Ok(table.model)
}

impl ModelEntry {
    /// What so many tokens cost, in US dollars; `None` if the entry has no prices, or the tokens are a guess.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<f64> {
        if usage.estimated {
            return None;
        }
        let (input, cached, write, output) = match self.long {
            Some(long) if usage.input_tokens > long.above => (long.input, long.cached, long.cache_write, long.output),
            _ => (self.input?, self.cached, self.cache_write, self.output?),
        };
        let plain = usage.input_tokens.saturating_sub(usage.cached_tokens + usage.cache_write_tokens);
        let paid = [
            (plain, input),
            (usage.cached_tokens, cached.unwrap_or(input)),
            (usage.cache_write_tokens, write.unwrap_or(input)),
            (usage.output_tokens, output),
        ];
        Some(paid.iter().map(|(tokens, price)| *tokens as f64 * price).sum::<f64>() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str) -> ModelSpec {
        name.parse().unwrap()
    }

    #[test]
    fn the_bundled_table_is_sound() {
        let table = ModelTable::bundled().unwrap();
        for entry in &table.0 {
            let priced = entry.input.is_some();
            assert_eq!(priced, entry.output.is_some(), "{:?}", entry.names);
            assert!(!priced || (entry.source.starts_with("https://") && entry.date.len() == 10), "{:?}", entry.names);
        }
    }

    #[test]
    fn costs_follow_the_kind_of_token() {
        let table = ModelTable::bundled().unwrap();
        let usage =
            Usage { input_tokens: 1_000_000, output_tokens: 100_000, cached_tokens: 400_000, ..Usage::default() };
        let mini = table.get(&spec("openai/gpt-4o-mini-2024-07-18")).unwrap();
        let cost = mini.cost(&usage).unwrap();
        assert!((cost - (0.6 * 0.15 + 0.4 * 0.075 + 0.1 * 0.60)).abs() < 1e-12, "{cost}");
        assert_eq!(table.get(&spec("openai-responses/gpt-4o-mini")).unwrap().names, mini.names);
        assert_eq!(mini.cost(&Usage { estimated: true, ..usage }), None);
        let pro = table.get(&spec("gemini/gemini-2.5-pro")).unwrap();
        let short = Usage { input_tokens: 100_000, ..Usage::default() };
        let long = Usage { input_tokens: 300_000, ..Usage::default() };
        assert!(pro.cost(&long).unwrap() > 3.0 * pro.cost(&short).unwrap());
    }

    #[test]
    fn an_unknown_model_has_no_price_and_a_users_file_wins() {
        let table = ModelTable::bundled().unwrap();
        assert!(table.get(&spec("openai/gpt-99")).is_none() && table.get(&spec("vllm/gpt-4o-mini")).is_none());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, "[[model]]\nprovider = \"openai\"\nnames = [\"gpt-4o*\"]\ninput = 1\noutput = 2\n")
            .unwrap();
        let mine = table.clone().with_file(&file).unwrap();
        assert_eq!(mine.get(&spec("openai/gpt-4o")).unwrap().input, Some(1.0));
        for (text, expected) in [
            ("[[model]]\nprovidr = 1\n", "providr"),
            ("[[model]]\nprovider = \"openai\"\nnames = [\"x\"]\ninput = -1\n", "below nothing"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = table.clone().with_file(&file).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("mine.toml"), "{error}");
        }
    }
}
