//! Whether the place or the id of a test row tells its answer.

use super::answers::Answers;
use super::association::{Prior, determines, improbability, monotone, tells};
use super::finding::{AuditReport, Finding, Leak};
use super::series::{MISSING, Series};

const FILE: &str = "public/sample_submission.csv";

pub(super) fn look(answers: &Answers, report: &mut AuditReport) {
    let all = &answers.all;
    let place = Series::of_numbers((0..all.ids.len()).map(|place| place as f64).collect());
    let id = Series::of(all.ids.iter().map(Some));
    let parts = id_parts(&all.ids);
    for (target, series) in &all.targets {
        let mut found = |leak, column: Option<&str>, evidence| {
            report.findings.push(Finding {
                leak,
                file: FILE.to_owned(),
                column: column.map(str::to_owned),
                target: target.clone(),
                evidence,
            });
        };
        if let Some(evidence) = monotone(&place, series) {
            found(Leak::Order, None, format!("the place {evidence}"));
        } else if let Some(evidence) = runs(series) {
            found(Leak::Order, None, evidence);
        } else if let Some((modulus, evidence)) = periodic(&place, series) {
            found(Leak::Order, None, format!("the place modulo {modulus} {evidence}"));
        }
        if let Some(evidence) = monotone(&id, series) {
            found(Leak::Ids, Some("id"), format!("the id {evidence}"));
        } else if let Some((modulus, evidence)) = periodic(&id, series) {
            found(Leak::Ids, Some("id"), format!("the id modulo {modulus} {evidence}"));
        }
        for (name, part) in &parts {
            if let Some(evidence) = tells(part, series, Prior::None) {
                found(Leak::Ids, Some("id"), format!("{name} of the id {evidence}"));
                break;
            }
        }
    }
}

/// Rows that are followed by their like far too often.
fn runs(target: &Series) -> Option<String> {
    if target.distinct() > 50 || target.distinct() * 4 > target.len() {
        return None;
    }
    let known: Vec<u32> = target.codes.iter().copied().filter(|&code| code != MISSING).collect();
    let pairs = known.len().checked_sub(1)?;
    let same = known.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let total: usize = target.counts.iter().sum();
    let chance: f64 = target.counts.iter().map(|&count| (count as f64 / total as f64).powi(2)).sum();
    let share = same as f64 / pairs as f64;
    let grouped = 1.0 - share <= 0.1 * (1.0 - chance);
    (grouped && improbability(pairs, share, chance) > 13.8)
        .then(|| format!("{same} of {pairs} rows have the answer of the row before; {:.1} % by chance", chance * 100.0))
}

/// A number whose remainder tells the class.
fn periodic(number: &Series, target: &Series) -> Option<(u32, String)> {
    let numbers = number.numbers.as_ref()?;
    if target.distinct() > 50 {
        return None;
    }
    (2..=24).find_map(|modulus| {
        let rest = |number: &f64| (!number.is_nan()).then(|| number.rem_euclid(f64::from(modulus)).to_string());
        let rests = Series::of(numbers.iter().map(rest));
        determines(&rests, target).map(|evidence| (modulus, evidence))
    })
}

/// The parts of ids between signs, where all ids have as many.
fn id_parts(ids: &[String]) -> Vec<(String, Series)> {
    let split: Vec<Vec<&str>> = ids
        .iter()
        .map(|id| id.split(|sign: char| !sign.is_alphanumeric()).filter(|part| !part.is_empty()).collect())
        .collect();
    let parts = split.first().map_or(0, Vec::len);
    if split.iter().any(|id| id.len() != parts) {
        return Vec::new();
    }
    let mut series: Vec<(String, Series)> = (0..parts)
        .filter(|_| parts > 1)
        .map(|part| (format!("part {}", part + 1), Series::of(split.iter().map(|id| Some(id[part])))))
        .collect();
    for length in 1..=4 {
        let ends = |id: &String, last: bool| {
            let letters: Vec<char> = id.chars().collect();
            (letters.len() > length).then(|| {
                let range = if last { letters.len() - length..letters.len() } else { 0..length };
                // As a text: the first letters of numbers are no number.
                format!("`{}`", letters[range].iter().collect::<String>())
            })
        };
        series.push((format!("the first {length} letters"), Series::of(ids.iter().map(|id| ends(id, false)))));
        series.push((format!("the last {length} letters"), Series::of(ids.iter().map(|id| ends(id, true)))));
    }
    series.retain(|(_, series)| !series.is_constant());
    series
}
