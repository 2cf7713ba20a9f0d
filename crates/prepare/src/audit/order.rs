//! Whether the place or the id of a test row tells its answer.

use super::answers::{Answers, View};
use super::association::{Bar, determines, equal, improbability, monotone};
use super::finding::{AuditReport, Finding, Leak};
use super::series::{MISSING, Series};

/// The ids themselves, and the order of the answers' rows.
pub(super) fn look(answers: &Answers, report: &mut AuditReport) {
    let all = &answers.all;
    let places: Vec<Option<usize>> = (0..all.ids.len()).map(Some).collect();
    look_at_rows(&places, all, "private/test_answer.csv", report);
    let id = Series::of(all.ids.iter().map(Some));
    let parts = id_parts(&all.ids);
    let bar = Bar::among((parts.len() + 1) * all.targets.len());
    for (target, series) in &all.targets {
        let mut told = monotone(&id, series, bar).map(|evidence| format!("the id {evidence}"));
        for (name, part) in &parts {
            // Parts that rise with the target may be dates, as the target may have a trend.
            let tells = || equal(part, series, bar).or_else(|| determines(part, series, bar));
            told = told.or_else(|| Some(format!("{name} of the id {}", tells()?)));
        }
        if let Some(evidence) = told {
            report.findings.push(Finding {
                leak: Leak::Ids,
                file: "public/sample_submission.csv".to_owned(),
                column: Some(answers.id_columns.join("_")),
                target: target.clone(),
                evidence,
            });
        }
    }
}

/// The order of a table's rows: `rows` holds the row of each unit.
pub(super) fn look_at_rows(rows: &[Option<usize>], view: &View, file: &str, report: &mut AuditReport) {
    let place = Series::of_numbers(rows.iter().map(|row| row.map_or(f64::NAN, |row| row as f64)).collect());
    let bar = Bar::among(view.targets.len());
    let mut units: Vec<usize> = (0..rows.len()).filter(|&unit| rows[unit].is_some()).collect();
    units.sort_by_key(|&unit| rows[unit]);
    for (target, series) in &view.targets {
        let told = monotone(&place, series, bar)
            .map(|evidence| format!("the place {evidence}"))
            .or_else(|| runs(&units, series));
        if let Some(evidence) = told {
            report.findings.push(Finding {
                leak: Leak::Order,
                file: file.to_owned(),
                column: None,
                target: target.clone(),
                evidence,
            });
            return;
        }
    }
}

/// Rows that are followed by their like far too often.
fn runs(units: &[usize], target: &Series) -> Option<String> {
    if target.distinct() > 50 || target.distinct() * 4 > target.len() {
        return None;
    }
    let known: Vec<u32> = units.iter().map(|&unit| target.codes[unit]).filter(|&code| code != MISSING).collect();
    let pairs = known.len().checked_sub(1)?;
    let same = known.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let total: usize = target.counts.iter().sum();
    let chance: f64 = target.counts.iter().map(|&count| (count as f64 / total as f64).powi(2)).sum();
    let share = same as f64 / pairs as f64;
    let grouped = 1.0 - share <= 0.1 * (1.0 - chance);
    (grouped && improbability(pairs, share, chance) > 13.8)
        .then(|| format!("{same} of {pairs} rows have the answer of the row before; {:.1} % by chance", chance * 100.0))
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
    // The last digits of numbers tell even from odd, which many a table alternates with.
    let lengths = if ids.iter().all(|id| id.parse::<f64>().is_ok()) { 0..0 } else { 1..5 };
    for length in lengths {
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
