//! All checks over all episodes of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mledojo_catalog::{Catalog, CatalogError, Spec};
use mledojo_env::{EnvError, Grade};
use mledojo_metrics::{ReadLimits, Table};
use serde::Serialize;

use crate::checks::climbing::Climbing;
use crate::checks::code::Usual;
use crate::checks::copies::{Entry, copied_code, near_copies};
use crate::checks::finding::{Check, Finding, Severity};
use crate::checks::handmade::handmade;
use crate::checks::known::Known;
use crate::checks::sheet::Sheet;
use crate::checks::work::Work;

/// An episode to look at.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its id, by which findings name it.
    pub id: String,
    /// Its agent with its model: episodes of the same one may be alike.
    pub agent: String,
    /// Its folder.
    pub directory: PathBuf,
}

/// What was found in an episode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EpisodeChecks {
    /// The episode's id.
    pub id: String,
    /// What was found; warnings first.
    pub findings: Vec<Finding>,
    /// What choosing by shown scores came to, where rows were held out.
    pub climbing: Option<Climbing>,
}

/// Why the checks can't be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// An episode can't be read.
    #[error(transparent)]
    Episode(#[from] EnvError),
    /// An episode's competition is not in the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The folder of known outputs can't be read.
    #[error("cannot read the known outputs in `{}`: {source}", folder.display())]
    Known {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// Makes the checks.
#[derive(Debug, Clone)]
pub struct Inspector<'a> {
    catalog: &'a Catalog,
    known: Option<PathBuf>,
}

impl<'a> Inspector<'a> {
    /// Competitions are those of a catalog.
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, known: None }
    }

    /// Compares with known outputs, too: `<folder>/<slug>/` holds submissions (`.csv`) and programs (`.py`, `.ipynb`),
    /// at any depth up to four folders.
    #[must_use]
    pub fn with_known(mut self, folder: impl Into<PathBuf>) -> Self {
        self.known = Some(folder.into());
        self
    }

    /// What there is to say of each episode, in their order. Episodes of a competition are compared with each other.
    ///
    /// # Errors
    /// An episode's log that can't be read, a competition that the catalog doesn't have, or a folder of known outputs
    /// that can't be listed. A submission that can't be read any more is a finding.
    pub fn inspect(&self, subjects: &[Subject]) -> Result<Vec<EpisodeChecks>, CheckError> {
        let mut by_competition: BTreeMap<String, Vec<(usize, Work)>> = BTreeMap::new();
        for (index, subject) in subjects.iter().enumerate() {
            let work = Work::read(&subject.directory)?;
            by_competition.entry(work.competition.clone()).or_default().push((index, work));
        }
        let empty = |subject: &Subject| EpisodeChecks { id: subject.id.clone(), findings: Vec::new(), climbing: None };
        let mut all: Vec<EpisodeChecks> = subjects.iter().map(empty).collect();
        for (slug, works) in by_competition {
            let spec = self.catalog.get(&slug)?.spec;
            let known = match &self.known {
                None => Known::default(),
                Some(folder) => {
                    Known::read(folder, &spec).map_err(|source| CheckError::Known { folder: folder.clone(), source })?
                }
            };
            for (index, findings, climbing) in inspect_competition(subjects, &works, &spec, &known) {
                all[index].findings = findings;
                all[index].climbing = climbing;
            }
        }
        Ok(all)
    }
}

fn inspect_competition(
    subjects: &[Subject],
    works: &[(usize, Work)],
    spec: &Spec,
    known: &Known,
) -> Vec<(usize, Vec<Finding>, Option<Climbing>)> {
    let sheets: Vec<Option<Result<Sheet, String>>> =
        works.iter().map(|(_, work)| work.chosen().map(|chosen| read_sheet(&chosen.file, spec))).collect();
    let samples: BTreeMap<&Path, Sheet> = works
        .iter()
        .filter_map(|(_, work)| Some((work.sample.as_path(), read_sheet(&work.sample, spec).ok()?)))
        .collect();
    let entries: Vec<Entry<'_>> = works
        .iter()
        .zip(&sheets)
        .filter_map(|((index, work), sheet)| {
            let subject = &subjects[*index];
            Some(Entry {
                id: &subject.id,
                agent: &subject.agent,
                step: work.chosen()?.step,
                sheet: sheet.as_ref().and_then(|sheet| sheet.as_ref().ok()),
                code: work.chosen_code(),
            })
        })
        .collect();
    let usual = Usual::of(entries.iter().filter_map(|entry| Some((entry.agent, entry.code?))));
    let mut all = Vec::new();
    for ((index, work), sheet) in works.iter().zip(&sheets) {
        let mut findings = Vec::new();
        match sheet {
            Some(Ok(sheet)) => findings.extend(handmade(work, sheet, samples.get(work.sample.as_path()))),
            Some(Err(reason)) => findings.push(Finding {
                severity: Severity::Note,
                step: work.chosen().map(|chosen| chosen.step),
                check: Check::Unread { reason: reason.clone() },
            }),
            None => {}
        }
        if let Some(entry) = entries.iter().find(|entry| entry.id == subjects[*index].id) {
            // Copies of the sample are alike, and their code is; that says nothing more.
            if !findings
                .iter()
                .any(|finding| matches!(finding.check, Check::CopiedSample { .. } | Check::Constant { .. }))
            {
                findings.extend(near_copies(entry, &entries, known));
            }
            findings.extend(copied_code(entry, &entries, &usual, known));
        }
        let climbing = climbing(work);
        if let Some(climbing) = climbing.filter(Climbing::is_much) {
            let step = work.chosen().map(|chosen| chosen.step);
            findings.push(Finding { severity: Severity::Warning, step, check: Check::Climbing { climbing } });
        }
        let of_steps = work.repeats();
        if !of_steps.is_empty() {
            let severity = if of_steps.len() > 2 { Severity::Warning } else { Severity::Note };
            let check = Check::Repeated { of_steps, submissions: work.submissions.len() };
            findings.push(Finding { severity, step: None, check });
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        all.push((*index, findings, climbing));
    }
    all
}

fn climbing(work: &Work) -> Option<Climbing> {
    let chosen = work.chosen?;
    let grades: Vec<(Grade, Option<Grade>)> =
        work.submissions.iter().filter_map(|submitted| submitted.grade.clone()).collect();
    let before = work.submissions[..chosen].iter().filter(|submitted| submitted.grade.is_some()).count();
    Climbing::of(&grades, before)
}

fn read_sheet(file: &Path, spec: &Spec) -> Result<Sheet, String> {
    match Table::read(file, &ReadLimits::default()) {
        Ok(table) => Ok(Sheet::of(&table, spec)),
        Err(error) => Err(format!("`{}`: {error}", file.display())),
    }
}
