//! `mledojo audit`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use mledojo_catalog::Spec;
use mledojo_prepare::{AuditReport, Prepared};
use serde_json::json;

use crate::args::AuditArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::progress::PrepareProgress;
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &AuditArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let (folder, spec) = subject(args, settings)?;
    let prepared = Prepared::open(&folder)?;
    let progress = PrepareProgress::start(&args.competition);
    let report = mledojo_prepare::audit(&prepared, spec.as_ref().map(|spec| &spec.submission), &progress)?;
    drop(progress);
    if json {
        print_json(&json!({ "folder": folder, "clean": report.is_clean(), "audit": report }))?;
    } else {
        print_text(&text(&report))?;
    }
    Ok(if report.is_clean() { Exit::Ok } else { Exit::Failure })
}

/// The folder to look into, and the spec that goes with it.
fn subject(args: &AuditArgs, settings: &Settings) -> Result<(PathBuf, Option<Spec>)> {
    let catalog = workbench::catalog(settings);
    let spec = |slug: &str| Ok::<_, anyhow::Error>(Some(catalog.get(slug)?.spec));
    let folder = Path::new(&args.competition);
    if folder.join("public").is_dir() || folder.join("data/public").is_dir() {
        return Ok((folder.to_owned(), args.spec.as_deref().map_or(Ok(None), spec)?));
    }
    Ok((settings.competition_dir(&args.competition), spec(args.spec.as_deref().unwrap_or(&args.competition))?))
}

/// A report for people.
pub(crate) fn text(report: &AuditReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let column = finding.column.as_ref().map(|column| format!(", column `{column}`")).unwrap_or_default();
        let _ = writeln!(text, "LEAK {}{column}", finding.file);
        let _ = writeln!(text, "     of `{}`: {}", finding.target, finding.evidence);
    }
    for reason in &report.not_read {
        let _ = writeln!(text, "not looked into: {reason}");
    }
    let (tables, columns, files) = (report.tables, report.columns, report.files);
    let _ = match report.findings.len() {
        0 => writeln!(text, "no leak found in {tables} tables ({columns} columns) and the names of {files} files"),
        1 => writeln!(text, "1 leak in {tables} tables ({columns} columns) and the names of {files} files"),
        count => writeln!(text, "{count} leaks in {tables} tables ({columns} columns) and the names of {files} files"),
    };
    text
}
