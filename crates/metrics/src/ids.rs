//! The ids of the answers, and finding the one that a row of a submission means.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::answers::AnswersError;
use crate::cells::Cells;
use crate::number;
use crate::offenders::excerpt;
use crate::parallel;
use crate::printed::ColumnType;
use crate::spec::IdMatching;
use crate::table::{Column, Table};

/// What an id that occurs again in the answers is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// A mistake of the competition.
    Error,
    /// Another entry: the k-th row of an id is told apart by k.
    Entry,
    /// Another row of the same entry.
    Group,
}

/// How the cells of one id column become part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Written,
    Number,
    Printed(ColumnType),
}

/// From keys to entries. Tables hold what they compare, so that a look-up misses the cache once.
#[derive(Debug)]
enum Lookup {
    /// Any keys: (hash, entry).
    Text(HashTable<(u64, u32)>, DefaultHashBuilder),
    /// Whole numbers: (number, entry).
    Whole(HashTable<(u64, u32)>, DefaultHashBuilder),
    /// Whole numbers close to each other: the entry of each from the first on.
    Dense { first: u64, entries: Vec<u32> },
}

/// The entry of a row whose id is not among the answers'.
pub(crate) const NO_ENTRY: u32 = u32::MAX;

impl Lookup {
    fn of_texts() -> Self {
        Self::Text(HashTable::new(), DefaultHashBuilder::default())
    }

    /// For these whole numbers, which are still to be inserted.
    fn of_numbers(numbers: &[u64]) -> Self {
        let bounds = numbers.iter().fold((u64::MAX, 0), |(least, most), &number| (number.min(least), number.max(most)));
        match bounds.1.saturating_sub(bounds.0) {
            span if span / 4 <= numbers.len() as u64 => {
                Self::Dense { first: bounds.0, entries: vec![NO_ENTRY; span as usize + 1] }
            }
            _ => Self::Whole(HashTable::new(), DefaultHashBuilder::default()),
        }
    }

    fn find(&self, key: &str, has_key: impl Fn(u32) -> bool) -> Option<u32> {
        match self {
            Self::Text(table, hasher) => {
                let hash = hasher.hash_one(key);
                table.find(hash, |&(other, entry)| other == hash && has_key(entry)).map(|entry| entry.1)
            }
            // A key is a number as the answers' keys write it, so `007` is none.
            Self::Whole(..) | Self::Dense { .. } if has_leading_zero(key) => None,
            Self::Whole(..) | Self::Dense { .. } => self.find_number(number::plain_digits(key)?),
        }
    }

    /// The entry of a whole number, where keys are such.
    fn find_number(&self, number: u64) -> Option<u32> {
        match self {
            Self::Text(..) => None,
            Self::Whole(table, hasher) => {
                table.find(hasher.hash_one(number), |entry| entry.0 == number).map(|entry| entry.1)
            }
            Self::Dense { first, entries } => {
                let place = usize::try_from(number.checked_sub(*first)?).ok()?;
                entries.get(place).copied().filter(|&entry| entry != NO_ENTRY)
            }
        }
    }

    fn insert_text(&mut self, key: &str, entry: u32) {
        if let Self::Text(table, hasher) = self {
            let hash = hasher.hash_one(key);
            table.insert_unique(hash, (hash, entry), |entry| entry.0);
        }
    }

    fn insert_number(&mut self, number: u64, entry: u32) {
        match self {
            Self::Text(..) => {}
            Self::Whole(table, hasher) => {
                table.insert_unique(hasher.hash_one(number), (number, entry), |entry| hasher.hash_one(entry.0));
            }
            Self::Dense { first, entries } => {
                if let Some(slot) = entries.get_mut(number.wrapping_sub(*first) as usize) {
                    *slot = entry;
                }
            }
        }
    }
}

/// The entries of the answers by id.
///
/// An entry is a row, or with [`Repetition::Group`] all rows of an id. Keys are texts; the parts of a composite id are
/// joined by a character that no CSV file needs.
#[derive(Debug)]
pub(crate) struct IdIndex {
    matching: IdMatching,
    repetition: Repetition,
    parts: Vec<Part>,
    /// Ids as written, for messages.
    written: Cells,
    /// Keys, where they are not what is written.
    keys: Option<Cells>,
    lookup: Lookup,
}

impl IdIndex {
    /// The index, and the entry of each row of the answers.
    pub(crate) fn new(
        ids: &[Column<'_>],
        answers: &Table,
        matching: IdMatching,
        repetition: Repetition,
    ) -> Result<(Self, Vec<u32>), AnswersError> {
        if let ([id], false) = (ids, repetition == Repetition::Entry)
            && let Some(numbers) = whole_numbers(*id)
        {
            match Self::of_numbers(*id, &numbers, answers, matching, repetition) {
                Err(_) if matching == IdMatching::Numbers => {}
                built => return built,
            }
        }
        let as_written = vec![Part::Written; ids.len()];
        let parts = match matching {
            IdMatching::Printed => printed_parts(ids),
            IdMatching::Numbers => {
                let numeric = |id: &Column<'_>| id.iter().all(|id| is_numeral(id) && number::parse(id).is_ok());
                ids.iter().map(|id| if numeric(id) { Part::Number } else { Part::Written }).collect()
            }
        };
        if parts != as_written {
            // Numbers that two different texts write are matched as text.
            match Self::of_texts(ids, answers, matching, repetition, parts) {
                Err(_) if matching == IdMatching::Numbers => {}
                built => return built,
            }
        }
        Self::of_texts(ids, answers, matching, repetition, as_written)
    }

    /// The index of ids that are whole numbers without signs.
    fn of_numbers(
        id: Column<'_>,
        numbers: &[u64],
        answers: &Table,
        matching: IdMatching,
        repetition: Repetition,
    ) -> Result<(Self, Vec<u32>), AnswersError> {
        let mut lookup = Lookup::of_numbers(numbers);
        let (mut written, mut rows) = (Cells::with_capacity(numbers.len()), Vec::with_capacity(numbers.len()));
        let mut keys = id.iter().any(has_leading_zero).then(Cells::default);
        for (row, (text, &number)) in id.iter().zip(numbers).enumerate() {
            let entry = match lookup.find_number(number) {
                Some(entry) if repetition == Repetition::Group => entry,
                Some(_) => return Err(repeated(&[id], answers, row)),
                None => {
                    let entry = written.len() as u32;
                    lookup.insert_number(number, entry);
                    written.push(text);
                    if let Some(keys) = &mut keys {
                        keys.push(&number.to_string());
                    }
                    entry
                }
            };
            rows.push(entry);
        }
        Ok((Self { matching, repetition, parts: vec![Part::Number], written, keys, lookup }, rows))
    }

    fn of_texts(
        ids: &[Column<'_>],
        answers: &Table,
        matching: IdMatching,
        repetition: Repetition,
        parts: Vec<Part>,
    ) -> Result<(Self, Vec<u32>), AnswersError> {
        let lookup = Lookup::of_texts();
        let mut index = Self { matching, repetition, parts, written: Cells::default(), keys: None, lookup };
        let mut reader = KeyReader::new(index.parts.clone(), repetition);
        let mut rows = Vec::with_capacity(answers.rows());
        let mut bytes = 0;
        for row in 0..answers.rows() {
            let key = reader.read(ids, row).unwrap_or_default();
            bytes += key.len();
            let known = index.entry_of(key);
            if let Some(entry) = known
                && repetition == Repetition::Group
            {
                rows.push(entry);
                continue;
            }
            if known.is_some() || u32::try_from(bytes).is_err() {
                return Err(repeated(ids, answers, row));
            }
            let entry = index.written.len() as u32;
            match ids {
                [id] => index.written.push(id.get(row)),
                _ => index.written.push(&joined(ids, row)),
            }
            if let Some(keys) = &mut index.keys {
                keys.push(key);
            } else if index.written.get(entry as usize) != key {
                // The first key that is not what is written: so far they were the same.
                let mut keys = Cells::default();
                (0..entry as usize).for_each(|entry| keys.push(index.written.get(entry)));
                keys.push(key);
                index.keys = Some(keys);
            }
            index.lookup.insert_text(key, entry);
            rows.push(entry);
        }
        Ok((index, rows))
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        self.written.len()
    }

    /// The id of an entry as the answers write it.
    pub(crate) fn written(&self, entry: usize) -> &str {
        self.written.get(entry)
    }

    /// The key of an entry: as written, as a canonical number, or as printed.
    pub(crate) fn key(&self, entry: usize) -> &str {
        self.keys.as_ref().unwrap_or(&self.written).get(entry)
    }

    fn entry_of(&self, key: &str) -> Option<u32> {
        self.lookup.find(key, |entry| self.key(entry as usize) == key)
    }

    /// The entry of each row of a submission with these id columns; [`NO_ENTRY`] where it has none.
    pub(crate) fn entries(&self, ids: &[Column<'_>]) -> Vec<u32> {
        if let ([id], Lookup::Whole(..) | Lookup::Dense { .. }) = (ids, &self.lookup)
            && let Some(entries) = of_whole_numbers(*id, |number| self.lookup.find_number(number).unwrap_or(NO_ENTRY))
        {
            return entries;
        }
        let mut keys = self.keys_of(ids);
        let rows = ids.first().map_or(0, |id| id.iter().len());
        let mut entries: Vec<u32> = Vec::with_capacity(rows);
        let (mut last, mut in_step) = (None, true);
        for row in 0..rows {
            let Some(key) = keys.read(ids, row) else {
                entries.push(NO_ENTRY);
                continue;
            };
            // Most files keep the order of the sample submission; for the others a guess costs more than it saves.
            let guess = match (self.repetition, last) {
                (_, None) => 0,
                (Repetition::Group, Some(last)) => last,
                (_, Some(last)) => last + 1,
            };
            let guessed = in_step && (guess as usize) < self.len() && self.key(guess as usize) == key;
            let found = if guessed { Some(guess) } else { self.entry_of(key) };
            in_step = found == Some(guess) || row.is_multiple_of(64);
            last = found.or(last);
            entries.push(found.unwrap_or(NO_ENTRY));
        }
        entries
    }

    /// The keys of the rows of a submission, to be read in order.
    pub(crate) fn keys_of(&self, ids: &[Column<'_>]) -> KeyReader {
        let parts = match self.matching {
            IdMatching::Printed => printed_parts(ids),
            IdMatching::Numbers => self.parts.clone(),
        };
        KeyReader::new(parts, self.repetition)
    }
}

/// Writes the keys of rows.
pub(crate) struct KeyReader {
    parts: Vec<Part>,
    /// How often each id has occurred, where rows of one id are told apart.
    seen: Option<std::collections::HashMap<String, u32>>,
    key: String,
    scratch: String,
}

impl KeyReader {
    fn new(parts: Vec<Part>, repetition: Repetition) -> Self {
        let seen = (repetition == Repetition::Entry).then(std::collections::HashMap::new);
        Self { parts, seen, key: String::new(), scratch: String::new() }
    }

    /// The key of a row; `None` if it can be none. Rows must be asked for in order.
    pub(crate) fn read(&mut self, ids: &[Column<'_>], row: usize) -> Option<&str> {
        self.key.clear();
        for (place, (id, part)) in ids.iter().zip(&self.parts).enumerate() {
            let id = id.get(row);
            if place > 0 {
                self.key.push('\u{1f}');
            }
            match part {
                Part::Written => self.key.push_str(id),
                Part::Printed(kind) => {
                    kind.print(id, &mut self.scratch);
                    self.key.push_str(&self.scratch);
                }
                // A word such as `True` is a number in a prediction, but not in an id.
                Part::Number if !is_numeral(id) || number::write_canonical(id, &mut self.scratch).is_err() => {
                    return None;
                }
                Part::Number => self.key.push_str(&self.scratch),
            }
        }
        if let Some(seen) = &mut self.seen {
            let count = seen.entry(self.key.clone()).or_insert(0);
            *count += 1;
            self.key.push('\u{1f}');
            self.key.push_str(&count.to_string());
        }
        Some(&self.key)
    }
}

fn printed_parts(ids: &[Column<'_>]) -> Vec<Part> {
    ids.iter().map(|id| Part::Printed(ColumnType::of(id.iter()))).collect()
}

/// The parts of an id for people.
pub(crate) fn joined(ids: &[Column<'_>], row: usize) -> String {
    ids.iter().map(|id| id.get(row)).collect::<Vec<_>>().join(", ")
}

/// The numbers of a column of digits alone.
fn whole_numbers(id: Column<'_>) -> Option<Vec<u64>> {
    of_whole_numbers(id, |number| number)
}

/// What is made of the numbers of a column of digits alone.
fn of_whole_numbers<T: Send>(id: Column<'_>, make: impl Fn(u64) -> T + Sync) -> Option<Vec<T>> {
    parallel::collect_rows(id.iter().len(), |rows| {
        // Room for all at once: collecting options would not know how many there are.
        let mut made = Vec::with_capacity(rows.len());
        for row in rows {
            made.push(make(number::plain_digits(id.get(row))?));
        }
        Some(made)
    })
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// The error of an id that occurs again.
fn repeated(ids: &[Column<'_>], answers: &Table, row: usize) -> AnswersError {
    let (column, line) = (ids[0].name().to_owned(), answers.line(row));
    AnswersError::DuplicateId { column, line, id: excerpt(&joined(ids, row)) }
}

fn is_numeral(id: &str) -> bool {
    !id.trim_start_matches([' ', '\t']).starts_with(|letter: char| letter.is_ascii_alphabetic())
}
