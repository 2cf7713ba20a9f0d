//! The ids of the answers, and finding the one that a row of a submission means.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::answers::AnswersError;
use crate::cells::Cells;
use crate::id_list::{IdList, has_leading_zero};
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
    #[inline]
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

    /// Gives a number an entry, if it has none yet; otherwise the one that it has.
    fn insert_number(&mut self, number: u64, entry: u32) -> Result<(), u32> {
        match self {
            Self::Text(..) => Ok(()),
            Self::Whole(table, hasher) => {
                let hash = |number| hasher.hash_one(number);
                match table.entry(hash(number), |other| other.0 == number, |other| hash(other.0)) {
                    Entry::Occupied(other) => Err(other.get().1),
                    Entry::Vacant(place) => {
                        place.insert((number, entry));
                        Ok(())
                    }
                }
            }
            Self::Dense { first, entries } => match entries.get_mut(number.wrapping_sub(*first) as usize) {
                Some(place) if *place == NO_ENTRY => {
                    *place = entry;
                    Ok(())
                }
                Some(place) => Err(*place),
                None => Ok(()),
            },
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
    written: IdList,
    /// Keys, where they are not what is written.
    keys: Option<IdList>,
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
            match Self::of_numbers(*id, numbers, answers, matching, repetition) {
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

    /// The index of ids that are whole numbers without signs, in some texts with leading zeros if they are `padded`.
    fn of_numbers(
        id: Column<'_>,
        WholeNumbers { numbers, padded }: WholeNumbers,
        answers: &Table,
        matching: IdMatching,
        repetition: Repetition,
    ) -> Result<(Self, Vec<u32>), AnswersError> {
        let mut lookup = Lookup::of_numbers(&numbers);
        let (mut rows, mut firsts) = (Vec::with_capacity(numbers.len()), Vec::new());
        let mut written = padded.then(Cells::default);
        let mut count = 0;
        for (row, &number) in numbers.iter().enumerate() {
            match lookup.insert_number(number, count) {
                Ok(()) => {}
                Err(entry) if repetition == Repetition::Group => {
                    rows.push(entry);
                    continue;
                }
                Err(_) => return Err(repeated(&[id], answers, row)),
            }
            if repetition == Repetition::Group {
                firsts.push(number);
            }
            if let Some(written) = &mut written {
                written.push(id.get(row));
            }
            rows.push(count);
            count += 1;
        }
        let keys = IdList::Numbers(if repetition == Repetition::Group { firsts } else { numbers });
        let (written, keys) = match written {
            Some(written) => (IdList::Texts(written), Some(keys)),
            None => (keys, None),
        };
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
        let mut index = Self { matching, repetition, parts, written: IdList::default(), keys: None, lookup };
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
            } else if !index.written.is(entry as usize, key) {
                // The first key that is not what is written: so far they were the same.
                let mut keys = IdList::default();
                (0..entry as usize).for_each(|entry| keys.push(&index.written.get(entry)));
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
    pub(crate) fn written(&self, entry: usize) -> Cow<'_, str> {
        self.written.get(entry)
    }

    /// The key of an entry: as written, as a canonical number, or as printed.
    pub(crate) fn key(&self, entry: usize) -> Cow<'_, str> {
        self.keys().get(entry)
    }

    fn keys(&self) -> &IdList {
        self.keys.as_ref().unwrap_or(&self.written)
    }

    fn entry_of(&self, key: &str) -> Option<u32> {
        self.lookup.find(key, |entry| self.keys().is(entry as usize, key))
    }

    /// The entry of each row of a submission with these id columns; [`NO_ENTRY`] where it has none.
    pub(crate) fn entries(&self, ids: &[Column<'_>]) -> Vec<u32> {
        if let ([id], Lookup::Whole(..) | Lookup::Dense { .. }) = (ids, &self.lookup)
            && let Some(numbers) = parallel::collect_rows(id.iter().len(), |row| number::plain_digits(id.get(row)))
        {
            // In a pass of its own, as nothing else may keep the processor from waiting for many places at once.
            let find = |row: usize| Some(self.lookup.find_number(numbers[row]).unwrap_or(NO_ENTRY));
            if let Some(entries) = parallel::collect_rows(numbers.len(), find) {
                return entries;
            }
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
            let guessed = in_step && (guess as usize) < self.len() && self.keys().is(guess as usize, key);
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
struct WholeNumbers {
    numbers: Vec<u64>,
    /// Whether some have leading zeros.
    padded: bool,
}

fn whole_numbers(id: Column<'_>) -> Option<WholeNumbers> {
    let padded = AtomicBool::new(false);
    let numbers = parallel::collect_rows(id.iter().len(), |row| {
        let text = id.get(row);
        if has_leading_zero(text) {
            padded.store(true, Ordering::Relaxed);
        }
        number::plain_digits(text)
    })?;
    Some(WholeNumbers { numbers, padded: padded.into_inner() })
}

/// The error of an id that occurs again.
fn repeated(ids: &[Column<'_>], answers: &Table, row: usize) -> AnswersError {
    let (column, line) = (ids[0].name().to_owned(), answers.line(row));
    AnswersError::DuplicateId { column, line, id: excerpt(&joined(ids, row)) }
}

fn is_numeral(id: &str) -> bool {
    !id.trim_start_matches([' ', '\t']).starts_with(|letter: char| letter.is_ascii_alphabetic())
}
