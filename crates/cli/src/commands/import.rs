//! `mledojo import`.

use anyhow::Result;
use mledojo_eval::export::import_mle_dojo;

use crate::exit::Exit;
use crate::export_args::ImportCommand;
use crate::output::{print_json, print_text};

pub(crate) fn run(command: &ImportCommand, json: bool) -> Result<Exit> {
    let ImportCommand::MleDojo { directory, out } = command;
    let summary = import_mle_dojo(directory, out)?;
    if json {
        print_json(&summary)?;
    } else {
        print_text(&format!(
            "{} steps and {} answers of `{}`\nnext: mledojo episode show {}\n",
            summary.steps,
            summary.answers,
            summary.competition,
            out.display()
        ))?;
    }
    Ok(Exit::Ok)
}
