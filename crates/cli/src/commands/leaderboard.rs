//! `mledojo leaderboard`.

use std::fmt::Write;

use anyhow::Result;
use serde_json::json;

use crate::args::{ImportArgs, LeaderboardCommand};
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &LeaderboardCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        LeaderboardCommand::Import(args) => import(args, settings, json),
    }
}

fn import(args: &ImportArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let spec = workbench::catalog(settings).get(&args.competition)?.spec;
    let imported = workbench::exact_boards(settings).import(&spec, &args.from, args.board)?;
    if json {
        print_json(&json!({ "competition": args.competition, "boards": imported }))?;
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
