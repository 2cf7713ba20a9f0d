//! The `mledojo` command line: arguments in, tables and progress out.
//!
//! Results go to stdout, progress and errors to stderr. Exit codes: 0 ok, 1 failure, 2 usage, 3 the submission is
//! invalid.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this crate is the one that prints")]

mod args;
mod commands;
mod download_progress;
mod eval_progress;
mod exit;
mod export_args;
mod interrupt;
mod judging;
mod limits;
mod log;
mod output;
mod progress;
mod report_args;
mod settings;
mod summary;
mod workbench;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::settings::Settings;

fn main() -> ExitCode {
    let Cli { command, json, settings } = Cli::parse();
    log::init();
    let done = Settings::resolve(settings).and_then(|settings| match command {
        Command::Demo(args) => commands::demo::run(&args, &settings, json),
        Command::Run(args) => commands::run::run(&args, &settings, json),
        Command::Eval(args) => commands::eval::run(&args, &settings, json),
        Command::Report(args) => commands::report::run(&args, &settings, json),
        Command::Competitions(command) => commands::competitions::run(&command, &settings, json),
        Command::Catalog(command) => commands::catalog::run(&command, &settings, json),
        Command::Audit(args) => commands::audit::run(&args, &settings, json),
        Command::Download(args) => commands::download::run(&args, &settings, json),
        Command::Prepare(args) => commands::prepare::run(&args, &settings, json),
        Command::Grade(args) => commands::grade::run(&args, &settings, json),
        Command::Leaderboard(command) => commands::leaderboard::run(&command, &settings, json),
        Command::Episode(command) => commands::episode::run(&command, &settings, json),
        Command::Export(command) => commands::export::run(&command, &settings, json),
        Command::Import(command) => commands::import::run(&command, json),
        Command::Runtime(command) => commands::runtime::run(&command, &settings, json),
        Command::Bench(args) => commands::bench::run(&args, &settings, json),
        Command::Doctor => commands::doctor::run(&settings, json),
    });
    exit::report(done, json)
}
