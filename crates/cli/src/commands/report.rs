//! `mledojo report`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mledojo_catalog::Catalog;
use mledojo_eval::report::{MleBench, Report, ReportOptions};
use mledojo_eval::statistics::OverSeeds;
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::report_args::{ReportArgs, ReportFormat, SeedsAs};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &ReportArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let catalog = workbench::catalog(settings);
    if let Some(known) = args.known.as_ref().filter(|known| !known.is_dir()) {
        bail!("`{}` is no folder; `--known` takes one with `<competition>/` folders in it", known.display());
    }
    let format = args.format.unwrap_or(if json { ReportFormat::Json } else { ReportFormat::Html });
    if format == ReportFormat::MleBench {
        return mle_bench(args, &catalog, json);
    }
    let options = ReportOptions {
        over_seeds: match args.over_seeds {
            SeedsAs::Mean => OverSeeds::Mean,
            SeedsAs::Best => OverSeeds::Best,
        },
        known: args.known.clone(),
        without_checks: args.no_checks,
        ..ReportOptions::default()
    };
    let report = Report::read(&args.run, &catalog, &options)?;
    let (text, default) = match format {
        ReportFormat::Html => (report.html()?, Some(args.run.join("report.html"))),
        ReportFormat::Md => (report.markdown()?, None),
        ReportFormat::Json | ReportFormat::MleBench => (pretty(&report)?, None),
    };
    match args.out.clone().or(default) {
        None => print_text(&text)?,
        Some(file) => {
            write(&file, &text)?;
            said(&[file], json)?;
        }
    }
    Ok(Exit::Ok)
}

/// A grading report for each player and seed, and the rates; on stdout all in one.
fn mle_bench(args: &ReportArgs, catalog: &Catalog, json: bool) -> Result<Exit> {
    let bench = MleBench::read(&args.run, catalog)?;
    let Some(out) = &args.out else {
        print_text(&pretty(&bench)?)?;
        return Ok(Exit::Ok);
    };
    let mut files = Vec::new();
    for player in &bench.players {
        let folder = out.join(&player.slug);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        for (seed, reports) in &player.seeds {
            let file = folder.join(format!("seed-{seed}_grading_report.json"));
            write(&file, &pretty(reports)?)?;
            files.push(file);
        }
    }
    let rates = bench.players.iter().map(|player| {
        json!({ "player": player.name, "folder": player.slug, "rates": player.rates, "padded": player.padded })
    });
    let file = out.join("aggregate.json");
    write(&file, &pretty(&json!({ "competitions": bench.competitions, "players": rates.collect::<Vec<_>>() }))?)?;
    files.push(file);
    said(&files, json)?;
    Ok(Exit::Ok)
}

fn pretty(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}

fn said(files: &[PathBuf], json: bool) -> Result<()> {
    if json {
        return print_json(&json!({ "files": files }));
    }
    print_text(&files.iter().map(|file| format!("{}\n", file.display())).collect::<String>())
}
