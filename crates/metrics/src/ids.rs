//! The ids of the answers, and finding the one that a row of a submission means.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::answers::AnswersError;
use crate::cells::Cells;
use crate::number;
use crate::offenders::excerpt;
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

/// The entry of a number that is no id.
const NO_ENTRY: u32 = u32::MAX;

impl Lookup {
    fn new(ids: &[Column<'_>], parts: &[Part], repetition: Repetition) -> Self {
        let hasher = DefaultHashBuilder::default;
        let ([id], [Part::Number | Part::Printed(ColumnType::Whole)], false) =
            (ids, parts, repetition == Repetition::Entry)
        else {
            return Self::Text(HashTable::new(), hasher());
        };
        let numbers = id.iter().map(number::plain_digits);
        let bounds = numbers.into_iter().try_fold((u64::MAX, 0), |(least, most), number| {
            number.map(|number| (least.min(number), most.max(number)))
        });
        match bounds {
            None => Self::Text(HashTable::new(), hasher()),
            Some((first, last)) if last.saturating_sub(first) / 4 <= id.iter().len() as u64 => {
                let count = last.saturating_sub(first) as usize + 1;
                Self::Dense { first, entries: vec![NO_ENTRY; count] }
            }
            Some(_) => Self::Whole(HashTable::new(), hasher()),
        }
    }

    fn find(&self, key: &str, has_key: impl Fn(u32) -> bool) -> Option<u32> {
        match self {
            Self::Text(table, hasher) => {
                let hash = hasher.hash_one(key);
                table.find(hash, |&(other, entry)| other == hash && has_key(entry)).map(|entry| entry.1)
            }
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

    fn insert(&mut self, key: &str, entry: u32) {
        match self {
            Self::Text(table, hasher) => {
                let hash = hasher.hash_one(key);
                table.insert_unique(hash, (hash, entry), |entry| entry.0);
            }
            Self::Whole(table, hasher) => {
                let number = number::plain_digits(key).unwrap_or_default();
                table.insert_unique(hasher.hash_one(number), (number, entry), |entry| hasher.hash_one(entry.0));
            }
            Self::Dense { first, entries } => {
                let place = number::plain_digits(key).unwrap_or_default().wrapping_sub(*first);
                if let Some(slot) = entries.get_mut(place as usize) {
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
        let as_written = vec![Part::Written; ids.len()];
        let parts = match matching {
            IdMatching::Printed => printed_parts(ids),
            IdMatching::Numbers => {
                let numeric = |id: &Column<'_>| id.iter().all(|id| is_numeral(id) && number::parse(id).is_ok());
                ids.iter().map(|id| if numeric(id) { Part::Number } else { Part::Written }).collect()
            }
        };
        if parts != as_written {
            // Numbers that two different texts write, or that do not fit, are matched as text.
            match Self::build(ids, answers, matching, repetition, parts) {
                Err(_) if matching == IdMatching::Numbers => {}
                built => return built,
            }
        }
        Self::build(ids, answers, matching, repetition, as_written)
    }

    fn build(
        ids: &[Column<'_>],
        answers: &Table,
        matching: IdMatching,
        repetition: Repetition,
        parts: Vec<Part>,
    ) -> Result<(Self, Vec<u32>), AnswersError> {
        let lookup = Lookup::new(ids, &parts, repetition);
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
                let id = excerpt(&joined(ids, row));
                return Err(AnswersError::DuplicateId {
                    column: ids[0].name().to_owned(),
                    line: answers.line(row),
                    id,
                });
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
            index.lookup.insert(key, entry);
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

    /// Finds the entries of the rows of a submission with these id columns.
    pub(crate) fn finder<'a>(&'a self, ids: &'a [Column<'a>]) -> Finder<'a> {
        let parts = match self.matching {
            IdMatching::Printed => printed_parts(ids),
            IdMatching::Numbers => self.parts.clone(),
        };
        Finder { index: self, ids, reader: KeyReader::new(parts, self.repetition), in_step: true }
    }
}

/// The entry of each row, row after row.
pub(crate) struct Finder<'a> {
    index: &'a IdIndex,
    ids: &'a [Column<'a>],
    reader: KeyReader,
    /// Whether the last guess was right.
    in_step: bool,
}

impl Finder<'_> {
    /// The entry that a row means, looked for at `guess` first. Rows must be asked for in order.
    pub(crate) fn find(&mut self, row: usize, guess: usize) -> Option<usize> {
        if let ([id], [Part::Number | Part::Printed(ColumnType::Whole)], Lookup::Whole(..) | Lookup::Dense { .. }) =
            (self.ids, self.reader.parts.as_slice(), &self.index.lookup)
            && let Some(number) = number::plain_digits(id.get(row))
        {
            return self.index.lookup.find_number(number).map(|entry| entry as usize);
        }
        let key = self.reader.read(self.ids, row)?;
        // Most files keep the order of the sample submission; for the others a guess costs more than it saves.
        if self.in_step && guess < self.index.len() && self.index.key(guess) == key {
            return Some(guess);
        }
        let found = self.index.entry_of(key).map(|entry| entry as usize);
        self.in_step = found == Some(guess) || row.is_multiple_of(64);
        found
    }

    /// The key of a row; `None` if it can be none.
    pub(crate) fn key(&mut self, row: usize) -> Option<&str> {
        self.reader.read(self.ids, row)
    }
}

/// Writes the keys of rows.
struct KeyReader {
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

    fn read(&mut self, ids: &[Column<'_>], row: usize) -> Option<&str> {
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

fn is_numeral(id: &str) -> bool {
    !id.trim_start_matches([' ', '\t']).starts_with(|letter: char| letter.is_ascii_alphabetic())
}
