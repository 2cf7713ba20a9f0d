//! Submissions and code that are somebody else's.

use crate::checks::code::{Code, Usual};
use crate::checks::finding::{Check, Finding, Severity, Twin};
use crate::checks::known::Known;
use crate::checks::sheet::{Likeness, Sheet};

/// What is compared of an episode: the submission that counts, and the code that wrote it.
pub(crate) struct Entry<'a> {
    pub(crate) id: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) step: u64,
    pub(crate) sheet: Option<&'a Sheet>,
    pub(crate) code: Option<&'a Code>,
}

/// Share of a program from which on it counts as another's.
const MUCH_CODE: f64 = 0.8;
const MOST_TWINS: usize = 10;

impl Entry<'_> {
    fn twin(&self, of: &Self) -> Twin {
        Twin::Episode { id: self.id.to_owned(), step: self.step, same_agent: self.agent == of.agent }
    }
}

/// The known outputs, and the other episodes' submissions, that one entry's submission is nearly. Those of other agents
/// come first.
pub(crate) fn near_copies(entry: &Entry<'_>, others: &[Entry<'_>], known: &Known) -> Vec<Finding> {
    let Some(sheet) = entry.sheet else { return Vec::new() };
    let near = |other: &Sheet| sheet.likeness(other).filter(Likeness::is_near);
    let known =
        known.sheets.iter().filter_map(|(file, other)| Some((Twin::Known { file: file.clone() }, near(other)?)));
    let episodes = others.iter().filter(|other| other.id != entry.id);
    let episodes = episodes.filter_map(|other| Some((other.twin(entry), near(other.sheet?)?)));
    let finding = |twins: Vec<(Twin, Likeness)>| {
        let twins = sorted(twins);
        let (first, Likeness { equal, distance, labels }) = twins.first()?.clone();
        let severity = match first {
            Twin::Known { .. } => Severity::Warning,
            Twin::Episode { same_agent: false, .. } if !labels => Severity::Warning,
            Twin::Episode { .. } => Severity::Note,
        };
        let of = twins.into_iter().map(|(twin, _)| twin).take(MOST_TWINS).collect();
        Some(Finding { severity, step: Some(entry.step), check: Check::NearCopy { of, equal, distance, labels } })
    };
    [finding(known.collect()), finding(episodes.collect())].into_iter().flatten().collect()
}

/// The known programs, and those of other episodes, that one entry's program is mostly made of.
pub(crate) fn copied_code(entry: &Entry<'_>, others: &[Entry<'_>], usual: &Usual, known: &Known) -> Vec<Finding> {
    let Some(code) = entry.code else { return Vec::new() };
    let much = |other: &Code| code.share_in(other, usual).filter(|share| *share >= MUCH_CODE);
    let known = known.code.iter().filter_map(|(file, other)| Some((Twin::Known { file: file.clone() }, much(other)?)));
    let episodes = others.iter().filter(|other| other.id != entry.id);
    let episodes = episodes.filter_map(|other| Some((other.twin(entry), much(other.code?)?)));
    let finding = |twins: Vec<(Twin, f64)>| {
        let twins = sorted(twins);
        let (first, share) = twins.first()?.clone();
        let same = matches!(first, Twin::Episode { same_agent: true, .. });
        let severity = if same { Severity::Note } else { Severity::Warning };
        let of = twins.into_iter().map(|(twin, _)| twin).take(MOST_TWINS).collect();
        Some(Finding { severity, step: Some(entry.step), check: Check::CopiedCode { of, share } })
    };
    [finding(known.collect()), finding(episodes.collect())].into_iter().flatten().collect()
}

/// Other agents' first, else in the order of ids.
fn sorted<T>(mut twins: Vec<(Twin, T)>) -> Vec<(Twin, T)> {
    twins.sort_by(|(one, _), (other, _)| key(one).cmp(&key(other)));
    twins
}

fn key(twin: &Twin) -> (bool, &str) {
    match twin {
        Twin::Episode { id, same_agent, .. } => (*same_agent, id),
        Twin::Known { file } => (false, file),
    }
}
