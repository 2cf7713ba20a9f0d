//! `mledojo competitions`.

mod list;
mod show;

use anyhow::Result;
use serde::Serialize;

use crate::args::CompetitionsCommand;
use crate::exit::Exit;
use crate::settings::Settings;

pub(crate) fn run(command: &CompetitionsCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        CompetitionsCommand::List(filter) => list::run(filter, settings, json)?,
        CompetitionsCommand::Sets => list::sets(settings, json)?,
        CompetitionsCommand::Show { competition } => show::run(competition, settings, json)?,
    }
    Ok(Exit::Ok)
}

/// A value that serialises as a word, as that word.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Megabytes as people read them.
fn size(megabytes: f64) -> String {
    match megabytes {
        0.0 => "unknown".to_owned(),
        0.0..1.0 => format!("{megabytes:.2} MB"),
        1.0..10.0 => format!("{megabytes:.1} MB"),
        10.0..1000.0 => format!("{megabytes:.0} MB"),
        1000.0..1e5 => format!("{:.1} GB", megabytes / 1e3),
        _ => format!("{:.0} GB", megabytes / 1e3),
    }
}
