//! Who plays an episode, from flags: options, limits, the model.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use mledojo_agents::{Agent, AgentOptions, AgentSpec, ModelUse, PlayLimits, SavedAgent};

use crate::feedback::llm_client;
use crate::limits::positive_time;
use crate::output;
use crate::settings::Settings;

/// Flags on the agent; `--resume` takes them from the episode.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlayerArgs {
    /// The language model that the agent asks: openai/gpt-4o-mini, anthropic/…, local/NAME@http://host:port/v1, …
    #[arg(long, value_name = "PROVIDER/MODEL", help_heading = HEADING)]
    model: Option<String>,
    /// Sampling temperature of the model [default: the agent's own]
    #[arg(long, value_name = "T", help_heading = HEADING)]
    temperature: Option<f64>,
    /// Folder of prompts that stand in for ours, named as `mledojo agents show` names them
    #[arg(long, value_name = "DIR", help_heading = HEADING)]
    prompts: Option<PathBuf>,
    /// Any other option of the agent, as in docs/agents.md; can be repeated: history=3, drafts=5, reasoning_effort=low
    #[arg(long, value_name = "NAME=VALUE", help_heading = HEADING)]
    option: Vec<String>,
    /// Most tokens of all calls of the model; the episode then ends, and its score counts
    #[arg(long, value_name = "N", help_heading = HEADING)]
    token_limit: Option<u64>,
    /// Most that they may cost, in US dollars
    #[arg(long, value_name = "USD", help_heading = HEADING)]
    cost_limit: Option<f64>,
    /// Longest time of the episode without waiting on the model's rate limits
    #[arg(long, value_name = "TIME", value_parser = positive_time, help_heading = HEADING)]
    working_time: Option<Duration>,
}

const HEADING: &str = "Agents that ask a model";

impl PlayerArgs {
    /// The options and limits that the flags say.
    pub(crate) fn saved(&self) -> Result<SavedAgent> {
        let table = option_table(&self.option)?;
        let mut options: AgentOptions = table.try_into().context("`--option`")?;
        options.model = self.model.clone().or(options.model);
        options.temperature = self.temperature.or(options.temperature);
        options.prompts = self.prompts.clone().or(options.prompts).map(std::path::absolute).transpose()?;
        options.check()?;
        let limits = PlayLimits {
            tokens: self.token_limit,
            cost_usd: self.cost_limit,
            working_seconds: self.working_time.map(|time| time.as_secs_f64()),
        };
        Ok(SavedAgent { options, limits })
    }
}

/// Options of agents that are written NAME=VALUE, as a table.
pub(crate) fn option_table(options: &[String]) -> Result<toml::Table> {
    let mut table = toml::Table::new();
    for option in options {
        let Some((name, value)) = option.split_once('=') else {
            bail!("`--option {option}`: expected NAME=VALUE, such as history=3");
        };
        // What is no TOML value is a text, so that words need no quotes.
        let parsed = format!("value = {value}").parse::<toml::Table>().ok();
        let value = parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| value.into());
        table.insert(name.trim().to_owned(), value);
    }
    Ok(table)
}

/// Makes the agent, and the model that it asks.
pub(crate) fn build(spec: &AgentSpec, saved: &SavedAgent, seed: u64, settings: &Settings) -> Result<Box<dyn Agent>> {
    let model = match &saved.options.model {
        Some(_) if !spec.asks_model() => bail!("agent `{spec}` asks no model, so `--model` has nothing to do"),
        Some(name) => Some(llm_client(settings)?.model(&name.parse()?)?),
        None => None,
    };
    Ok(spec.build_with(seed, &saved.options, model)?)
}

/// What the calls of the model took, in a line.
pub(crate) fn used(usage: &ModelUse) -> String {
    let cost = match usage.cost_usd {
        Some(cost) => format!("${cost:.4}"),
        None => "cost unknown".to_owned(),
    };
    format!(
        "model: {} calls, {} tokens read, {} written, {cost}; {} thinking, {} waiting",
        usage.calls,
        usage.tokens.input_tokens,
        usage.tokens.output_tokens,
        output::seconds(usage.latency_seconds),
        output::seconds(usage.waited_seconds)
    )
}
