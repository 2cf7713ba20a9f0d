//! A sample submission that depends on the answers.

use super::answers::{Answers, frame};
use super::association::{Bar, equal, tells};
use super::finding::{AuditReport, Finding, Leak};
use super::order;
use super::series::Series;
use crate::error::PrepareError;
use crate::prepared::Prepared;

const FILE: &str = "public/sample_submission.csv";

pub(super) fn look(prepared: &Prepared, answers: &Answers, report: &mut AuditReport) -> Result<(), PrepareError> {
    let sample = frame(&prepared.sample_submission())?;
    let view = &answers.views[0];
    let ids: Vec<_> = answers.id_columns.iter().filter_map(|column| sample.texts(column).ok()).collect();
    let units = view.units();
    let mut rows: Vec<Option<usize>> = vec![None; view.ids.len()];
    for row in 0..sample.len() {
        let id = ids.iter().map(|part| part.get(row)).collect::<Vec<_>>().join("_");
        if let Some(&unit) = units.get(&id) {
            rows[unit].get_or_insert(row);
        }
    }
    if rows.iter().all(Option::is_none) && sample.len() == view.total {
        rows = view.places.iter().map(|&place| Some(place)).collect();
    }
    order::look_at_rows(&rows, view, FILE, report);
    let mut constants = Vec::new();
    for (target, series) in &view.targets {
        let Ok(cells) = sample.texts(target) else { continue };
        let given = Series::of(rows.iter().map(|row| row.map(|row| cells.get(row))));
        if given.is_constant() {
            constants.push((target, series, given));
            continue;
        }
        let bar = Bar::among(view.targets.len());
        if let Some(evidence) = equal(&given, series, Bar::SUSPECT).or_else(|| tells(&given, series, bar)) {
            report.findings.push(Finding {
                leak: Leak::SampleSubmission,
                file: FILE.to_owned(),
                column: Some(target.clone()),
                target: target.clone(),
                evidence,
            });
        }
    }
    true_row(&constants, view.ids.len(), report);
    Ok(())
}

/// Constants that are the values of one of the answers, and no round numbers that anybody would think of.
fn true_row(constants: &[(&String, &Series, Series)], units: usize, report: &mut AuditReport) {
    let informative: Vec<_> = constants
        .iter()
        .filter(|(_, target, given)| {
            let label = given.labels.first();
            label.is_some_and(|label| significant_digits(label) >= 3) && target.distinct() * 2 > units
        })
        .collect();
    let Some((target, ..)) = informative.first() else { return };
    let matches = |unit: &usize| {
        informative.iter().all(|(_, target, given)| target.label(*unit) == given.labels.first().map(String::as_str))
    };
    // A single number of few digits may be anybody's guess; several, or many digits, are not.
    let digits: usize = informative.iter().map(|(_, _, given)| significant_digits(&given.labels[0])).sum();
    if digits >= 5 && (0..units).any(|unit| matches(&unit)) {
        report.findings.push(Finding {
            leak: Leak::SampleSubmission,
            file: FILE.to_owned(),
            column: Some((*target).clone()),
            target: (*target).clone(),
            evidence: "the same values in every row, and they are the answer of one row".to_owned(),
        });
    }
}

/// Digits of a number without the zeros around them.
fn significant_digits(label: &str) -> usize {
    if label.parse::<f64>().is_err() {
        return 0;
    }
    let mantissa = label.split(['e', 'E']).next().unwrap_or(label);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}
