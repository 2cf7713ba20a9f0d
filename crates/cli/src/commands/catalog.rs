//! `mledojo catalog`.

use anyhow::Result;
use serde_json::json;

use crate::args::CatalogCommand;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &CatalogCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        CatalogCommand::Check => check(settings, json),
    }
}

fn check(settings: &Settings, json: bool) -> Result<Exit> {
    let catalog = workbench::catalog(settings);
    let competitions = catalog.slugs()?.len();
    let problems: Vec<String> = catalog.check()?.iter().map(ToString::to_string).collect();
    if json {
        print_json(&json!({ "competitions": competitions, "problems": problems }))?;
    } else {
        for problem in &problems {
            print_text(problem)?;
        }
        print_text(&format!("{competitions} competitions, {} problems", problems.len()))?;
    }
    Ok(if problems.is_empty() { Exit::Ok } else { Exit::Failure })
}
