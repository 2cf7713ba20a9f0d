//! The command line's grammar.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use mledojo_agents::AgentSpec;
use mledojo_env::RewardMode;
use mledojo_sandbox::{GpuId, HostRule};

use crate::settings::SettingsArgs;

/// A Gym-style world where agents do machine-learning engineering on Kaggle-style competitions.
///
/// An agent reads the task, writes Python, the code runs in a sandbox, the submission is graded and placed on the
/// leaderboard, and the agent tries again.
#[derive(Debug, Parser)]
#[command(name = "mledojo", version, propagate_version = true, after_help = FIRST_STEPS)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print the result as JSON on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

const FIRST_STEPS: &str = "\
First steps:
  mledojo demo                          set everything up and watch an agent play three competitions
  mledojo competitions list             what there is to play
  mledojo run iris --agent baseline     play one episode
  mledojo episode show DIR              read what happened

Exit codes: 0 ok, 1 failure, 2 usage, 3 the submission is invalid";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set everything up and let the baseline agent play three bundled competitions side by side
    Demo(DemoArgs),
    /// Play one episode of a competition
    Run(RunArgs),
    /// What there is to play
    #[command(subcommand)]
    Competitions(CompetitionsCommand),
    /// The competitions' specs, briefs and leaderboards
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Make the data of a bundled competition: `public/` for the agent, `private/` for the grader
    Prepare(PrepareArgs),
    /// Grade a submission and place it on the leaderboard
    #[command(after_help = GRADE_EXAMPLE)]
    Grade(GradeArgs),
    /// Look at an episode on disk
    #[command(subcommand)]
    Episode(EpisodeCommand),
    /// The Python runtime that agents' code runs in
    #[command(subcommand)]
    Runtime(RuntimeCommand),
    /// Check what this host can do: isolation, limits, runtime
    Doctor,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Steps of each episode
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) steps: u64,
    /// Seed of the agents
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub(crate) seed: u64,
    /// New folder for the episodes [default: below the home folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// The competitions to play
    #[arg(long, value_delimiter = ',', value_name = "SLUGS", default_value = "breast-cancer,diabetes,digits")]
    pub(crate) competitions: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// The competition's slug; not needed with `--resume`
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub(crate) competition: Option<String>,
    /// Who plays: `baseline`, or `script:FILE` with one JSON action a line (`script:-` reads stdin)
    #[arg(long, default_value = "baseline", value_name = "AGENT", conflicts_with = "resume")]
    pub(crate) agent: AgentSpec,
    /// Most steps
    #[arg(long, default_value_t = 15, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "resume")]
    pub(crate) steps: u64,
    /// Longest time of the whole episode
    #[arg(long, default_value = "12h", value_name = "TIME", value_parser = positive_time, conflicts_with = "resume")]
    pub(crate) time: Duration,
    /// Seed of the agent and of its code
    #[arg(long, default_value_t = 0, value_name = "S", conflicts_with = "resume")]
    pub(crate) seed: u64,
    /// New folder for the episode [default: below the home folder]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) output: Option<PathBuf>,
    /// What a step earns
    #[arg(long, default_value = "human-rank", value_name = "MODE", value_parser = reward_mode, conflicts_with = "resume")]
    pub(crate) reward: RewardMode,
    /// Longest time of one run of code
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = positive_time, conflicts_with = "resume")]
    pub(crate) run_time: Duration,
    /// Most memory of one run of code, in MiB
    #[arg(long, default_value_t = 8192, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..), conflicts_with = "resume")]
    pub(crate) memory: u64,
    /// A host that the code may reach by HTTP or HTTPS, through a proxy; can be repeated: pypi.org, *.example.org:8443
    /// [default: `allow` under `[network]` in the settings file, else none]
    #[arg(long, value_name = "HOST", conflicts_with = "resume")]
    pub(crate) allow_host: Vec<HostRule>,
    /// A GPU that the code gets, by index or UUID (`mledojo doctor` lists them); can be repeated, and all others stay hidden
    #[arg(long, value_name = "GPU", conflicts_with = "resume")]
    pub(crate) gpu: Vec<GpuId>,
    /// Most memory of one run of code on its GPUs together, in MiB
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), requires = "gpu")]
    pub(crate) gpu_memory: Option<u64>,
    /// Go on with the episode in this folder, with its agent, seed and settings
    #[arg(long, value_name = "DIR")]
    pub(crate) resume: Option<PathBuf>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  mledojo run iris --agent baseline --steps 8
  mledojo run wine --agent script:actions.jsonl --time 30m --output my-episode
  mledojo run --resume my-episode

A script's line: {\"action\": \"execute_code\", \"params\": {\"code\": \"print(1)\"}}";

const GRADE_EXAMPLE: &str = "\
The answers are those of the prepared competition, or a CSV file with the submission's columns.
An invalid submission ends with exit code 3 and says what is wrong with it.";

#[derive(Debug, Subcommand)]
pub(crate) enum CompetitionsCommand {
    /// All competitions, a line each; the filters narrow the list
    List(ListArgs),
    /// One competition: task, metric, format, leaderboard
    Show {
        /// Its slug
        competition: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only with this kind of data: tabular, image, text, time-series, …
    #[arg(long, value_name = "KIND")]
    pub(crate) modality: Option<String>,
    /// Only with this task: binary-classification, regression, forecasting, …
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Only with this metric: roc_auc, rmse, …
    #[arg(long, value_name = "METRIC")]
    pub(crate) metric: Option<String>,
    /// Only of this suite: bundled, …
    #[arg(long, value_name = "SUITE")]
    pub(crate) suite: Option<String>,
    /// Only those whose data is prepared
    #[arg(long)]
    pub(crate) prepared: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Read every competition, yours too, and say what is wrong
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct PrepareArgs {
    /// The competition's slug
    pub(crate) competition: String,
    /// Folder to make [default: below the home folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GradeArgs {
    /// The competition's slug
    pub(crate) competition: String,
    /// The submission, a CSV file
    #[arg(long, value_name = "FILE")]
    pub(crate) submission: PathBuf,
    /// The answers, a CSV file [default: those of the prepared competition]
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EpisodeCommand {
    /// Tell the story of an episode
    Show {
        /// The episode's folder
        directory: PathBuf,
        /// Show the agent's code as well
        #[arg(long)]
        code: bool,
    },
    /// Run an episode's actions again and compare what comes of them
    Replay {
        /// The episode's folder
        directory: PathBuf,
        /// New folder for the second run [default: one that is removed afterwards]
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuntimeCommand {
    /// Make or repair the managed runtime
    Install {
        /// The Python (3.11 or newer) to build on [default: the newest on PATH]
        #[arg(long, value_name = "FILE")]
        base: Option<PathBuf>,
    },
    /// What the runtime is, and its packages
    Status,
}

fn positive_time(text: &str) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|error| format!("{error}; expected a time such as 30m or 2h"))?;
    if time.is_zero() { Err("expected a time above zero".to_owned()) } else { Ok(time) }
}

fn reward_mode(text: &str) -> Result<RewardMode, String> {
    match text {
        "human-rank" => Ok(RewardMode::HumanRank),
        "raw" => Ok(RewardMode::Raw),
        "improvement" => Ok(RewardMode::Improvement),
        "medal" => Ok(RewardMode::Medal),
        _ => Err("expected one of human-rank, raw, improvement, medal".to_owned()),
    }
}
