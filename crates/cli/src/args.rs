//! The command line's grammar.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use mledojo_agents::AgentSpec;
use mledojo_catalog::BoardKind;
use mledojo_catalog::spec::{Complexity, Modality, Task};
use mledojo_env::RewardMode;
use mledojo_metrics::Protocol;
use mledojo_sandbox::{GpuId, HostRule};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::export_args::{ExportCommand, ImportCommand};
use crate::feedback::FeedbackArgs;
use crate::judging::JudgingArgs;
use crate::limits::{LimitArgs, positive_time};
use crate::player::PlayerArgs;
use crate::report_args::ReportArgs;
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
    Run(Box<RunArgs>),
    /// Play agents × models × competitions × seeds; the same command goes on where it was interrupted
    Eval(Box<EvalArgs>),
    /// Report on an experiment: scores, medals, Elo, AUP, failures, cost, honest-run checks
    Report(ReportArgs),
    /// The agents that can play, their prompts, and what their searches found
    #[command(subcommand)]
    Agents(AgentsCommand),
    /// What there is to play
    #[command(subcommand)]
    Competitions(CompetitionsCommand),
    /// The competitions' specs, briefs, leaderboards and sets
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Fetch competitions' data from Kaggle, in the name of a user who accepted their rules
    #[command(after_help = DOWNLOAD_HELP)]
    Download(DownloadArgs),
    /// Make the data of competitions: `public/` for the agent, `private/` for the grader
    Prepare(PrepareArgs),
    /// Look for leaks in what agents see of a prepared competition
    Audit(AuditArgs),
    /// Grade a submission and place it on the leaderboard
    #[command(after_help = GRADE_EXAMPLE)]
    Grade(GradeArgs),
    /// The boards that scores are placed on
    #[command(subcommand)]
    Leaderboard(LeaderboardCommand),
    /// Look at an episode on disk
    #[command(subcommand)]
    Episode(EpisodeCommand),
    /// Make data sets for training from episodes: JSONL and Parquet, with a card
    #[command(subcommand)]
    Export(ExportCommand),
    /// Make episodes from other programs' files
    #[command(subcommand)]
    Import(ImportCommand),
    /// The Python runtime that agents' code runs in
    #[command(subcommand)]
    Runtime(RuntimeCommand),
    /// Check what this host can do: isolation, limits, runtime
    Doctor,
    /// Measure what the framework costs: ratios of things measured in turn, with their targets
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Only these measurements, by name; may be given several times
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// A fifth of the rounds, for a first look
    #[arg(long)]
    pub(crate) quick: bool,
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
    /// The competitions to play, or sets of them
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_value = "breast-cancer,diabetes,digits")]
    pub(crate) competitions: Vec<String>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}

#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// The competition's slug; not needed with `--resume`
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub(crate) competition: Option<String>,
    /// Who plays: `baseline`, `mle`, `tools`, `aide`, `human`, `script:FILE`, …; `mledojo agents list` names all
    #[arg(long, default_value = "baseline", value_name = "AGENT", conflicts_with = "resume")]
    pub(crate) agent: AgentSpec,
    #[command(flatten)]
    pub(crate) player: PlayerArgs,
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
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
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
    #[command(flatten)]
    pub(crate) feedback: FeedbackArgs,
    /// Go on with the episode in this folder, with its agent, seed and settings
    #[arg(long, value_name = "DIR", conflicts_with_all = ["JudgingArgs", "LimitArgs", "PlayerArgs"])]
    pub(crate) resume: Option<PathBuf>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  mledojo run iris --agent baseline --steps 8
  mledojo run wine --agent script:actions.jsonl --time 30m --output my-episode
  mledojo run iris --agent aide --model openai/gpt-4o-mini --cost-limit 2
  mledojo run iris --feedback llm:openai/gpt-4o-mini --review-usd 0.5
  mledojo run --resume my-episode

A script's line: {\"action\": \"execute_code\", \"params\": {\"code\": \"print(1)\"}}";

#[derive(Debug, Subcommand)]
pub(crate) enum AgentsCommand {
    /// All agents, a line each
    List,
    /// One agent: what it is, and its prompts
    Show {
        /// Its name, such as `mle`
        name: String,
        /// This prompt of its, as it is written
        #[arg(long, value_name = "NAME")]
        prompt: Option<String>,
        /// Folder of prompts that stand in for ours
        #[arg(long, value_name = "DIR")]
        prompts: Option<PathBuf>,
    },
    /// Draw the tree of an episode that `aide` played, as one HTML file
    Tree {
        /// The episode's folder
        directory: PathBuf,
        /// The file to write
        #[arg(long, value_name = "FILE", default_value = "tree.html")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(after_help = EVAL_EXAMPLES)]
pub(crate) struct EvalArgs {
    /// An experiment as a file, instead of flags or beneath them
    #[arg(value_name = "EXPERIMENT.toml")]
    pub(crate) experiment: Option<PathBuf>,
    /// Folder of the run, new or begun before [default: named by the file, below the home folder]
    #[arg(long, value_name = "DIR", required_unless_present = "experiment")]
    pub(crate) out: Option<PathBuf>,
    /// Who plays: `baseline`, `mle`, `tools`, `aide`, `script:FILE`, `replay:EPISODE`, `process:COMMAND`
    #[arg(long, value_delimiter = ',', value_name = "AGENTS")]
    pub(crate) agents: Vec<String>,
    /// The models that agents ask, as `provider/model`
    #[arg(long, value_delimiter = ',', value_name = "MODELS")]
    pub(crate) models: Vec<String>,
    /// The competitions, or sets of them
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) competitions: Vec<String>,
    /// How many seeds, counted from 0
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seeds: Option<u32>,
    /// Most steps of an episode [default: 15]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: Option<u32>,
    /// Longest time of an episode [default: 12h]
    #[arg(long, value_name = "TIME", value_parser = positive_time)]
    pub(crate) time: Option<Duration>,
    /// The same without waits on models' rate limits
    #[arg(long, value_name = "TIME", value_parser = positive_time)]
    pub(crate) working_time: Option<Duration>,
    /// Most tokens of an episode, sent and received
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) token_limit: Option<u32>,
    /// Most money for an episode, in US dollars
    #[arg(long, value_name = "USD")]
    pub(crate) cost_limit: Option<f64>,
    /// An option of the agents, as in docs/agents.md; can be repeated: temperature=0.7, history=3, drafts=5
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) option: Vec<String>,
    /// Most money for the whole run, in US dollars: no call of a model is begun beyond it
    #[arg(long, value_name = "USD")]
    pub(crate) budget_usd: Option<f64>,
    /// How many episodes go on at once [default: one for each slot; four with models]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) parallel: Option<u32>,
    /// How many runs of code go on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) slots: Option<u32>,
    /// How often an episode goes on after a fault of the host, the network or a provider [default: 3]
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u32>,
    /// Begin anew what ended by a fault of its agent; what was there is moved aside
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// What a step earns [default: human-rank]
    #[arg(long, value_name = "MODE", value_parser = reward_mode)]
    pub(crate) reward: Option<RewardMode>,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// A host that the code may reach by HTTP or HTTPS, through a proxy; can be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<HostRule>,
    /// A GPU that the code gets, by index or UUID; can be repeated
    #[arg(long, value_name = "GPU")]
    pub(crate) gpu: Vec<GpuId>,
    /// Most memory of one run of code on its GPUs together, in MiB
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..), requires = "gpu")]
    pub(crate) gpu_memory: Option<u64>,
}

const EVAL_EXAMPLES: &str = "\
Examples:
  mledojo eval --agents baseline,mle --models openai/gpt-4o-mini --competitions bundled --seeds 3 --out runs/first
  mledojo eval --out runs/first                    goes on where it was interrupted
  mledojo eval --out runs/first --seeds 5          adds two seeds
  mledojo eval experiment.toml --parallel 8

The run's folder is the only state. Settings that decide over results stay as they were; agents, models, competitions
and seeds come to those that are there. With --json, stdout has one JSON object a line for all that happens.
Exit codes: 0 all episodes are finished, 1 some failed, 130 interrupted; docs/evaluation.md says more";

const GRADE_EXAMPLE: &str = "\
The answers are those of the prepared competition, or a CSV file with the submission's columns.
An invalid submission ends with exit code 3 and says what is wrong with it.";

#[derive(Debug, Subcommand)]
pub(crate) enum CompetitionsCommand {
    /// All competitions, a line each; the filters narrow the list
    List(ListArgs),
    /// The named sets: splits of benchmarks, and your own
    Sets,
    /// One competition: task, metric, format, leaderboard
    Show {
        /// Its slug
        competition: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct ListArgs {
    /// Only these competitions, or those of these sets (`mledojo competitions sets`)
    #[arg(value_name = "NAMES")]
    pub(crate) names: Vec<String>,
    /// Only with this kind of data: tabular, image, text, time-series, …
    #[arg(long, value_name = "KIND", value_parser = word::<Modality>)]
    pub(crate) modality: Option<Modality>,
    /// Only with this task: binary-classification, regression, forecasting, …
    #[arg(long, value_name = "TASK", value_parser = word::<Task>)]
    pub(crate) task: Option<Task>,
    /// Only with this metric: roc_auc, rmse, …
    #[arg(long, value_name = "METRIC")]
    pub(crate) metric: Option<String>,
    /// Only of this suite: mle-dojo, mle-bench, dsbench, bundled, …
    #[arg(long, value_name = "SUITE")]
    pub(crate) suite: Option<String>,
    /// Only of this split of MLE-Dojo: train, eval
    #[arg(long, value_name = "SPLIT", value_parser = word::<Split>)]
    pub(crate) split: Option<Split>,
    /// Only of this complexity: low, medium, high
    #[arg(long, value_name = "LEVEL", value_parser = word::<Complexity>)]
    pub(crate) complexity: Option<Complexity>,
    /// Only with at most so many megabytes of data
    #[arg(long, value_name = "MB")]
    pub(crate) max_mb: Option<f64>,
    /// Only those whose data is prepared
    #[arg(long)]
    pub(crate) prepared: bool,
    /// Only those whose data is not prepared
    #[arg(long, conflicts_with = "prepared")]
    pub(crate) not_prepared: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  mledojo competitions list --modality text --max-mb 100
  mledojo competitions list mle-bench-lite --prepared
  mledojo competitions list --split eval --task segmentation --json";

/// A split of MLE-Dojo.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    Train,
    Eval,
}

impl Split {
    /// The set that it is.
    pub(crate) fn set(self) -> &'static str {
        match self {
            Self::Train => "mle-dojo-train",
            Self::Eval => "mle-dojo-eval",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum LeaderboardCommand {
    /// Keep a competition's exact boards, to be used in place of the catalog's summary
    #[command(after_help = IMPORT_FORMATS)]
    Import(ImportArgs),
    /// Fetch a competition's board from Kaggle and keep it, as `import` does
    Download(BoardDownloadArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The competition's slug
    pub(crate) competition: String,
    /// A board, or a folder with boards
    #[arg(value_name = "DIR|CSV|ZIP")]
    pub(crate) from: PathBuf,
    /// Which board it is: public, private [default: what its name says, else private]
    #[arg(long, value_name = "BOARD", value_parser = word::<BoardKind>)]
    pub(crate) board: Option<BoardKind>,
}

#[derive(Debug, Args)]
pub(crate) struct BoardDownloadArgs {
    /// The competition's slug
    pub(crate) competition: String,
    /// Which board it is: public, private [default: what its name says, else private]
    #[arg(long, value_name = "BOARD", value_parser = word::<BoardKind>)]
    pub(crate) board: Option<BoardKind>,
}

const IMPORT_FORMATS: &str = "\
A board is a CSV table with a column `score` (as MLE-Dojo prepares it: `rank,score`) or `Score` (as Kaggle's download
has it), the best team first, by itself or in a zip archive. A folder holds `public_leaderboard.csv` and
`private_leaderboard.csv`, or is one that MLE-Dojo prepared, or holds files named `…leaderboard….csv` or `.zip`.";

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Read every competition, yours too, and say what is wrong
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    /// The competitions' slugs, or names of sets
    #[arg(value_name = "NAMES", required_unless_present_any = ["set", "all", "dsbench"])]
    pub(crate) competitions: Vec<String>,
    /// A set of competitions; those that aren't Kaggle's are left out
    #[arg(long, value_name = "NAME")]
    pub(crate) set: Vec<String>,
    /// All competitions of Kaggle's
    #[arg(long, conflicts_with_all = ["competitions", "set"])]
    pub(crate) all: bool,
    /// DSBench's archive of 75 competitions with answers, for which no account is needed
    #[arg(long, conflicts_with_all = ["competitions", "set", "all", "file", "list", "dry_run"])]
    pub(crate) dsbench: bool,
    /// Folder for the download of one competition, as `prepare --raw` takes it; of several, each gets a folder of its name
    /// in it [default: `raw` below the home folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) raw: Option<PathBuf>,
    /// This file alone instead of the whole archive; can be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "dry_run"])]
    pub(crate) file: Vec<String>,
    /// List the files that there are, and fetch none
    #[arg(long, conflicts_with_all = ["dry_run", "anew"])]
    pub(crate) list: bool,
    /// Say what would be fetched, how large it is and whether there is room, and fetch nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Fetch again what is there already
    #[arg(long)]
    pub(crate) anew: bool,
}

const DOWNLOAD_HELP: &str = "\
Examples:
  mledojo download titanic
  mledojo download --set mle-bench-lite --dry-run
  mledojo download titanic --list
  mledojo download --dsbench

Credentials: `KAGGLE_API_TOKEN`, or `KAGGLE_USERNAME` and `KAGGLE_KEY`, or `access_token` or `kaggle.json` in
`KAGGLE_CONFIG_DIR`, `~/.config/kaggle` or `~/.kaggle`. A token is made at https://www.kaggle.com/settings, and the
rules of each competition have to be accepted once, on its page. What was interrupted goes on with the same command.";

#[derive(Debug, Args)]
pub(crate) struct PrepareArgs {
    /// The competitions' slugs, or names of sets
    #[arg(required = true, value_name = "NAMES")]
    pub(crate) competitions: Vec<String>,
    /// Folder to make, for one competition [default: below the home folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Folder of the download, for one competition [default: where `mledojo download` puts it]
    #[arg(long, value_name = "DIR")]
    pub(crate) raw: Option<PathBuf>,
    /// Whether leaks of the reference are closed (corrected) or stay (mle-dojo, the same rows as published) [default:
    /// `protocol` in the settings file, else corrected]
    #[arg(long, value_name = "PROTOCOL", value_parser = word::<Protocol>)]
    pub(crate) protocol: Option<Protocol>,
    /// Don't look for leaks in what was made
    #[arg(long)]
    pub(crate) no_audit: bool,
    /// Make nothing: read every file of what was prepared, and compare it with the manifest
    #[arg(long, conflicts_with = "raw")]
    pub(crate) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// A competition that was prepared, or a folder with public/ and private/
    #[arg(value_name = "SLUG|DIR")]
    pub(crate) competition: String,
    /// The competition whose ids and targets a folder's files have [default: as the sample submission says]
    #[arg(long, value_name = "SLUG")]
    pub(crate) spec: Option<String>,
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
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
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

/// A value that the library reads from a word.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
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
