//! Matching the rows of a submission with the answers.

use crate::answers::AnswersError;
use crate::holdout::{Holdout, Part};
use crate::ids::{self, IdIndex, NO_ENTRY, Repetition};
use crate::number;
use crate::offenders::{Examples, Offenders};
use crate::rejection::Rejection;
use crate::sheet::UNSCORED;
use crate::spec::{RowMatching, SubmissionSpec};
use crate::table::{Column, Table};

/// The entries of the answers, which of them are scored, and how rows find them.
#[derive(Debug)]
pub(crate) struct Matcher {
    rows: RowMatching,
    /// Most rows of an id, where it may have several.
    most: Option<usize>,
    index: IdIndex,
    /// The slot of each entry.
    slots: Vec<u32>,
    /// Whether slots are in the order of the ids' text.
    by_text: bool,
    scored: usize,
    /// Rows of the answers.
    answers: usize,
}

/// What the ids and their order say about the rows of the answers.
pub(crate) struct Entries {
    /// The slot of each row of the answers.
    pub(crate) slots: Vec<u32>,
    /// Number of slots.
    pub(crate) scored: usize,
}

impl Matcher {
    /// `kept` tells whether a row of the answers is scored, `part` whether only some ids are; `by_text` numbers the slots
    /// in the order of the ids' text.
    pub(crate) fn new(
        rules: &SubmissionSpec,
        ids: &[Column<'_>],
        answers: &Table,
        kept: &[bool],
        part: Option<(Holdout, Part)>,
        by_text: bool,
    ) -> Result<(Self, Entries), AnswersError> {
        let repetition = match rules.rows {
            RowMatching::ById | RowMatching::Subset => Repetition::Error,
            RowMatching::Repeated | RowMatching::InOrder | RowMatching::ByPosition | RowMatching::Nearly => {
                Repetition::Entry
            }
            RowMatching::Grouped | RowMatching::GroupedLoosely => Repetition::Group,
        };
        let (index, entries) = IdIndex::new(ids, answers, rules.ids, repetition)?;
        let all = kept.iter().all(|&kept| kept);
        let mut order: Vec<u32> = if all {
            (0..index.len() as u32).collect()
        } else {
            let mut scored = vec![false; index.len()];
            for (&entry, kept) in entries.iter().zip(kept) {
                scored[entry as usize] |= kept;
            }
            (0..index.len() as u32).filter(|&entry| scored[entry as usize]).collect()
        };
        if let Some((holdout, part)) = part {
            let public = holdout.public(order.iter().map(|&entry| index.key(entry as usize)));
            let mut public = public.into_iter();
            order.retain(|_| public.next() == Some(part == Part::Public));
        }
        if by_text {
            order.sort_by_cached_key(|&entry| index.key(entry as usize));
        }
        if all && part.is_none() && !by_text {
            // The order is that of the entries, and so are the slots.
            let (slots, scored, answers) = (order, index.len(), answers.rows());
            let matcher = Self { rows: rules.rows, most: rules.most, index, slots, by_text, scored, answers };
            return Ok((matcher, Entries { slots: entries, scored }));
        }
        let mut slots = vec![UNSCORED; index.len()];
        for (slot, &entry) in order.iter().enumerate() {
            slots[entry as usize] = slot as u32;
        }
        let of_rows = entries.iter().map(|&entry| slots[entry as usize]).collect();
        let scored = order.len();
        let answers = answers.rows();
        let matcher = Self { rows: rules.rows, most: rules.most, index, slots, by_text, scored, answers };
        Ok((matcher, Entries { slots: of_rows, scored }))
    }

    /// Number of rows, or of ids, that a submission must have.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn scored(&self) -> usize {
        self.scored
    }

    /// The slot of each row of a submission.
    pub(crate) fn align(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        match self.rows {
            RowMatching::ById | RowMatching::Repeated => {
                let mut entries = self.all_by_id(ids, submission)?;
                if self.scored < self.len() || self.by_text {
                    entries.iter_mut().for_each(|entry| *entry = self.slots[*entry as usize]);
                }
                Ok(entries)
            }
            RowMatching::ByPosition => {
                self.all_by_id(ids, submission)?;
                Ok(self.slots.clone())
            }
            RowMatching::InOrder => self.in_order(ids, submission),
            RowMatching::Grouped => self.grouped(ids, submission),
            RowMatching::GroupedLoosely => self.grouped_loosely(ids, submission),
            RowMatching::Subset => self.subset(ids, submission),
            RowMatching::Nearly => self.nearly(ids, submission),
        }
    }

    /// The entry of each row: a permutation.
    fn all_by_id(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        let entries = self.index.entries(ids);
        let mut seen = vec![false; self.len()];
        let (mut duplicate, mut unknown) = (Offenders::default(), Offenders::default());
        for (row, &entry) in entries.iter().enumerate() {
            match seen.get_mut(entry as usize) {
                None => unknown.push(submission.line(row), &ids::joined(ids, row), None),
                Some(true) => duplicate.push(submission.line(row), &ids::joined(ids, row), None),
                Some(seen) => *seen = true,
            }
        }
        if unknown.count == 0 && duplicate.count == 0 && entries.len() == self.len() {
            return Ok(entries);
        }
        Err(if duplicate.count > 0 {
            Rejection::DuplicateIds { column: id_name(ids), rows: duplicate }
        } else {
            self.wrong_ids(ids, submission.rows(), unknown, &seen)
        })
    }

    /// The rejection for ids that are missing or unknown.
    fn wrong_ids(&self, ids: &[Column<'_>], found: usize, unknown: Offenders, seen: &[bool]) -> Rejection {
        let mut missing = Examples::default();
        (0..self.len()).filter(|&entry| !seen[entry]).for_each(|entry| missing.push(&self.index.written(entry)));
        let (column, expected) = (id_name(ids), self.len());
        if unknown.count == 0 {
            Rejection::MissingIds { column, expected, found, missing }
        } else if missing.count == 0 || expected == found {
            Rejection::UnknownIds { column, expected, found, rows: unknown, missing }
        } else {
            Rejection::RowCount { column, expected, found, rows: unknown, missing }
        }
    }

    fn in_order(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        let entries = self.all_by_id(ids, submission)?;
        let mut moved = Offenders::default();
        for (row, _) in entries.iter().enumerate().filter(|&(row, &entry)| row != entry as usize) {
            moved.push(submission.line(row), &ids::joined(ids, row), None);
        }
        if moved.count > 0 {
            return Err(Rejection::RowOrder { column: id_name(ids), rows: moved });
        }
        Ok(self.slots.clone())
    }

    fn grouped(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        let mut counts = vec![0_usize; self.len()];
        let (mut slots, mut unknown, mut surplus) = (Vec::new(), Offenders::default(), Offenders::default());
        for (row, entry) in self.index.entries(ids).into_iter().enumerate() {
            let Some(count) = counts.get_mut(entry as usize) else {
                unknown.push(submission.line(row), &ids::joined(ids, row), None);
                continue;
            };
            *count += 1;
            if self.most.is_some_and(|most| *count > most) {
                surplus.push(submission.line(row), &ids::joined(ids, row), None);
            }
            slots.push(self.slots[entry as usize]);
        }
        let seen: Vec<bool> = counts.iter().map(|&count| count > 0).collect();
        if unknown.count > 0 || seen.contains(&false) {
            return Err(self.wrong_ids(ids, submission.rows(), unknown, &seen));
        }
        if surplus.count > 0 {
            return Err(Rejection::TooManyRowsOfAnId { column: id_name(ids), most: self.most, rows: surplus });
        }
        Ok(slots)
    }

    fn grouped_loosely(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        if submission.rows() < self.answers {
            return Err(Rejection::TooFewRows { expected: self.answers, found: submission.rows() });
        }
        let mut unknown = std::collections::HashMap::<String, u32>::new();
        let mut keys = self.index.keys_of(ids);
        let slots = self.index.entries(ids).into_iter().enumerate().map(|(row, entry)| {
            if entry != NO_ENTRY {
                return self.slots[entry as usize];
            }
            let key = keys.read(ids, row).map_or_else(|| ids::joined(ids, row), str::to_owned);
            let next = (self.scored + unknown.len()) as u32;
            *unknown.entry(key).or_insert(next)
        });
        Ok(slots.collect())
    }

    fn subset(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        let (mut slots, mut unknown, mut duplicate) = (Vec::new(), Offenders::default(), Offenders::default());
        let mut seen = vec![false; self.len()];
        for (row, entry) in self.index.entries(ids).into_iter().enumerate() {
            match seen.get_mut(entry as usize) {
                None => unknown.push(submission.line(row), &ids::joined(ids, row), None),
                Some(true) => duplicate.push(submission.line(row), &ids::joined(ids, row), None),
                Some(seen) => {
                    *seen = true;
                    slots.push(self.slots[entry as usize]);
                }
            }
        }
        if duplicate.count > 0 {
            return Err(Rejection::DuplicateIds { column: id_name(ids), rows: duplicate });
        }
        if unknown.count > 0 || slots.is_empty() {
            return Err(self.wrong_ids(ids, submission.rows(), unknown, &seen));
        }
        Ok(slots)
    }

    fn nearly(&self, ids: &[Column<'_>], submission: &Table) -> Result<Vec<u32>, Rejection> {
        if submission.rows() != self.len() {
            return self.all_by_id(ids, submission);
        }
        let mut reader = self.index.keys_of(ids);
        let keys: Vec<String> =
            (0..submission.rows()).map(|row| reader.read(ids, row).unwrap_or_default().to_owned()).collect();
        let mut rows: Vec<usize> = (0..keys.len()).collect();
        rows.sort_by_key(|&row| &keys[row]);
        let mut entries: Vec<usize> = (0..self.len()).collect();
        entries.sort_by_cached_key(|&entry| self.index.key(entry));
        let number = |key: &str| number::parse(key.split('\u{1f}').next().unwrap_or_default()).ok();
        let mut slots = vec![UNSCORED; keys.len()];
        let mut unknown = Offenders::default();
        let mut seen = vec![false; self.len()];
        for (&row, &entry) in rows.iter().zip(&entries) {
            let close = match (number(&keys[row]), number(&self.index.key(entry))) {
                (Some(found), Some(expected)) => (found - expected).abs() <= 1e-8 + 1e-5 * expected.abs(),
                _ => false,
            };
            if close {
                (slots[row], seen[entry]) = (self.slots[entry], true);
            } else {
                unknown.push(submission.line(row), &ids::joined(ids, row), None);
            }
        }
        if unknown.count == 0 { Ok(slots) } else { Err(self.wrong_ids(ids, submission.rows(), unknown, &seen)) }
    }
}

fn id_name(ids: &[Column<'_>]) -> String {
    ids.iter().map(|id| id.name()).collect::<Vec<_>>().join(", ")
}
