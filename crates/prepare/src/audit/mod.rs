//! Looking for leaks: whether what agents see gives the answers away.
//!
//! The audit knows the answers and nothing else of a competition. It takes every table, archive and file name of
//! `public/`, finds the rows that speak of a test row, and asks whether they tell its answer more surely than chance
//! or a good model could. `docs/audit.md` says what is looked for, and what cannot be found.

mod answers;
mod association;
mod binary;
mod columns;
mod duplicates;
mod facts;
mod finding;
mod hashes;
mod join;
mod names;
mod nmea;
mod order;
mod outlines;
mod pictures;
mod sample;
mod series;
mod source;
mod tracks;

use std::path::Path;

use mledojo_catalog::spec::SubmissionSpec;

pub use finding::{AuditReport, Finding, Leak};

use crate::error::PrepareError;
use crate::prepared::Prepared;
use crate::progress::{Progress, ProgressUnit};
use answers::Answers;
use columns::Context;
use source::Sources;

/// Test rows that are looked at; more would only cost time.
const MOST_UNITS: usize = 5000;

/// Looks for leaks in a prepared competition. `submission` says which columns of the answers are ids and targets;
/// without it the sample submission does.
///
/// # Errors
/// The answers or the sample submission cannot be read, or a folder of `public/`. A file of `public/` that cannot be
/// read is reported as not looked into.
pub fn audit(
    prepared: &Prepared,
    submission: Option<&SubmissionSpec>,
    progress: &dyn Progress,
) -> Result<AuditReport, PrepareError> {
    let answers = Answers::read(prepared, submission)?;
    let mut report = AuditReport::default();
    sample::look(prepared, &answers, &mut report)?;
    order::look(&answers, &mut report);
    let public = prepared.public();
    let scratch =
        tempfile::tempdir().map_err(|error| PrepareError::io("create", Path::new("a temporary folder"), error))?;
    progress.begin("looking for tables", None, ProgressUnit::Files);
    let sources = Sources::collect(&public, scratch.path(), progress, &mut report)?;
    names::look(&sources, &answers, &mut report);
    let mut context = Context::new(&answers);
    context.announce(&sources.tables);
    progress.begin("looking into tables", Some(sources.tables.len() as u64), ProgressUnit::Files);
    for table in &sources.tables {
        columns::look(table, &mut context, &mut report);
        progress.advance(1);
    }
    columns::look_by_keys(&sources.tables, &context, &mut report);
    facts::look(&sources, &context, &mut report);
    tracks::look(&sources, &answers, &mut report);
    outlines::look(&sources, &answers, &mut report);
    duplicates::look(&sources, &context, &mut report);
    binary::look(&sources, &answers, &mut report);
    report.tables = sources.tables.len();
    report.settle();
    Ok(report)
}
