//! Submissions that no model made.

use crate::checks::finding::{Check, Finding, Severity};
use crate::checks::sheet::Sheet;
use crate::checks::work::Work;

/// Values in a row below which they may be anything.
const FEWEST_LITERALS: usize = 20;

/// What speaks for a submission written by hand, copied from the sample, or constant.
pub(crate) fn handmade(work: &Work, sheet: &Sheet, sample: Option<&Sheet>) -> Vec<Finding> {
    let Some(chosen) = work.chosen() else { return Vec::new() };
    let mut findings = Vec::new();
    let mut found = |severity, check| findings.push(Finding { severity, step: Some(chosen.step), check });
    let likeness = sample.and_then(|sample| sheet.likeness(sample));
    let is_sample = likeness.is_some_and(|likeness| likeness.equal >= 0.995);
    if let Some(likeness) = likeness.filter(|_| is_sample) {
        found(Severity::Warning, Check::CopiedSample { equal: likeness.equal });
    }
    if sheet.is_constant() {
        found(Severity::Warning, Check::Constant { rows: sheet.rows });
    }
    let before = work.code.iter().filter(|(step, _)| *step <= chosen.step).map(|(_, code)| code);
    let models = before.clone().any(|code| code.models);
    let literals = before.map(|code| code.literals).max().unwrap_or(0);
    let written = literals >= FEWEST_LITERALS.max(sheet.rows / 2);
    if written {
        // Beside a model, a long list may be names of columns or parameters.
        let severity = if models { Severity::Note } else { Severity::Warning };
        found(severity, Check::HandWritten { literals, rows: sheet.rows });
    }
    if !models && !work.code.is_empty() {
        found(Severity::Note, Check::NoModel);
    }
    findings
}
