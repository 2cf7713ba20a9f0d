//! `mledojo leaderboard`.

use std::fmt::Write;

use anyhow::{Context, Result};
use mledojo_catalog::{ImportedBoard, Spec};
use mledojo_prepare::kaggle::{KaggleError, competition_name};
use serde_json::json;

use crate::args::{BoardDownloadArgs, ImportArgs, LeaderboardCommand};
use crate::commands::download;
use crate::download_progress::DownloadProgress;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &LeaderboardCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        LeaderboardCommand::Import(args) => import(args, settings, json),
        LeaderboardCommand::Download(args) => fetch(args, settings, json),
    }
}

fn import(args: &ImportArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let spec = workbench::catalog(settings).get(&args.competition)?.spec;
    let imported = workbench::exact_boards(settings).import(&spec, &args.from, args.board)?;
    told(&spec, &imported, json)
}

fn fetch(args: &BoardDownloadArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let spec = workbench::catalog(settings).get(&args.competition)?.spec;
    let name = competition_name(&spec.url).ok_or_else(|| download::not_of_kaggle(&spec.slug))?;
    let client = download::client(settings)?;
    let folder = tempfile::tempdir().context("cannot make a folder for the download")?;
    let file = folder.path().join(format!("{name}-leaderboard.zip"));
    let interrupt = Interrupt::listen()?;
    let progress = DownloadProgress::start(&spec.slug, &interrupt);
    let fetched = interrupt.cancelling(&[], || client.download_leaderboard(name, &file, &progress));
    progress.finish();
    match fetched {
        Err(KaggleError::Download(_)) if interrupt.is_set() => return Ok(Exit::Interrupted),
        fetched => fetched?,
    };
    let imported = workbench::exact_boards(settings).import(&spec, &file, args.board)?;
    told(&spec, &imported, json)
}

/// Tells which boards are kept now.
fn told(spec: &Spec, imported: &[ImportedBoard], json: bool) -> Result<Exit> {
    if json {
        print_json(&json!({ "competition": spec.slug, "boards": imported }))?;
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    for board in imported {
        let _ = write!(text, "{} board: {} teams from {}", board.board, board.teams, board.from);
        if board.without_score > 0 {
            let _ = write!(text, "; {} without a score left out", board.without_score);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "kept in the home folder; it now counts in place of the catalog's");
    print_text(&text)?;
    Ok(Exit::Ok)
}
