//! What is to be played, and by which settings.

mod code_limits;
mod resolve;
mod times;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use mledojo_agents::{AgentError, AgentOptions, AgentSpec, PlayLimits};
use mledojo_catalog::Spec;
use mledojo_env::{Budget, EnvConfig, Judging, RewardMode};
use mledojo_metrics::Protocol;
use mledojo_sandbox::{AllowList, HostRule, Network};
use serde::{Deserialize, Deserializer, Serialize};

pub use self::code_limits::CodeLimits;
use crate::digest;
use crate::episode_id::{EpisodeId, Player};
use crate::error::RunError;

/// An experiment: agents × models × competitions × seeds, and the settings that all episodes are played by. The same in
/// a user's `experiment.toml` and in a run folder's.
///
/// ```
/// use mledojo_eval::{EpisodeId, Experiment};
///
/// let text = "agents = [\"baseline\"]\ncompetitions = [\"iris\", \"wine\"]\nseeds = 2\n\n[limits]\nsteps = 4\n";
/// let experiment = Experiment::parse(text, "experiment.toml".as_ref())?;
/// let ids: Vec<String> = experiment.episodes()?.iter().map(|(_, id)| id.to_string()).collect();
/// assert_eq!(ids[0], "baseline/iris/seed-0");
/// assert_eq!(ids.len(), 4);
/// # Ok::<(), mledojo_eval::RunError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Experiment {
    /// Who plays, as [`AgentSpec`] reads it.
    pub agents: Vec<String>,
    /// The models, `provider/model`, each for each agent that asks one.
    pub models: Vec<String>,
    /// What is played: slugs; in a user's file names of sets as well.
    pub competitions: Vec<String>,
    /// The seeds of the episodes; in a file also their number, counted from 0.
    #[serde(deserialize_with = "seeds")]
    pub seeds: Vec<u64>,
    /// How many episodes go on at once; `None`: as many as there are slots, and four times as many if models are asked.
    pub parallel: Option<usize>,
    /// How many runs of code go on at once; `None`: one for each core.
    pub slots: Option<usize>,
    /// No call of a model is begun once all calls of the run have cost so much, in US dollars.
    pub budget_usd: Option<f64>,
    /// How often an episode goes on after a fault of the host, the network or a provider, before it is given up for now.
    pub retries: u32,
    /// What a step earns.
    pub reward: RewardMode,
    /// What runs the agents' code, by [`SandboxChoice`](mledojo_sandbox::SandboxChoice)'s names.
    pub sandbox: String,
    /// The image of the `container` sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What ends an episode.
    pub limits: EpisodeLimits,
    /// How the agents play, beside their names; each passes over what is not its business.
    pub agent: AgentOptions,
    /// How submissions are judged.
    pub judging: JudgingRules,
    /// What one run of code may use.
    pub code: CodeLimits,
    /// What of the network the code can reach.
    pub network: NetworkRules,
}

impl Default for Experiment {
    /// Nobody plays nothing; 3 retries, and MLE-Dojo's 15 steps and 12 hours.
    fn default() -> Self {
        Self {
            agents: Vec::new(),
            models: Vec::new(),
            competitions: Vec::new(),
            seeds: Vec::new(),
            parallel: None,
            slots: None,
            budget_usd: None,
            retries: 3,
            reward: RewardMode::default(),
            sandbox: "warm".to_owned(),
            image: None,
            limits: EpisodeLimits::default(),
            agent: AgentOptions::default(),
            judging: JudgingRules::default(),
            code: CodeLimits::default(),
            network: NetworkRules::default(),
        }
    }
}

/// What ends an episode, its score kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EpisodeLimits {
    /// Steps, every action counted.
    pub steps: u64,
    /// Wall-clock time, the agent's thinking included; waiting for a slot is not.
    #[serde(with = "times")]
    pub time: Duration,
    /// The same without waiting on models' rate limits and back-off.
    #[serde(with = "times::optional", skip_serializing_if = "Option::is_none")]
    pub working_time: Option<Duration>,
    /// Tokens sent and received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Default for EpisodeLimits {
    /// 15 steps and 12 hours.
    fn default() -> Self {
        let twelve_hours = Duration::from_secs(12 * 3600);
        Self { steps: 15, time: twelve_hours, working_time: None, tokens: None, cost_usd: None }
    }
}

/// How submissions are judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JudgingRules {
    /// Whose rules.
    pub protocol: Protocol,
    /// Share of the rows whose score is shown; `None`: as each competition has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_fraction: Option<f64>,
}

/// What of the network the agents' code can reach.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkRules {
    /// Hosts, through a proxy.
    pub allow: Vec<HostRule>,
}

impl Experiment {
    /// Reads an experiment; `file` is named in errors.
    ///
    /// # Errors
    /// Not TOML, an unknown key, a value of another type: with its line and key.
    pub fn parse(text: &str, file: &Path) -> Result<Self, RunError> {
        toml::from_str(text).map_err(|error| RunError::file(file, error.to_string().trim_end()))
    }

    /// As a file has it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // A table of plain values can always be written.
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// All players: each agent that asks a model with each model, the others by themselves.
    ///
    /// # Errors
    /// An agent that there is not, or that can't play many episodes.
    pub fn players(&self) -> Result<Vec<Player>, RunError> {
        let mut players = Vec::new();
        for agent in &self.agents {
            let spec: AgentSpec = agent.parse().map_err(|error: AgentError| RunError::Invalid(error.to_string()))?;
            if spec.reads_stdin() {
                let reason = "it reads standard input, and here are many episodes";
                return Err(RunError::Invalid(format!("agent `{agent}` can't be evaluated: {reason}")));
            }
            if !spec.asks_model() {
                players.push(Player { agent: agent.clone(), model: None });
                continue;
            }
            if self.models.is_empty() {
                let hint = "name some in `models`, such as \"openai/gpt-4o-mini\"";
                return Err(RunError::Invalid(format!("agent `{agent}` asks a model: {hint}")));
            }
            players.extend(self.models.iter().map(|model| Player { agent: agent.clone(), model: Some(model.clone()) }));
        }
        if let (Some(model), true) = (self.models.first(), players.iter().all(|player| player.model.is_none())) {
            let agents = self.agents.join("`, `");
            return Err(RunError::Invalid(format!(
                "model `{model}` has nothing to do: none of `{agents}` asks a model"
            )));
        }
        Ok(players)
    }

    /// All episodes with their players, in the order in which they are played: competition by competition, so that few
    /// are in memory at once.
    ///
    /// # Errors
    /// As [`players`](Self::players).
    pub fn episodes(&self) -> Result<Vec<(Player, EpisodeId)>, RunError> {
        let players = self.players()?;
        let mut episodes = Vec::new();
        for competition in &self.competitions {
            for seed in &self.seeds {
                let id = |player: &Player| (player.clone(), EpisodeId::new(player, competition, *seed));
                episodes.extend(players.iter().map(id));
            }
        }
        Ok(episodes)
    }

    /// What must hold of an experiment that is to be played.
    ///
    /// # Errors
    /// The first that does not, by its key.
    pub fn check(&self) -> Result<(), RunError> {
        let invalid = |reason: String| Err(RunError::Invalid(reason));
        let lists = [
            ("agents", "who plays", self.agents.len()),
            ("competitions", "what is played", self.competitions.len()),
            ("seeds", "at least one", self.seeds.len()),
        ];
        for (key, what, len) in lists {
            if len == 0 {
                return invalid(format!("`{key}` is empty: expected {what}"));
            }
        }
        for (key, list) in [("agents", &self.agents), ("models", &self.models), ("competitions", &self.competitions)] {
            let mut seen = BTreeSet::new();
            if let Some(twice) = list.iter().find(|name| !seen.insert(*name)) {
                return invalid(format!("`{key}` names `{twice}` twice"));
            }
        }
        let counts = [("limits.steps", Some(self.limits.steps)), ("limits.tokens", self.limits.tokens)];
        let sizes =
            [("parallel", self.parallel), ("slots", self.slots)].map(|(key, size)| (key, size.map(|n| n as u64)));
        for (key, count) in counts.into_iter().chain(sizes) {
            if count == Some(0) {
                return invalid(format!("`{key}` is 0: expected at least 1"));
            }
        }
        for (key, money) in [("budget_usd", self.budget_usd), ("limits.cost_usd", self.limits.cost_usd)] {
            if let Some(money) = money.filter(|money| money.is_nan() || *money <= 0.0) {
                return invalid(format!("`{key}` is {money}: expected more than 0"));
            }
        }
        if let Some(share) = self.judging.public_fraction.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            return invalid(format!("`judging.public_fraction` is {share}: expected more than 0 and at most 1"));
        }
        self.code.check()?;
        if let Some(model) = &self.agent.model {
            return invalid(format!("`agent.model` is `{model}`; here models are named in `models`"));
        }
        self.agent.check().map_err(|error| RunError::Invalid(format!("`agent`: {error}")))?;
        self.players().map(drop)
    }

    /// How environments are set.
    #[must_use]
    pub fn env_config(&self) -> EnvConfig {
        let hosts = &self.network.allow;
        let network = match hosts.is_empty() {
            true => Network::None,
            false => Network::Allow(AllowList { hosts: hosts.clone(), ..AllowList::default() }),
        };
        let budget = Budget { steps: Some(self.limits.steps), seconds: Some(self.limits.time.as_secs_f64()) };
        EnvConfig { budget, limits: self.code.limits(), network, reward: self.reward, ..EnvConfig::default() }
    }

    /// What the agents' calls of models may take.
    #[must_use]
    pub fn play_limits(&self) -> PlayLimits {
        let EpisodeLimits { tokens, cost_usd, working_time, .. } = self.limits;
        PlayLimits { tokens, cost_usd, working_seconds: working_time.map(|time| time.as_secs_f64()) }
    }

    /// How a competition's submissions are judged.
    #[must_use]
    pub fn judging(&self, spec: &Spec) -> Judging {
        let own = Judging::of(spec);
        let public_fraction = self.judging.public_fraction.unwrap_or(own.public_fraction);
        Judging { protocol: self.judging.protocol, public_fraction }
    }

    /// A digest of the settings that decide over results, the same for runs whose episodes can be compared.
    #[must_use]
    pub fn config_digest(&self) -> String {
        digest::short(resolve::conditions(self).to_string().as_bytes(), 16)
    }
}

/// A number of seeds, or the seeds themselves.
fn seeds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a number of seeds, or a list of seeds such as [0, 1, 7]")]
    enum Seeds {
        Number(u64),
        List(Vec<u64>),
    }
    Ok(match Seeds::deserialize(deserializer)? {
        Seeds::Number(number) => (0..number).collect(),
        Seeds::List(seeds) => seeds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Experiment, String> {
        Experiment::parse(text, Path::new("my.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "agents = [\"baseline\"]\ncompetitions = [\"iris\"]\nseeds = [3, 1]\nbudget_usd = 2.5\nparallel = 3\n\
                    [limits]\ntime = \"90m\"\ntokens = 7\nworking_time = \"1h\"\n[judging]\nprotocol = \"mle-dojo\"\n\
                    [code]\nrun_time = \"30s\"\nmemory = 512\n[network]\nallow = [\"pypi.org\"]\n";
        let experiment = parse(text).unwrap();
        experiment.check().unwrap();
        assert_eq!(parse(&experiment.to_toml()).unwrap(), experiment);
        assert_eq!((experiment.seeds.as_slice(), experiment.limits.steps), ([3, 1].as_slice(), 15));
        assert_eq!(experiment.env_config().limits.memory, Some(512 << 20));
        assert_eq!(experiment.env_config().budget.seconds, Some(5400.0));
        assert_eq!(parse(&Experiment::default().to_toml()).unwrap(), Experiment::default());
    }

    #[test]
    fn those_that_ask_a_model_play_with_each() {
        let text =
            "agents = [\"mle\", \"baseline\"]\nmodels = [\"a/x\", \"a/y\"]\ncompetitions = [\"iris\"]\nseeds = 1";
        let experiment = parse(text).unwrap();
        experiment.check().unwrap();
        let players: Vec<String> = experiment.players().unwrap().iter().map(Player::slug).collect();
        assert_eq!(players, ["mle+a--x", "mle+a--y", "baseline"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("agnets = []", "agnets"),
            ("seeds = \"three\"", "expected a number of seeds"),
            ("[limits]\nsteps = -1", "steps"),
            ("[limits]\ntime = \"soon\"", "such as 30m"),
            ("[code]\nmemroy = 1", "memroy"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("my.toml") && error.contains(expected) && error.contains("line"), "{error}");
        }
        let whole = "agents = [\"baseline\"]\ncompetitions = [\"iris\"]\nseeds = 1\n";
        for (more, expected) in [
            ("parallel = 0", "`parallel` is 0"),
            ("budget_usd = -1.0", "`budget_usd` is -1"),
            ("models = [\"openai/x\"]", "`openai/x` has nothing to do"),
            ("[limits]\nsteps = 0", "`limits.steps` is 0"),
            ("[agent]\nmodel = \"a/b\"", "`agent.model` is `a/b`"),
            ("[agent]\ntemperature = 3", "`temperature`: it is 3"),
            ("[judging]\npublic_fraction = 2.0", "`judging.public_fraction` is 2"),
            ("[code]\nmemory = 3", "`code.memory` is 3: expected at least 64"),
        ] {
            let error = parse(&format!("{whole}{more}")).unwrap().check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = parse("").unwrap().check().unwrap_err().to_string();
        assert!(error.contains("`agents` is empty"), "{error}");
        for (agent, expected) in [
            ("oracle", "unknown agent `oracle`"),
            ("script:-", "standard input"),
            ("human", "standard input"),
            ("mle", "agent `mle` asks a model: name some in `models`"),
        ] {
            let experiment = Experiment { agents: vec![agent.to_owned()], ..parse(whole).unwrap() };
            let error = experiment.check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
