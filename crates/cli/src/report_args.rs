//! The grammar of `mledojo report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(crate) const REPORT_EXAMPLES: &str = "\
Examples:
  mledojo report runs/first                                  a page: runs/first/report.html
  mledojo report runs/first --format md                      the tables, on the terminal
  mledojo report runs/first --format mle-bench --out medals  one grading report for each player and seed
  mledojo report runs/first --known notebooks                compare with outputs in notebooks/<competition>/ too";

#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(crate) struct ReportArgs {
    /// Folder of an experiment, of an episode, or of several episodes
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// What to write [default: html; json with --json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ReportFormat>,
    /// The file; for `mle-bench` a folder [default: RUN/report.html for html, else stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What several seeds of a player on a competition count as
    #[arg(long, value_enum, default_value = "mean", value_name = "WHICH")]
    pub(crate) over_seeds: SeedsAs,
    /// A folder of known outputs, `DIR/<competition>/`: submissions and programs that the checks compare with
    #[arg(long, value_name = "DIR")]
    pub(crate) known: Option<PathBuf>,
    /// Leave out the honest-run checks, which read every submission
    #[arg(long)]
    pub(crate) no_checks: bool,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A page that needs no other file
    Html,
    /// Tables in Markdown
    Md,
    /// Every figure in full
    Json,
    /// MLE-bench's grading reports, and its medal rates over seeds
    MleBench,
}

/// What several seeds count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeedsAs {
    /// The mean of HumanRanks, the median of raw scores
    Mean,
    /// The best one, as in MLE-Dojo's paper
    Best,
}
