//! The grammar of `mledojo export` and `mledojo import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mledojo_eval::export::{
    Deduplication, EpisodeSelection, FailureSelection, Format, PairKind, PreferenceOptions, RlOptions, SftOptions,
    StepSelection,
};

use crate::args::word;

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Conversations for supervised fine-tuning, with marks on what is to be learned
    #[command(after_help = SFT_EXAMPLES)]
    Sft(SftArgs),
    /// Steps for reinforcement learning: prompt, action, reward, return
    Rl(RlArgs),
    /// Pairs of a better and a worse answer, as TRL's trainers take them
    Preference(PreferenceArgs),
    /// One episode as MLE-Dojo's `agent_trajectory.json` and `env_history.json`
    MleDojo {
        /// The episode's folder
        episode: PathBuf,
        /// The new folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// An episode from MLE-Dojo's `agent_trajectory.json` and `env_history.json`, to be exported, read and reported
    MleDojo {
        /// The folder with `env_history.json`, and `agent_trajectory.json` if there is one
        directory: PathBuf,
        /// New folder for the episode
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

const SFT_EXAMPLES: &str = "\
Examples:
  mledojo export sft runs/first --out data-sets/sft --best-of 3 --min-human-rank 0.5
  mledojo export sft my-episode --out one --format jsonl --failed keep-repaired
  mledojo export rl runs/first --out data-sets/rl --gamma 1
  mledojo export preference runs/first runs/second --out data-sets/pairs

In Python: datasets.load_dataset(\"data-sets/sft\"); pandas.read_parquet(\"data-sets/sft/data/train.parquet\")";

/// Which episodes, and where to.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Folders of runs or of single episodes
    #[arg(required = true, value_name = "RUN|EPISODE")]
    pub(crate) sources: Vec<PathBuf>,
    /// The new folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The data set's files: jsonl, parquet, both
    #[arg(long, value_name = "FORMAT", default_value = "both", value_parser = word::<Format>)]
    pub(crate) format: Format,
    /// Only these competitions
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    competition: Vec<String>,
    /// Only agents of these names
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    agent: Vec<String>,
    /// Of each competition only the episodes with the highest HumanRank
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    best_of: Option<u32>,
    /// Only episodes whose best HumanRank is at least this
    #[arg(long, value_name = "RANK")]
    min_human_rank: Option<f64>,
    /// Episodes that have not ended as well
    #[arg(long)]
    unfinished: bool,
    /// Choose by, and write, scores on held-out rows, which no agent has seen
    #[arg(long)]
    held_out: bool,
    /// Share of the competitions that become the validation split
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, conflicts_with = "validation_competitions")]
    validation: f64,
    /// The competitions of the validation split, by name
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    validation_competitions: Vec<String>,
}

impl SourceArgs {
    pub(crate) fn selection(&self) -> EpisodeSelection {
        EpisodeSelection {
            competitions: self.competition.clone(),
            agents: self.agent.clone(),
            best_of: self.best_of.map(|count| count as usize),
            min_human_rank: self.min_human_rank,
            unfinished: self.unfinished,
            held_out: self.held_out,
            validation: self.validation,
            validation_competitions: self.validation_competitions.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SftArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Which answers are to be learned: all, improving (their step made the best submission so far)
    #[arg(long, value_name = "STEPS", default_value = "all", value_parser = word::<StepSelection>)]
    steps: StepSelection,
    /// What becomes of answers whose step failed: drop, keep-repaired (code of a later step ran), keep. Those not learned stay as context
    #[arg(long, value_name = "HOW", default_value = "drop", value_parser = word::<FailureSelection>)]
    failed: FailureSelection,
    /// Which repeated conversations are left out: none, exact, normalised (the same but for times and blanks)
    #[arg(long, value_name = "HOW", default_value = "normalised", value_parser = word::<Deduplication>)]
    dedupe: Deduplication,
}

impl SftArgs {
    pub(crate) fn options(&self) -> SftOptions {
        SftOptions { steps: self.steps, failures: self.failed, deduplication: self.dedupe }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RlArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// What the reward of the next step counts in discounted returns
    #[arg(long, value_name = "G", default_value_t = RlOptions::default().gamma)]
    gamma: f64,
}

impl RlArgs {
    pub(crate) fn options(&self) -> RlOptions {
        RlOptions { gamma: self.gamma }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PreferenceArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// What is compared: steps (with one prompt, or one parent), episodes (of one competition), both
    #[arg(long, value_name = "KIND", default_value = "both", value_parser = word::<PairKind>)]
    pairs: PairKind,
    /// By how much of HumanRank a pair differs at least
    #[arg(long, value_name = "RANK", default_value_t = PreferenceOptions::default().min_margin)]
    min_margin: f64,
}

impl PreferenceArgs {
    pub(crate) fn options(&self) -> PreferenceOptions {
        PreferenceOptions { pairs: self.pairs, min_margin: self.min_margin }
    }
}
