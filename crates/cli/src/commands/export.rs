//! `mledojo export`.

use std::fmt::Write;
use std::io::IsTerminal;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use mledojo_eval::export::{
    ExportError, ExportRequest, ExportSummary, export_mle_dojo, export_preference, export_rl, export_sft,
};
use serde_json::json;

use crate::exit::Exit;
use crate::export_args::{ExportCommand, SourceArgs};
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &ExportCommand, settings: &Settings, json: bool) -> Result<Exit> {
    let (source, summary) = match command {
        ExportCommand::Sft(args) => {
            (&args.source, export(&args.source, settings, |request| export_sft(request, &args.options()))?)
        }
        ExportCommand::Rl(args) => {
            (&args.source, export(&args.source, settings, |request| export_rl(request, &args.options()))?)
        }
        ExportCommand::Preference(args) => {
            (&args.source, export(&args.source, settings, |request| export_preference(request, &args.options()))?)
        }
        ExportCommand::MleDojo { episode, out } => {
            let files = export_mle_dojo(episode, out)?;
            if json {
                print_json(&json!({ "files": files }))?;
            } else {
                print_text(&files.iter().map(|file| format!("{}\n", file.display())).collect::<String>())?;
            }
            return Ok(Exit::Ok);
        }
    };
    if json {
        print_json(&summary)?;
    } else {
        print_text(&text(&summary))?;
        if summary.rows.values().any(|rows| *rows > 0) {
            print_text(&format!("next: datasets.load_dataset(\"{}\")\n", source.out.display()))?;
        }
    }
    Ok(Exit::Ok)
}

fn export(
    args: &SourceArgs,
    settings: &Settings,
    write: impl FnOnce(ExportRequest<'_>) -> Result<ExportSummary, ExportError>,
) -> Result<ExportSummary> {
    let catalog = workbench::catalog(settings);
    let selection = args.selection();
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} episodes {wide_bar} {eta}") {
        bar.set_style(style);
    }
    let mut progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let summary = write(ExportRequest {
        sources: &args.sources,
        out: &args.out,
        format: args.format,
        selection: &selection,
        catalog: &catalog,
        progress: &mut progress,
    });
    bar.finish_and_clear();
    Ok(summary?)
}

fn text(summary: &ExportSummary) -> String {
    let rows: Vec<String> = summary.rows.iter().map(|(split, rows)| format!("{rows} for {split}")).collect();
    let mut text = format!("{} episodes, rows: {}\n", summary.episodes, rows.join(", "));
    for (reason, count) in &summary.left_out {
        let _ = writeln!(text, "left out: {count} ({reason})");
    }
    for file in &summary.files {
        let _ = writeln!(text, "{}", file.display());
    }
    text
}
