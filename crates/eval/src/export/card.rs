//! The card of a data set: `README.md` as Hugging Face reads it, with front matter that tells loaders what is where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mledojo_catalog::Catalog;
use serde_json::Value;

use super::dataset::Dataset;
use super::schema::features;
use super::select::{EpisodeSelection, Split};

pub(crate) struct Card<'a> {
    /// `sft`, `rl` or `preference`.
    pub(crate) kind: &'static str,
    pub(crate) dataset: &'a Dataset,
    pub(crate) selection: &'a EpisodeSelection,
    pub(crate) options: &'a Value,
    pub(crate) episodes: u64,
    pub(crate) left_out: &'a BTreeMap<&'static str, u64>,
    pub(crate) judgings: &'a BTreeSet<String>,
    pub(crate) catalog: &'a Catalog,
}

impl fmt::Display for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.front_matter(f)?;
        let (title, about) = match self.kind {
            "sft" => ("Conversations for supervised fine-tuning", SFT),
            "rl" => ("Steps for reinforcement learning", RL),
            _ => ("Preference pairs", PREFERENCE),
        };
        writeln!(f, "\n# {title}\n\nMade by mledojo {} from {} episodes.\n", env!("CARGO_PKG_VERSION"), self.episodes)?;
        writeln!(f, "{about}\n\n## Rows\n\n| split | competition | rows |\n| --- | --- | ---: |")?;
        for (split, counts) in &self.dataset.counts {
            for (competition, count) in counts {
                writeln!(f, "| {} | `{competition}` | {count} |", split.name())?;
            }
        }
        writeln!(f, "\nNo competition is in two splits. Agents: {}.", listed(self.dataset.agents.iter()))?;
        writeln!(f, "Judged by protocol {}.", listed(self.judgings.iter()))?;
        if self.selection.held_out {
            writeln!(
                f,
                "\n**Scores on held-out rows are shown.** A model trained on this has seen what they are for."
            )?;
        }
        writeln!(f, "\n## How it was chosen\n\n```json\n{}\n```", self.settings())?;
        if !self.left_out.is_empty() {
            writeln!(f, "\n| left out | number |\n| --- | ---: |")?;
            for (reason, count) in self.left_out {
                writeln!(f, "| {reason} | {count} |")?;
            }
        }
        self.licences(f)
    }
}

impl Card<'_> {
    fn front_matter(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "---\npretty_name: mledojo {}\nlicense: other\ntags:\n- mledojo\n- agents", self.kind)?;
        let rows: u64 = self.dataset.counts.values().flat_map(BTreeMap::values).sum();
        writeln!(f, "size_categories:\n- {}", size_category(rows))?;
        // Loaders take one format for a whole folder: Parquet, where both are there.
        let extension = self.dataset.format().extensions()[0];
        if rows > 0 {
            writeln!(f, "configs:\n- config_name: default\n  data_files:")?;
            for split in self.splits() {
                writeln!(f, "  - split: {}\n    path: {}", split.name(), Dataset::file(split, extension))?;
            }
            write!(f, "dataset_info:\n  features:\n{}", features(self.dataset.fields(), 2))?;
        }
        writeln!(f, "---")
    }

    fn splits(&self) -> impl Iterator<Item = Split> {
        Split::ALL.into_iter().filter(|split| self.dataset.counts.contains_key(split))
    }

    fn settings(&self) -> String {
        let mut settings = serde_json::to_value(self.selection).unwrap_or_default();
        if let (Some(all), Some(own)) = (settings.as_object_mut(), self.options.as_object()) {
            all.extend(own.clone());
        }
        serde_json::to_string_pretty(&settings).unwrap_or_default()
    }

    fn licences(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Licence\n\n{LICENCE}\n\n| competition | title | licence of its data |\n| --- | --- | --- |")?;
        let competitions: BTreeSet<&String> = self.dataset.counts.values().flat_map(BTreeMap::keys).collect();
        for competition in competitions {
            // One that is not in this catalog has terms that nobody here knows.
            let (title, licence) = match self.catalog.get(competition) {
                Ok(found) => (found.spec.title, found.spec.license),
                Err(_) => (String::new(), "unknown: not in the catalog".to_owned()),
            };
            let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
            writeln!(f, "| `{competition}` | {} | {} |", cell(&title), cell(&licence))?;
        }
        Ok(())
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join("; ") }
}

fn size_category(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "n>1M",
    }
}

const SFT: &str = "\
A row is a conversation: `messages` in OpenAI's shape, `tools` as a JSON text. `train` marks the answers to learn from; all other
messages are context. `text` is the same conversation in ChatML, and `spans` are the parts of it to learn from, in characters.
`tokens` and `trained_tokens` are estimates; `provider_…_tokens` are the provider's own counts. Rows with `rendered` come from agents
without a language model: their conversation was written from calls and observations.";

const RL: &str = "\
A row is a step: `prompt` and `completion` in OpenAI's shape, `mask` with a 1 for each message (of both) that the model wrote here,
`reward`, `return` (the sum of the rewards from this step on) and `discounted_return`. Steps with the same `group` had the same
prompt; episodes with the same `episode_group` began with the same. `logprobs` are those of the model that acted, where its provider
gave them.";

const PREFERENCE: &str = "\
A row is a pair: `chosen` and `rejected` follow on `prompt`, as TRL's DPO trainer takes them. Scores are HumanRanks, 0 for code that
failed; `margin` is their difference. `kind` says what was paired: steps with one prompt, steps whose nodes in a search tree have one parent (the
prompt is that of the chosen one), or whole episodes of one competition.";

const LICENCE: &str = "\
The conversations quote data, descriptions and figures of the competitions below: what may be done with them is up to their terms. What
a language model wrote is subject to its provider's terms.";
